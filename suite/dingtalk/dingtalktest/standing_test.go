package dingtalktest_test

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// standing are the faults of the suite.
func (st *stand) standing() []dingtalktest.Standing {
	s, _ := st.Suite(suiteKey)
	return s.Standing
}

// newestCorp is the corp that authorised last.
func (st *stand) newestCorp() dingtalktest.CorpState {
	st.t.Helper()
	s, _ := st.Suite(suiteKey)
	if len(s.Corps) == 0 {
		st.t.Fatal("no corp has authorised the suite")
	}
	return s.Corps[len(s.Corps)-1]
}

func (st *stand) newestCode() string {
	st.t.Helper()
	codes := st.newestCorp().Codes
	return codes[len(codes)-1].Value
}

// activateNewest does what a receiver does with the newest code.
func (st *stand) activateNewest() {
	st.t.Helper()
	token := st.suiteToken()
	permanent := st.exchange(token, st.newestCode()).str("permanent_code")
	a := st.post("/service/activate_suite?suite_access_token="+token,
		`{"suite_key":"`+suiteKey+`","auth_corpid":"`+st.newestCorp().ID+`","permanent_code":"`+permanent+`"}`)
	if a.errcode() != 0 {
		st.t.Fatalf("activate_suite = %s, want success", a.text)
	}
}

// awaitTicket waits until the first ticket was accepted.
func (st *stand) awaitTicket() {
	st.t.Helper()
	st.await("the first ticket is accepted", func() bool { s, _ := st.Suite(suiteKey); return s.TicketAccepted })
}

// tickets counts the tickets that arrived.
func (st *stand) tickets() (n int) {
	for _, msg := range st.in.messages() {
		if strings.Contains(msg, `"suite_ticket"`) {
			n++
		}
	}
	return n
}

func (st *stand) tokenErrcode() int {
	st.t.Helper()
	return st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, st.currentTicket())).errcode()
}

func TestStoppedTicketsAreMadeButNotPushed(t *testing.T) {
	o := dingtalktest.Options{TicketEvery: 5 * time.Hour, TicketGrace: 6 * time.Hour}
	inBubble(t, o, aSuite(), func(st *stand) {
		st.awaitTicket()
		st.must(st.StopTickets(suiteKey))
		pushed := st.currentTicket()
		try := func() int {
			return st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, pushed)).errcode()
		}
		for range 2 {
			before := st.currentTicket()
			st.await("the next ticket is made", func() bool { return st.currentTicket() != before })
			if got := try(); got != 0 {
				t.Errorf("the ticket that was pushed last = %d within its grace, want 0", got)
			}
		}
		time.Sleep(time.Hour) // 6 since the first of them
		if got := try(); got != 40085 {
			t.Errorf("the ticket that was pushed last = %d after its grace, want 40085", got)
		}
		st.awaitQuiet()
		if n := st.tickets(); n != 1 {
			t.Errorf("%d tickets pushed, want only the one from before", n)
		}
		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		if s, _ := st.Suite(suiteKey); st.tickets() != 2 || !s.TicketAccepted || len(s.Standing) > 0 {
			t.Errorf("after re-push %d tickets pushed, suite %+v, want the second one accepted", st.tickets(), s)
		}
	})
}

func TestSuiteNeverGetsATicketBeforeRePush(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.must(st.StopTickets(suiteKey))
		st.must(st.PushTicket(suiteKey))
		st.awaitQuiet()
		if n := st.tickets(); n != 0 {
			t.Errorf("%d tickets pushed, want none", n)
		}
		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		if n := st.tickets(); n != 1 {
			t.Errorf("%d tickets pushed after re-push, want 1", n)
		}
	})
}

func TestTicketIsGivenUpAfter100RightAnswersJudgedWrong(t *testing.T) {
	inBubble(t, dingtalktest.Options{GiveUpRetry: time.Second}, aSuite(), func(st *stand) {
		st.ticket()
		st.awaitQuiet()
		start := time.Now()
		st.must(st.GiveUpTicket(suiteKey))
		st.awaitQuiet()
		if took := time.Since(start); took < 99*time.Second || took > 100*time.Second {
			t.Errorf("given up after %s, want 99 waits of GiveUpRetry", took)
		}
		s, _ := st.Suite(suiteKey)
		if st.tickets() != 101 || !s.GivenUp || !slices.Equal(s.Standing, []dingtalktest.Standing{dingtalktest.TicketGivenUp}) {
			t.Errorf("%d tickets pushed, given up %v, standing %v, want 101 and given up", st.tickets(), s.GivenUp, s.Standing)
		}
		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		if s, _ := st.Suite(suiteKey); st.tickets() != 102 || !s.TicketAccepted || len(s.Standing) > 0 {
			t.Errorf("after re-push %d tickets pushed, suite %+v, want it accepted", st.tickets(), s)
		}
	})
}

