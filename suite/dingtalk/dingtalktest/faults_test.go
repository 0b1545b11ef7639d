package dingtalktest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestAnswersAreSpoiltAsStaged(t *testing.T) {
	tests := []struct {
		fault dingtalktest.Fault
		check func(answer) bool
	}{
		{dingtalktest.Fault{Spoil: dingtalktest.Refused}, func(a answer) bool { return a.errcode() == -1 }},
		{dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: 40087, Message: "no"}, func(a answer) bool { return a.errcode() == 40087 && a.str("errmsg") == "no" }},
		{dingtalktest.Fault{Spoil: dingtalktest.Refused, SubCode: "90002", Message: "qps"}, func(a answer) bool {
			return a.errcode() == 88 && a.str("sub_code") == "90002" && a.str("sub_msg") == "qps"
		}},
		{dingtalktest.Fault{Spoil: dingtalktest.HalfJSON}, func(a answer) bool { return a.status == 200 && a.err != nil && strings.HasPrefix(a.text, "{") }},
		{dingtalktest.Fault{Spoil: dingtalktest.HTML}, func(a answer) bool { return a.status == 200 && strings.HasPrefix(a.text, "<html>") }},
		{dingtalktest.Fault{Spoil: dingtalktest.Empty}, func(a answer) bool { return a.status == 200 && a.text == "" }},
		{dingtalktest.Fault{Spoil: dingtalktest.HTTPFail}, func(a answer) bool { return a.status == 500 }},
		{dingtalktest.Fault{Spoil: dingtalktest.HTTPFail, Status: 429}, func(a answer) bool { return a.status == 429 }},
		{dingtalktest.Fault{Spoil: dingtalktest.Dropped}, func(a answer) bool { return a.status == 0 && a.err != nil }},
	}
	for _, tt := range tests {
		inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
			body := suiteTokenBody(suiteKey, suiteSecret, st.ticket())
			tt.fault.Times = 2
			st.must(st.Fault(dingtalktest.GetSuiteToken, tt.fault))
			for i := range 2 {
				if a := st.post("/service/get_suite_token", body); !tt.check(a) {
					t.Errorf("%+v: answer %d = %+v", tt.fault, i, a)
				}
			}
			if a := st.post("/service/get_suite_token", body); a.errcode() != 0 {
				t.Errorf("%+v: third answer = %+v, want success", tt.fault, a)
			}
			calls := st.Calls()
			if len(calls) != 3 || calls[0].Spoilt != tt.fault.Spoil || calls[0].Code != "" || calls[2].Code != "0" || calls[2].Suite != suiteKey {
				t.Errorf("%+v: calls on record = %+v", tt.fault, calls)
			}
		})
	}
}

func TestNewStyleIsRefusedInItsWords(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.must(st.Fault(dingtalktest.SuiteAccessToken, dingtalktest.Fault{Spoil: dingtalktest.Refused, Code: "Throttling", Status: 429}))
		if a := st.post("/v1.0/oauth2/suiteAccessToken", "{}"); a.status != 429 || a.str("code") != "Throttling" || a.str("requestid") == "" {
			t.Errorf("suiteAccessToken = %d %s", a.status, a.text)
		}
	})
}

func TestDoneButDroppedBurnsTheCode(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		st.must(st.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		if a := st.exchange(token, code); a.err == nil {
			t.Fatalf("exchange = %s, want no answer", a.text)
		}
		if c := st.corp(); c.PermanentCode == "" || c.HandedOut {
			t.Errorf("corp = %+v, want a permanent code that was never handed out", c)
		}
		if a := st.exchange(token, code); a.errcode() != 40078 {
			t.Errorf("second exchange = %s, want 40078", a.text)
		}
	})
}

func TestNotDoneLeavesTheCodeAlone(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		st.must(st.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped}))
		st.exchange(token, code)
		if a := st.exchange(token, code); a.errcode() != 0 {
			t.Errorf("exchange after a dropped one = %s, want success", a.text)
		}
	})
}

func TestLatencyAndDelayTakeTheirTime(t *testing.T) {
	inBubble(t, dingtalktest.Options{Latency: 100 * time.Millisecond}, aSuite(), func(st *stand) {
		body := suiteTokenBody(suiteKey, suiteSecret, st.ticket())
		st.must(st.Fault(dingtalktest.GetSuiteToken, dingtalktest.Fault{Times: dingtalktest.Always, Delay: 5 * time.Second}))
		for range 3 {
			start := time.Now()
			if a := st.post("/service/get_suite_token", body); a.errcode() != 0 || time.Since(start) != 5100*time.Millisecond {
				t.Errorf("delayed answer = %s after %v, want success after 5.1s", a.text, time.Since(start))
			}
		}
		st.ClearFaults()
		start := time.Now()
		if st.post("/service/get_suite_token", body); time.Since(start) != 100*time.Millisecond {
			t.Errorf("answer after %v, want 100ms", time.Since(start))
		}
	})
}

func TestUnknownEndpointCannotFail(t *testing.T) {
	p := dingtalktest.New(dingtalktest.Options{})
	if err := p.Fault("get_suit_token", dingtalktest.Fault{}); !errors.Is(err, dingtalktest.ErrInvalid) {
		t.Errorf("Fault(get_suit_token) = %v, want %v", err, dingtalktest.ErrInvalid)
	}
}
