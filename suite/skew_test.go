package suite_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// skewed is a keeper that is pushed to by a DingTalk whose clock is ahead.
type skewed struct {
	*suite.Keeper
	by time.Duration
}

var ownTime = regexp.MustCompile(`"TimeStamp":\d{13}`)

func (s skewed) Receive(ctx context.Context, p suite.Push) (suite.Receipt, error) {
	p.SignedAt = p.SignedAt.Add(s.by)
	p.Text = ownTime.ReplaceAllFunc(p.Text, func(field []byte) []byte {
		name := len(`"TimeStamp":`)
		ms, err := strconv.ParseInt(string(field[name:]), 10, 64)
		if err != nil {
			return field
		}
		return strconv.AppendInt(field[:name:name], ms+s.by.Milliseconds(), 10)
	})
	return s.Keeper.Receive(ctx, p)
}

// clockDifferences are below what is an alert.
var clockDifferences = []time.Duration{-4 * time.Minute, 0, 4 * time.Minute}

// TestLostAnswersAreSoonCuredWhateverTheClocks loses the answer to a code and
// to the one in its place, which says nothing against the next.
func TestLostAnswersAreSoonCuredWhateverTheClocks(t *testing.T) {
	for _, skew := range clockDifferences {
		t.Run(fmt.Sprint(skew), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.skew = skew })
				w.ticket()
				lost := dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}
				for _, fault := range []dingtalktest.Fault{lost, {Spoil: dingtalktest.Intact}, lost} { // code, its retry, the new code
					w.must(w.platform.Fault(dingtalktest.GetPermanentCode, fault))
				}
				w.authorize("ding00", 1)
				w.settle(time.Minute)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.wantAlerts()
			})
		})
	}
}

// TestRefusedCodesAreNotTakenForLostWhateverTheClocks loses one answer and has
// the new code refused, which is a reason to wait.
func TestRefusedCodesAreNotTakenForLostWhateverTheClocks(t *testing.T) {
	for _, skew := range clockDifferences {
		t.Run(fmt.Sprint(skew), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) { w.skew = skew })
				w.ticket()
				for _, fault := range []dingtalktest.Fault{
					{Spoil: dingtalktest.Dropped, Done: true},
					{Spoil: dingtalktest.Refused, Errcode: 40078, Times: dingtalktest.Always},
				} {
					w.must(w.platform.Fault(dingtalktest.GetPermanentCode, fault))
				}
				w.must(w.platform.Fault(dingtalktest.ReauthCorp, dingtalktest.Fault{Delay: 100 * time.Millisecond, Times: dingtalktest.Always}))
				w.authorize("ding00", 1)
				w.settle(5 * time.Minute)
				if n := w.calls(dingtalktest.ReauthCorp, "0"); n != 1 {
					t.Errorf("asked for a new code %d times, want once", n)
				}
				w.wantAlerts(suite.AlertCodeBurnt)
			})
		})
	}
}