func TestAgedTicketIsTheLastUntilRePushMakesANewOne(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.must(st.AgeTicket(suiteKey, 7*time.Hour))
		st.awaitQuiet()
		s, _ := st.Suite(suiteKey)
		if age := time.Since(s.TicketAt); age < 7*time.Hour || !s.TicketAccepted {
			t.Errorf("ticket is %s old, accepted %v, want 7 hours and accepted", age, s.TicketAccepted)
		}
		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		if after, _ := st.Suite(suiteKey); after.Ticket == s.Ticket || time.Since(after.TicketAt) > time.Hour || !after.TicketAccepted {
			t.Errorf("after re-push the ticket is %+v, want a new one", after)
		}
	})
}

func TestRefusedTicketIsReplacedWithoutGrace(t *testing.T) {
	inBubble(t, dingtalktest.Options{TicketGrace: time.Hour}, aSuite(), func(st *stand) {
		old := st.ticket()
		token := st.suiteToken()
		st.must(st.RefuseTicket(suiteKey))
		if a := st.post("/service/get_suite_token", suiteTokenBody(suiteKey, suiteSecret, old)); a.errcode() != 40085 {
			t.Errorf("get_suite_token with the ticket from before = %s, want 40085", a.text)
		}
		if a := st.exchange(token, "code"); a.errcode() != 40082 {
			t.Errorf("get_permanent_code with the token from before = %s, want 40082", a.text)
		}
		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		if st.tickets() == 0 || st.tokenErrcode() != 0 {
			t.Error("re-push does not end it")
		}
	})
}

func TestBurntCodeIsCuredByTheSecondReauth(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		st.must(st.BurnCode(suiteKey, dingtalktest.Authorization{CorpID: corpID}))
		token, code := st.suiteToken(), st.newestCode()
		if a := st.exchange(token, code); a.err == nil {
			t.Errorf("first exchange = %s, want no answer", a.text)
		}
		if a := st.exchange(token, code); a.errcode() != 40078 {
			t.Errorf("second exchange = %s, want 40078", a.text)
		}
		if c := st.corp(); c.PermanentCode == "" || c.HandedOut {
			t.Errorf("corp = %+v, want a permanent code that nobody got", c)
		}
		reauth := func() {
			st.t.Helper()
			if a := st.post("/service/reauth_corp?suite_access_token="+token, `{"app_id":"62282","corpid_list":["`+corpID+`"]}`); a.errcode() != 0 {
				st.t.Fatalf("reauth_corp = %s, want success", a.text)
			}
		}
		reauth()
		if a := st.exchange(token, st.newestCode()); a.errcode() != 40078 || len(st.corp().Codes) != 2 {
			t.Errorf("exchange of the new code = %s, want 40078", a.text)
		}
		reauth()
		st.activateNewest()
		if got := st.standing(); len(got) > 0 {
			t.Errorf("standing after the activation: %v, want nothing", got)
		}
		if err := st.BurnCode(suiteKey, dingtalktest.Authorization{CorpID: corpID}); !errors.Is(err, dingtalktest.ErrInvalid) {
			t.Errorf("BurnCode of a corp that exchanges none = %v, want %v", err, dingtalktest.ErrInvalid)
		}
	})
}

func TestChangedRegistrationIsWhatCounts(t *testing.T) {
	const otherKey = "5g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
	tests := []struct {
		name        string
		change, end func(st *stand) error
		refused     func(st *stand) bool
	}{
		{"secret", func(st *stand) error { return st.SetSecret(suiteKey, "another") }, func(st *stand) error { return st.SetSecret(suiteKey, suiteSecret) },
			func(st *stand) bool { return st.tokenErrcode() == 40088 }},
		{"whitelist", func(st *stand) error { return st.SetIPWhitelist(suiteKey, netip.MustParsePrefix("192.0.2.1/32")) }, func(st *stand) error { return st.SetIPWhitelist(suiteKey) },
			func(st *stand) bool { return st.tokenErrcode() == 60020 }},
		{"token", func(st *stand) error { return st.SetToken(suiteKey, "anothertokenthatislong") }, func(st *stand) error { return st.SetToken(suiteKey, pushToken) }, checkFails},
		{"AES key", func(st *stand) error { return st.SetAESKey(suiteKey, otherKey) }, func(st *stand) error { return st.SetAESKey(suiteKey, aesKey) }, checkFails},
		{"suite key", func(st *stand) error { return st.SealForCreation(suiteKey, true) }, func(st *stand) error { return st.SealForCreation(suiteKey, false) }, checkFails},
		{"answers", func(st *stand) error { return st.SpoilAnswers(suiteKey, true) }, func(st *stand) error { return st.SpoilAnswers(suiteKey, false) }, checkFails},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
				st.ticket()
				st.awaitQuiet()
				for _, end := range []func(*stand) error{tt.end, func(st *stand) error { return st.EndFaults(suiteKey) }} {
					st.must(tt.change(st))
					if !tt.refused(st) || len(st.standing()) != 1 {
						t.Errorf("nothing is refused, or standing is %v", st.standing())
					}
					st.must(end(st))
					if tt.refused(st) || len(st.standing()) != 0 {
						t.Errorf("after the cure something is refused, or standing is %v", st.standing())
					}
				}
			})
		})
	}
}

