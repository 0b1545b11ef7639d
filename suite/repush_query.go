package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"suitekeeper/store"
)

// previewLooks is how many stored events a preview looks at: few enough to be
// answered at once.
const previewLooks = 20_000

// checkReplay refuses a query that can find nothing.
func (k *Keeper) checkReplay(q ReplayQuery) error {
	if _, ok := k.suites[q.Suite]; !ok && q.Suite != "" {
		return fmt.Errorf("%w: suite %s is not configured", ErrBadQuery, q.Suite)
	}
	return nil
}

// PreviewReplay tells what a replay of the query would look at now. The error
// wraps ErrBadQuery.
func (k *Keeper) PreviewReplay(ctx context.Context, q ReplayQuery) (ReplayPreview, error) {
	if err := k.checkReplay(q); err != nil {
		return ReplayPreview{}, err
	}
	var p ReplayPreview
	err := k.store.View(ctx, func(r store.Reader) error {
		p = ReplayPreview{Types: map[string]int{}}
		corps := map[workRef]struct{}{}
		at := looked{next: q.from(), left: previewLooks, more: true}
		for at.more && at.left > 0 {
			var err error
			if at, err = k.lookFor(r, q, at.next, nil, at.left, func(e eventRecord) { p.count(e, corps) }); err != nil {
				return err
			}
		}
		p.Corps, p.Capped = len(corps), at.more
		return nil
	})
	if err != nil {
		return ReplayPreview{}, fmt.Errorf("look for events to process again: %w", err)
	}
	return p, nil
}

func (p *ReplayPreview) count(e eventRecord, corps map[workRef]struct{}) {
	p.Events++
	p.Types[e.Type]++
	if p.Oldest.IsZero() {
		p.Oldest = e.ReceivedAt
	}
	if e.Corp != "" {
		corps[workRef{Suite: e.Suite, ID: string(e.Corp)}] = struct{}{}
	}
}

// from is the key of the first event that the query may be about.
func (q ReplayQuery) from() []byte {
	if q.Since.IsZero() {
		return nil
	}
	id := firstIDAt(q.Since) // an id is made after the reception
	return id[:]
}

// looked is how far a look for events came.
type looked struct {
	next   []byte // where the next look begins
	left   int    // how many more events may be looked at
	more   bool   // there is something to look at
	broken error  // of the event before next, which cannot be read
}

// lookFor calls each for the events from <= id < until that a query is about,
// the oldest first. It looks at so many events, or to one that cannot be read.
func (k *Keeper) lookFor(r store.Reader, q ReplayQuery, from, until []byte, looks int, each func(eventRecord)) (looked, error) {
	for e, err := range events.Scan(r, from, until, false) {
		switch {
		case err != nil && len(e.Key) == 0:
			return looked{}, err
		case err != nil:
			return looked{next: successor(e.Key), left: looks, more: true, broken: err}, nil
		case looks == 0:
			return looked{next: e.Key, more: true}, nil
		}
		looks--
		wanted, err := k.wants(r, q, e.Value)
		if err != nil {
			return looked{}, err
		}
		if wanted {
			each(e.Value)
		}
	}
	return looked{}, nil
}

// wants tells whether a query is about an event. Events of suites that are not
// configured are left alone.
func (k *Keeper) wants(r store.Getter, q ReplayQuery, e eventRecord) (bool, error) {
	if _, ok := k.suites[e.Suite]; !ok || !q.matches(e) {
		return false, nil
	}
	if !q.Failed || e.Outcome == OutcomeQuarantined {
		return true, nil
	}
	work, err := workOf(r, e)
	if err != nil || work.empty() || e.Corp == "" {
		return work.Failure != nil && work.Failure.Final, err
	}
	auth, err := auths.Get(r, corpID(e.Suite, e.Corp))
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return auth.Status == StatusFailed, err
}

func (q ReplayQuery) matches(e eventRecord) bool {
	return (q.Suite == "" || q.Suite == e.Suite) && (q.Type == "" || q.Type == e.Type) &&
		(q.Corp == "" || q.Corp == e.Corp) && !e.ReceivedAt.Before(q.Since)
}

// String says what the query is about, for the audit log.
func (q ReplayQuery) String() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("suite", string(q.Suite))
	add("type", q.Type)
	add("corp", string(q.Corp))
	if !q.Since.IsZero() {
		add("since", q.Since.UTC().Format(time.RFC3339))
	}
	if q.Failed {
		parts = append(parts, "failed only")
	}
	if len(parts) == 0 {
		return "all events"
	}
	return strings.Join(parts, ", ")
}
