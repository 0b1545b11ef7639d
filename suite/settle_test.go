package suite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// DingTalk's answers are as large as they may be; a name that is more than one
// stays unknown, and does not stand in lists and alerts.
func TestNameThatIsTooLongIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		names := map[suite.CorpID]string{"ding01": strings.Repeat("长", 341), "ding02": strings.Repeat("长", 342)} // of 3 bytes each
		for corp, name := range names {
			w.must(w.platform.Authorize(testSuite, dingtalktest.Authorization{CorpID: string(corp), CorpName: name}))
		}
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 2})
		names["ding02"] = ""
		for corp, want := range names {
			got, err := w.keeper.Authorization(w.ctx, testSuite, corp)
			w.must(err)
			if got.CorpName != want {
				t.Errorf("%s is called %.10q… (%d bytes), want %d bytes", corp, got.CorpName, len(got.CorpName), len(want))
			}
		}
	})
}

// misnamedCode authorises a corp and returns the push with its code, changed so
// that it names another.
func (w *world) misnamedCode(corp, named string) string {
	w.Helper()
	text := w.withheldCode(corp)
	if n := strings.Count(text, corp); n != 1 {
		w.Fatalf("%s names %s %d times, want once", text, corp, n)
	}
	return strings.Replace(text, corp, named, 1)
}

func TestPermanentCodeIsKeptForTheCorpThatDingTalkNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.receive(w.misnamedCode("ding00", "ding99"))
		w.settle(time.Second)
		w.wantSameCodes(1)
		calls := len(w.platform.Calls())
		w.settle(4 * time.Hour) // while the ticket is fresh
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 1, suite.StatusFailed: 1})
		w.wantAlerts(suite.AlertNotAuthorized)
		if a := w.report().Alerts[0]; a.Corp != "ding99" || !strings.Contains(a.Message.EN, "ding00") {
			t.Errorf("alert = %+v, want it to be for ding99 and to name ding00", a)
		}
		if n := len(w.platform.Calls()) - calls; n != 0 {
			t.Errorf("made %d calls more, want none", n)
		}
	})
}

func TestCodeOfAnotherCorpLeavesAnActiveOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.receive(w.misnamedCode("ding00", "ding01"))
		w.settle(time.Second)
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 2})
		w.wantAlerts()
		w.wantSameCodes(2)
	})
}

// TestCodeOfAnotherCorpLeavesItsOwnOnes has two codes wait for one corp, of
// which only the older is its own.
func TestCodeOfAnotherCorpLeavesItsOwnOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		own := w.withheldCode("ding01")
		misnamed := w.misnamedCode("ding00", "ding01")
		w.receive(own)
		w.receive(misnamed)
		w.ticket()
		w.wantCounts(map[suite.Status]int{suite.StatusActive: 2})
		w.wantAlerts()
		w.wantSameCodes(2)
	})
}

// namelessPlatform gives permanent codes with a corp id of its own.
type namelessPlatform struct {
	*dingtalk.Client
	corp suite.CorpID
}

func (p namelessPlatform) PermanentCode(ctx context.Context, token, code suite.Secret) (suite.PermanentCode, error) {
	answer, err := p.Client.PermanentCode(ctx, token, code)
	answer.Corp = p.corp
	return answer, err
}

func TestPermanentCodeIsThePushedCorpsUnlessTheAnswerNamesOne(t *testing.T) {
	for _, corp := range []suite.CorpID{"", "\x02probe", suite.CorpID(strings.Repeat("d", 5000))} {
		t.Run(fmt.Sprintf("%.8q", corp), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(w *world) {
					w.client = func(c *dingtalk.Client) suite.Platform { return namelessPlatform{c, corp} }
				})
				w.ticket()
				w.authorize("ding00", 1)
				w.settle(time.Second)
				w.wantCounts(map[suite.Status]int{suite.StatusActive: 1})
				w.wantSameCodes(1)
				if n := w.calls(dingtalktest.GetPermanentCode, "0"); n != 1 {
					t.Errorf("exchanged %d times, want once", n)
				}
			})
		})
	}
}