func checkFails(st *stand) bool {
	st.t.Helper()
	check, err := st.CheckURL(st.t.Context(), suiteKey, dingtalktest.CheckUpdateSuiteURL)
	st.must(err)
	return !check.OK
}

func TestRegistrationRefusesWhatCannotBe(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		for what, err := range map[string]error{
			"no secret": st.SetSecret(suiteKey, ""), "short AES key": st.SetAESKey(suiteKey, "short"), "no token": st.SetToken(suiteKey, ""),
		} {
			if !errors.Is(err, dingtalktest.ErrInvalid) {
				t.Errorf("%s: %v, want %v", what, err, dingtalktest.ErrInvalid)
			}
		}
		if got := st.standing(); len(got) > 0 {
			t.Errorf("standing: %v, want nothing changed", got)
		}
		if err := st.SetSecret("suite-unknown", "s"); !errors.Is(err, dingtalktest.ErrUnknownSuite) {
			t.Errorf("SetSecret of an unknown suite = %v, want %v", err, dingtalktest.ErrUnknownSuite)
		}
	})
}

func TestSpoiltAnswersMakeEventsComeAgain(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.must(st.SpoilAnswers(suiteKey, true))
		st.must(st.Burst(suiteKey, 1))
		st.awaitQuiet()
		if n := len(st.in.messages()); n != 3 {
			t.Errorf("%d pushes arrived, want the event three times", n)
		}
		for _, p := range st.Pushes() {
			if p.OK || p.Code != 71009 {
				t.Errorf("push = %+v, want 71009", p)
			}
		}
	})
}

func TestClockIsSeenInSignedTimestampsAlone(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.must(st.SetClock(suiteKey, time.Hour))
		st.ticket()
		st.awaitQuiet()
		signed := func(e crypto.Envelope) time.Duration { return time.Until(e.Time()).Round(time.Minute) }
		if got := signed(st.in.seen[0]); got != time.Hour {
			t.Errorf("signed %s from now, want 1h", got)
		}
		if s, _ := st.Suite(suiteKey); time.Since(s.TicketAt) > time.Minute || !s.TicketAccepted {
			t.Errorf("ticket = %+v, want it made now and accepted", s)
		}
		st.must(st.SetClock(suiteKey, 0))
		st.ticket()
		st.awaitQuiet()
		if got := signed(st.in.seen[1]); got != 0 {
			t.Errorf("signed %s from now, want now", got)
		}
	})
}

func TestAllCorpsRelieveAtOnceAndBurstsAreSpreadOverThem(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		for _, id := range []string{"ding1", "ding2", "ding3"} {
			st.must(st.Authorize(suiteKey, dingtalktest.Authorization{CorpID: id}))
		}
		st.must(st.Burst(suiteKey, 30))
		st.awaitQuiet()
		for _, id := range []string{"ding1", "ding2", "ding3"} {
			got := 0
			for _, msg := range st.in.messages() {
				if strings.Contains(msg, `"user_add_org"`) && strings.Contains(msg, `"CorpId":"`+id+`"`) {
					got++
				}
			}
			if got != 10 {
				t.Errorf("%d events of %s, want 10", got, id)
			}
		}
		st.must(st.RelieveAll(suiteKey))
		st.awaitQuiet()
		s, _ := st.Suite(suiteKey)
		for _, c := range s.Corps {
			if c.Authorized {
				t.Errorf("%s has not withdrawn", c.ID)
			}
		}
		st.must(st.Burst(suiteKey, 1)) // of the suite's own corp, then
		st.awaitQuiet()
		if got := st.in.messages(); !strings.Contains(got[len(got)-1], `"CorpId":"dingisv"`) {
			t.Errorf("last push = %s, want one of the suite's own corp", got[len(got)-1])
		}
	})
}

func TestEndFaultsPushesWhatIsMissing(t *testing.T) {
	inBubble(t, dingtalktest.Options{TicketEvery: 5 * time.Hour}, aSuite(), func(st *stand) {
		st.must(st.StopTickets(suiteKey))
		st.must(st.BurnCode(suiteKey, dingtalktest.Authorization{CorpID: corpID}))
		st.must(st.Fault(dingtalktest.ActivateSuite, dingtalktest.Fault{Times: dingtalktest.Always, Spoil: dingtalktest.HTTPFail, Status: http.StatusBadGateway}))
		st.awaitQuiet()
		st.exchange(st.suiteToken(), st.newestCode())
		st.must(st.EndFaults(suiteKey))
		st.awaitQuiet()
		if st.tickets() == 0 || len(st.corp().Codes) != 2 {
			t.Errorf("%d tickets and %d codes pushed, want a ticket and a second code", st.tickets(), len(st.corp().Codes))
		}
		st.activateNewest()
		if got := st.standing(); len(got) > 0 {
			t.Errorf("standing: %v, want nothing", got)
		}
	})
}
