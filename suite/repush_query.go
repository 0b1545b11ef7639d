package suite

import (
	"context"
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
		looked := 0
		for e, err := range events.Scan(r, q.from(), nil, false) {
			if err != nil {
				return err
			}
			if looked++; looked > previewLooks {
				p.Capped = true
				break
			}
			wanted, err := k.wants(r, q, e.Value)
			if err != nil {
				return err
			}
			if wanted {
				p.count(e.Value, corps)
			}
		}
		p.Corps = len(corps)
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
	return err == nil && work.Failure != nil && work.Failure.Final, err
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
