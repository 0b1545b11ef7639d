package suite_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store"
)

// readCounter counts the pairs of one collection that scans read.
type readCounter struct {
	store.Engine
	prefix string
	n      atomic.Int64
}

func (c *readCounter) View(ctx context.Context, fn func(store.Reader) error) error {
	return c.Engine.View(ctx, func(r store.Reader) error { return fn(countingReader{r, c}) })
}

type countingReader struct {
	store.Reader
	*readCounter
}

func (r countingReader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		for pair, err := range r.Reader.Scan(from, to, descending) {
			if strings.HasPrefix(string(pair.Key), r.prefix) {
				r.n.Add(1)
			}
			if !yield(pair, err) {
				return
			}
		}
	}
}

// rows is a push of that many rows, each an event. Stamp is what stands for
// their own time.
func rows(name string, n int, stamp string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"biz_type":999,"biz_id":"%s-%d","id":%d,"gmt_modified":%s,"biz_data":"{}"}`, name, i, i, stamp)
	}
	return `{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[` + strings.Join(list, ",") + `]}`
}

// TestFingerprintsGoByWhenTheyWereSeen stores events whose own time says
// nothing of that, some of them half as long ago as the others.
func TestFingerprintsGoByWhenTheyWereSeen(t *testing.T) {
	for name, stamp := range map[string]string{
		"no time": "null", "far ahead": "99999999999999", "long ago": "1500000000000",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n, perMinute = 2500, 2100
				reads := &readCounter{prefix: "print\x00"}
				w := newWorld(t, func(w *world) {
					w.keep = 30 * time.Minute // fingerprints: 45 minutes
					w.wrap = func(e store.Engine) store.Engine {
						reads.Engine = e
						return reads
					}
				})
				older, newer := rows("older", n, stamp), rows("newer", n, stamp)
				w.receive(older)
				w.settle(20 * time.Minute)
				w.receive(newer)
				w.settle(20 * time.Minute)
				if got := reads.n.Load(); got > 40*perMinute {
					t.Errorf("read %d fingerprints in 40 minutes while all were to be kept, want at most %d a minute", got, perMinute)
				}
				w.settle(15 * time.Minute)
				if r := w.receive(older); r.Duplicates != 0 {
					t.Errorf("%d of %d events were known after 55 minutes, want none", r.Duplicates, n)
				}
				if r := w.receive(newer); r.Duplicates != n {
					t.Errorf("%d of %d events were known after 35 minutes, want all", r.Duplicates, n)
				}
			})
		})
	}
}
