package dingtalktest_test

import (
	"fmt"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// failed asks for the corp's failed events.
func (st *stand) failed(token string) (list []map[string]any, more bool) {
	st.t.Helper()
	a := st.get("/call_back/get_call_back_failed_result?access_token=" + token)
	if a.errcode() != 0 {
		st.t.Fatalf("get_call_back_failed_result = %s", a.text)
	}
	items, _ := a.fields["failed_list"].([]any)
	for _, item := range items {
		entry, _ := item.(map[string]any)
		list = append(list, entry)
	}
	more, _ = a.fields["has_more"].(bool)
	return list, more
}

func TestGivenUpEventIsListedAfterAWhileAndOnce(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		st.authorize(1)
		st.awaitQuiet()
		st.in.wrong = wrongFirst(1000)
		_, err := st.PushEvent(suiteKey, []byte(userAdded))
		st.must(err)
		st.awaitQuiet()
		token := st.corpToken()
		if list, _ := st.failed(token); len(list) != 0 || st.corp().Failed != 1 {
			t.Errorf("at once the list has %v, want nothing yet", list)
		}
		time.Sleep(3 * time.Minute)
		list, more := st.failed(token)
		if len(list) != 1 || more {
			t.Fatalf("after 3 minutes the list = %v, more %v; want the event", list, more)
		}
		want := `map[call_back_tag:user_add_org event_time:9.46684800123e+11 user_add_org:map[corpid:ding1 userid:[zhangsan]]]`
		if got := fmt.Sprint(list[0]); got != want {
			t.Errorf("entry = %s, want %s", got, want)
		}
		if list, _ := st.failed(token); len(list) != 0 {
			t.Errorf("the second call still returns %v", list)
		}
	})
}

func TestFailedListHas200APage(t *testing.T) {
	inBubble(t, dingtalktest.Options{Retries: []time.Duration{}}, aSuite(), func(st *stand) {
		st.ticket()
		st.authorize(1)
		st.awaitQuiet()
		st.in.wrong = wrongFirst(1000)
		for i := range 450 {
			_, err := st.PushEvent(suiteKey, fmt.Appendf(nil, `{"EventType":"user_add_org","UserId":["u%d"],"CorpId":"ding1"}`, i))
			st.must(err)
		}
		st.awaitQuiet()
		time.Sleep(3 * time.Minute)
		token, seen := st.corpToken(), map[string]bool{}
		for _, want := range []struct {
			n    int
			more bool
		}{{200, true}, {200, true}, {50, false}, {0, false}} {
			list, more := st.failed(token)
			if len(list) != want.n || more != want.more {
				t.Errorf("page of %d, more %v; want %d, %v", len(list), more, want.n, want.more)
			}
			for _, entry := range list {
				seen[fmt.Sprint(entry)] = true
			}
		}
		if len(seen) != 450 {
			t.Errorf("saw %d different events, want 450", len(seen))
		}
	})
}

func TestLostPageIsLost(t *testing.T) {
	inBubble(t, dingtalktest.Options{Retries: []time.Duration{}}, aSuite(), func(st *stand) {
		st.ticket()
		st.authorize(1)
		st.awaitQuiet()
		st.in.wrong = wrongFirst(1000)
		_, err := st.PushEvent(suiteKey, []byte(userAdded))
		st.must(err)
		st.awaitQuiet()
		time.Sleep(3 * time.Minute)
		token := st.corpToken()
		st.must(st.Fault(dingtalktest.GetFailedResult, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		st.get("/call_back/get_call_back_failed_result?access_token=" + token)
		if list, _ := st.failed(token); len(list) != 0 {
			t.Errorf("after an answer that never arrived the list = %v, want it deleted", list)
		}
	})
}

func TestEventsOfTheSuiteAreNotListed(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		st.awaitQuiet()
		st.in.wrong = wrongFirst(1000)
		st.authorize(1)
		st.must(st.ChangeAuth(suiteKey, corpID, dingtalktest.Scope{}))
		st.awaitQuiet()
		if c := st.corp(); c.Failed != 0 || st.Counts().GivenUp != 2 {
			t.Errorf("%d failed events, %+v; want two given up and none listed", c.Failed, st.Counts())
		}
	})
}
