package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
)

// ledger is what DingTalk knows, held against the store of a victim that does
// not run. It reads the store with code of its own.
type ledger struct {
	acknowledged int // pushes that were answered with success
	events       int // that are stored
	corps        int
	renewed      int // corps that were given more than one code, since a crash burnt one
	lost         []string
}

func (l *ledger) String() string {
	return fmt.Sprintf("of %d acknowledged pushes and of the permanent codes of %d corps %d lost; %d codes were burnt between answer and commit, and cured",
		l.acknowledged, l.corps, len(l.lost), l.renewed)
}

func (l *ledger) lose(format string, args ...any) {
	l.lost = append(l.lost, fmt.Sprintf(format, args...))
}

// audit checks that nothing is lost: every push that was acknowledged is
// stored, once, and so is every permanent code that DingTalk was told of
// (a receiver that has not stored it yet does not use it). A store that cannot
// be read has lost everything.
func (v *victim) audit() *ledger {
	v.Helper()
	l := &ledger{}
	kept, err := readKept(context.Background(), v.data)
	if err != nil {
		l.lose("the store cannot be read: %v", err)
		return l
	}
	l.events = len(kept.events)
	for _, p := range v.dingTalk.Pushes() {
		if !p.OK {
			continue
		}
		l.acknowledged++
		if n := kept.events[string(p.Message)]; n != 1 {
			l.lose("an acknowledged %s is stored %d times, want once: %s", p.Event, n, p.Message)
		}
	}
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps {
		l.corps++
		if len(c.Codes) > 1 {
			l.renewed++
		}
		if got := kept.auths[c.ID].Code; !c.ActivatedAt.IsZero() && got != c.PermanentCode {
			l.lose("the permanent code of %s is stored as %q, want %q", c.ID, got, c.PermanentCode)
		}
	}
	return l
}

// wantNothingLost audits the victim.
func (v *victim) wantNothingLost() *ledger {
	v.Helper()
	l := v.audit()
	for i, what := range l.lost {
		if i == 20 {
			v.Errorf("and %d more", len(l.lost)-i)
			break
		}
		v.Error(what)
	}
	if len(l.lost) > 0 {
		v.FailNow() // the rest would say the same again and again
	}
	return l
}

// wantAllActive wants every corp active with its permanent code.
func (v *victim) wantAllActive() {
	v.Helper()
	kept, err := readKept(context.Background(), v.data)
	must(v, err)
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps {
		if got, want := kept.auths[c.ID], (keptAuth{c.ID, c.PermanentCode, "active"}); got != want {
			v.Errorf("%s is stored as %+v, want %+v", c.ID, got, want)
		}
	}
}

// kept is what a data folder holds.
type kept struct {
	events map[string]int // how often, by payload
	auths  map[string]keptAuth
}

type keptAuth struct {
	Corp   string
	Code   string `json:"permanent_code"`
	Status string
}

func readKept(ctx context.Context, folder string) (kept, error) {
	k := kept{map[string]int{}, map[string]keptAuth{}}
	return k, withStore(ctx, folder, func(r store.Reader) error {
		for e, err := range store.NewCollection[[]byte]("event", rawCodec{}).Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			k.events[payloadOf(e.Value)]++
		}
		for e, err := range store.NewCollection("auth", store.JSON[keptAuth]()).Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			k.auths[e.Value.Corp] = e.Value
		}
		return nil
	})
}

// withStore calls fn with what is in a data folder without a master key.
func withStore(ctx context.Context, folder string, fn func(store.Reader) error) (err error) {
	disk, err := boltstore.Open(ctx, boltstore.Options{Path: filepath.Join(folder, "suitekeeper.db")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	engine, err := sealed.Open(ctx, disk, sealed.KeyOptions{Path: filepath.Join(folder, "suitekeeper.key")})
	if err != nil {
		return err
	}
	return engine.View(ctx, fn)
}

// payloadOf finds the payload of a stored event, which stands last.
func payloadOf(stored []byte) string {
	for i, b := range stored {
		if b == '{' && json.Valid(stored[i:]) {
			return string(stored[i:])
		}
	}
	return ""
}

// rawCodec leaves stored values as they are.
type rawCodec struct{}

func (rawCodec) Encode(v []byte) ([]byte, error)    { return v, nil }
func (rawCodec) Decode(data []byte) ([]byte, error) { return bytes.Clone(data), nil }
