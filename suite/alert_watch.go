package suite

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"
)

// AlertKind is what the alerts of several corps have in common: one cure.
type AlertKind struct {
	Code  AlertCode
	Suite SuiteKey
}

// Kind tells which alerts this one is alike to.
func (a Alert) Kind() AlertKind { return AlertKind{a.Code, a.Suite} }

// AlertNews tells that alerts of a kind came, or that none is left.
type AlertNews struct {
	Gone   bool
	Alert  Alert         // the first of them; when gone, as it was seen last
	Count  int           // how many of the kind were in the report, which names a bounded number of corps
	Failed int           // authorisations of the suite that failed, for whatever reason
	Lasted time.Duration // when gone: from when it came to when it was seen last
}

// WatchOptions say how alerts are watched.
type WatchOptions struct {
	Every time.Duration // is looked

	// Linger is for how long a kind must be away before it is gone, so that one
	// that comes and goes is not told of each time.
	Linger time.Duration

	// Watched says that somebody reads what is told, as with Status.
	Watched bool
}

// WatchAlerts tells of each kind of alerts when it comes and when it is gone,
// until ctx ends.
func (k *Keeper) WatchAlerts(ctx context.Context, o WatchOptions, tell func(AlertNews)) {
	look := k.report
	if o.Watched {
		look = k.Status
	}
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	seen, failed := alertWatch{linger: o.Linger}, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		report, err := look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			for _, n := range seen.look(report, time.Now()) {
				tell(n)
			}
		case !failed:
			k.log.Error("the alerts cannot be read, and none is told of until they can", zap.Error(err))
		}
		failed = err != nil
	}
}

// alertWatch finds what is new in the alerts of one look after another.
type alertWatch struct {
	linger time.Duration
	known  map[AlertKind]*knownAlert
}

type knownAlert struct {
	news        AlertNews
	first, last time.Time // seen
}

// look returns what came, in the order of the alerts, and then what is gone.
func (w *alertWatch) look(r Report, now time.Time) (news []AlertNews) {
	failed := map[SuiteKey]int{}
	for _, s := range r.Suites {
		failed[s.Key] = s.Authorizations[StatusFailed]
	}
	seen := map[AlertKind]*knownAlert{}
	var came []*knownAlert
	for _, a := range r.Alerts {
		kind := a.Kind()
		if s := seen[kind]; s != nil {
			s.news.Count++
			continue
		}
		s := &knownAlert{news: AlertNews{Alert: a, Count: 1, Failed: failed[a.Suite]}, first: now, last: now}
		seen[kind] = s
		if before := w.known[kind]; before != nil {
			s.first = before.first
		} else {
			came = append(came, s)
		}
	}
	for _, s := range came {
		news = append(news, s.news)
	}
	gone := w.gone(seen, now)
	w.known = seen
	return append(news, gone...)
}

// gone returns what has been away for long enough. What has not is kept in seen.
func (w *alertWatch) gone(seen map[AlertKind]*knownAlert, now time.Time) (list []AlertNews) {
	for kind, s := range w.known {
		switch {
		case seen[kind] != nil:
		case now.Sub(s.last) < w.linger:
			seen[kind] = s
		default:
			n := s.news
			n.Gone, n.Lasted = true, s.last.Sub(s.first)
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b AlertNews) int {
		return cmp.Or(cmp.Compare(a.Alert.Code, b.Alert.Code), cmp.Compare(a.Alert.Suite, b.Alert.Suite))
	})
	return list
}
