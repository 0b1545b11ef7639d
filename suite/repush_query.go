package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"suitekeeper/store"
)

// maxPreviewed bounds what a preview looks at, as maxLooked does for a list. It
// is less, because a preview reads each event that it counts.
const maxPreviewed = maxLooked / 2

// costOfSearch is what beginning a search costs beside what it finds, of which
// there is one for each authorisation that failed.
const costOfSearch = 4 * costOfEvent

// errEnough ends a preview that has looked at as much as it may.
var errEnough = errors.New("looked at enough")

// PreviewReplay tells what a replay of the query would look at now. The error
// wraps ErrUnknownSuite.
func (k *Keeper) PreviewReplay(ctx context.Context, q ReplayQuery) (ReplayPreview, error) {
	if err := k.known(q.Suite); err != nil {
		return ReplayPreview{}, fmt.Errorf("look for events to process again: %w", err)
	}
	p := ReplayPreview{Types: map[string]int{}}
	corps := map[workRef]struct{}{}
	left := maxPreviewed
	err := k.searches(ctx, q, func(s replaySearch) error {
		return k.store.View(ctx, func(r store.Reader) error {
			left -= costOfSearch
			for at := (looked{next: s.from, more: true}); at.more; {
				if left <= 0 {
					p.Capped = true
					return errEnough
				}
				var err error
				s.from = at.next
				if at, err = k.lookFor(r, q, s, left, func(e eventRecord) { p.count(e, corps) }); err != nil {
					return err
				}
				left -= at.cost
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return ReplayPreview{}, fmt.Errorf("look for events to process again: %w", err)
	}
	p.Corps = len(corps)
	return p, nil
}

func (p *ReplayPreview) count(e eventRecord, corps map[workRef]struct{}) {
	p.Events++
	p.Types[e.Type]++
	if p.Oldest.IsZero() || e.ReceivedAt.Before(p.Oldest) {
		p.Oldest = e.ReceivedAt
	}
	if e.Corp != "" {
		corps[workRef{Suite: e.Suite, ID: string(e.Corp)}] = struct{}{}
	}
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
