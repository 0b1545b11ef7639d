package dingtalktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// wrongFirst answers the first n pushes wrongly.
func wrongFirst(n int) func(int, http.ResponseWriter, *http.Request, []byte) bool {
	return func(k int, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		if k <= n {
			http.Error(w, "no", http.StatusServiceUnavailable)
		}
		return k <= n
	}
}

const userAdded = `{"EventType":"user_add_org","TimeStamp":946684800123,"UserId":["zhangsan"],"CorpId":"ding1"}`

func TestEventsAreTriedAgainAfter10And30Seconds(t *testing.T) {
	for _, tt := range []struct {
		scale float64
		want  []time.Duration
	}{
		{1, []time.Duration{0, 10 * time.Second, 40 * time.Second}},
		{0.01, []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond}},
	} {
		inBubble(t, dingtalktest.Options{Scale: tt.scale}, aSuite(), func(st *stand) {
			st.in.wrong = wrongFirst(1000)
			start := time.Now()
			id, err := st.PushEvent(suiteKey, []byte(userAdded))
			st.must(err)
			st.awaitQuiet()
			var at []time.Duration
			for _, moment := range st.in.at {
				at = append(at, moment.Sub(start))
			}
			if !slices.Equal(at, tt.want) {
				t.Errorf("with scale %v pushed after %v, want %v", tt.scale, at, tt.want)
			}
			for i, push := range st.Pushes() {
				if push.ID != id || push.Attempt != i+1 || push.OK || push.Event != "user_add_org" || push.Corp != corpID {
					t.Errorf("record %d = %+v, want attempt %d of push %d", i, push, i+1, id)
				}
			}
			if c := st.Counts(); c.GivenUp != 1 || c.Refused != 3 || c.Accepted != 0 {
				t.Errorf("Counts = %+v, want 3 refused and 1 given up", c)
			}
		})
	}
}

func TestEventIsNotTriedAgainOnceAccepted(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.in.wrong = wrongFirst(1)
		_, err := st.PushEvent(suiteKey, []byte(userAdded))
		st.must(err)
		st.awaitQuiet()
		if got := len(st.in.messages()); got != 2 {
			t.Errorf("pushed %d times, want 2", got)
		}
	})
}

func TestEachAttemptIsSealedAnew(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.in.wrong = wrongFirst(2)
		_, err := st.PushEvent(suiteKey, []byte(userAdded))
		st.must(err)
		st.awaitQuiet()
		a, b, c := st.in.seen[0], st.in.seen[1], st.in.seen[2]
		if a.Encrypt == b.Encrypt || b.Encrypt == c.Encrypt || a.Nonce == b.Nonce || a.Timestamp == b.Timestamp {
			t.Errorf("envelopes repeat something: %+v %+v %+v", a, b, c)
		}
		if got := st.in.messages(); got[0] != userAdded || got[1] != userAdded || got[2] != userAdded {
			t.Errorf("messages = %q, want the event three times", got)
		}
	})
}

func TestNewerSubscriptionsCallItMsgSignature(t *testing.T) {
	for _, newer := range []bool{false, true} {
		s := aSuite()
		s.MsgSignature = newer
		s.CallbackURL += "?kept=1"
		inBubble(t, dingtalktest.Options{}, s, func(st *stand) {
			st.in.wrong = func(_ int, _ http.ResponseWriter, r *http.Request, _ []byte) bool {
				q := r.URL.Query()
				if q.Has("msg_signature") != newer || q.Has("signature") == newer || q.Get("kept") != "1" {
					t.Errorf("MsgSignature %v: query = %v", newer, q)
				}
				return false
			}
			st.ticket()
			st.awaitQuiet()
		})
	}
}

func TestPushesComeInOneBurst(t *testing.T) {
	const n = 200
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		together := make(chan struct{})
		st.in.wrong = func(k int, _ http.ResponseWriter, r *http.Request, _ []byte) bool {
			if k == n {
				close(together)
			}
			select { // answers nobody before all are there
			case <-together:
			case <-r.Context().Done():
				t.Errorf("push %d waited in vain: only some came at once", k)
			}
			return false
		}
		for i := range n {
			_, err := st.PushEvent(suiteKey, fmt.Appendf(nil, `{"EventType":"user_add_org","CorpId":"ding%d"}`, i))
			st.must(err)
		}
		st.awaitQuiet()
		if c := st.Counts(); c.Accepted != n || c.Refused != 0 {
			t.Errorf("Counts = %+v, want all accepted", c)
		}
	})
}

func TestTicketIsGivenUpAfterExactly100WrongAnswers(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.in.wrong = wrongFirst(100)
		ticket := st.ticket()
		st.awaitQuiet()
		if got := len(st.in.messages()); got != 100 {
			t.Fatalf("pushed %d times, want 100", got)
		}
		s, _ := st.Suite(suiteKey)
		if !s.GivenUp || s.WrongAnswers != 100 || s.TicketAccepted {
			t.Errorf("after 100 wrong answers the suite = %+v, want given up", s)
		}

		next := st.ticket() // a new one is made, and not pushed
		time.Sleep(time.Hour)
		if got := len(st.in.messages()); got != 100 || next == ticket {
			t.Fatalf("given up, and yet pushed %d times", got)
		}

		st.must(st.RePush(suiteKey))
		st.awaitQuiet()
		got := st.in.messages()
		s, _ = st.Suite(suiteKey)
		if len(got) != 101 || !strings.Contains(got[100], next) || s.GivenUp || s.WrongAnswers != 0 || !s.TicketAccepted {
			t.Errorf("after re-push: %d pushes, suite %+v; want the current ticket accepted", len(got), s)
		}
	})
}

func TestRightAnswerSetsTheCountBack(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.in.wrong = func(k int, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			if k != 100 {
				http.Error(w, "no", http.StatusServiceUnavailable)
			}
			return k != 100
		}
		st.ticket()
		st.awaitQuiet()
		if s, _ := st.Suite(suiteKey); s.GivenUp || s.WrongAnswers != 0 {
			t.Errorf("99 wrong and one right answer: suite = %+v, want nothing held against it", s)
		}
		st.ticket()
		st.awaitQuiet()
		if got := len(st.in.messages()); got != 200 {
			t.Errorf("pushed %d times, want 100 more before the second ticket is given up", got)
		}
	})
}

func TestNewTicketIsPushedInsteadOfTheOld(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.in.wrong = wrongFirst(1)
		first := st.ticket()
		st.await("the first was refused", func() bool { return st.Counts().Refused == 1 })
		second := st.ticket()
		st.awaitQuiet()
		got := st.in.messages()
		if len(got) != 2 || !strings.Contains(got[0], first) || !strings.Contains(got[1], second) {
			t.Errorf("pushed %q, want %s once and then %s", got, first, second)
		}
	})
}

func TestRePushNeedsATicket(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		if err := st.RePush(suiteKey); !errors.Is(err, dingtalktest.ErrNoTicket) {
			t.Errorf("RePush before any ticket = %v, want %v", err, dingtalktest.ErrNoTicket)
		}
	})
}

func TestTicketsComeByThemselves(t *testing.T) {
	inBubble(t, dingtalktest.Options{TicketEvery: 5 * time.Hour}, aSuite(), func(st *stand) {
		time.Sleep(10*time.Hour + time.Minute)
		if got := st.in.messages(); len(got) != 3 || got[0] == got[1] {
			t.Errorf("in ten hours pushed %q, want 3 tickets", got)
		}
	})
}

// TestTicketWaitsForTheOneBefore has tickets come much faster than one is given up.
func TestTicketWaitsForTheOneBefore(t *testing.T) {
	inBubble(t, dingtalktest.Options{TicketEvery: time.Minute, TicketRetry: 10 * time.Second}, aSuite(), func(st *stand) {
		st.awaitTicket()
		st.must(st.SpoilAnswers(suiteKey, true))
		st.await("the second was refused 50 times", func() bool { return st.Counts().Refused == 50 })
		second := st.currentTicket()
		st.must(st.SpoilAnswers(suiteKey, false))
		st.await("the second is accepted", func() bool { return st.Counts().Accepted == 2 })
		for _, msg := range st.in.messages()[1:] {
			if !strings.Contains(msg, second) {
				t.Errorf("pushed %s before %s was accepted", msg, second)
			}
		}
		accepted := time.Now()
		st.await("the third is accepted", func() bool { return st.Counts().Accepted == 3 })
		if took := time.Since(accepted); took > time.Minute || st.currentTicket() == second {
			t.Errorf("after %s the ticket is %s, want another than %s within a minute", took, st.currentTicket(), second)
		}

		st.must(st.SpoilAnswers(suiteKey, true))
		st.await("the fourth is given up", func() bool { s, _ := st.Suite(suiteKey); return s.GivenUp })
		fourth := st.currentTicket()
		st.await("the fifth is made", func() bool { return st.currentTicket() != fourth })
		last := st.in.messages()[len(st.in.messages())-100:]
		if got := st.Counts().Refused; got != 150 || !strings.Contains(last[0], fourth) || last[0] != last[99] {
			t.Errorf("%d pushes refused, the last 100 from %s to %s, want %s 100 times and no other", got, last[0], last[99], fourth)
		}
	})
}

func TestStoppedPusherGoesOnWhereItWas(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		arrived := make(chan struct{}, 1)
		st.in.wrong = func(k int, _ http.ResponseWriter, r *http.Request, _ []byte) bool {
			if k == 1 {
				arrived <- struct{}{}
				<-r.Context().Done()
			}
			return false
		}
		_, err := st.PushEvent(suiteKey, []byte(userAdded))
		st.must(err)
		<-arrived
		st.stop()
		if c := st.Counts(); c.Queued != 1 || c.Pushes != 0 {
			t.Fatalf("interrupted: Counts = %+v, want 1 queued and no attempt", c)
		}
		st.start()
		st.awaitQuiet()
		pushes := st.Pushes()
		if len(pushes) != 1 || !pushes[0].OK || pushes[0].Attempt != 1 {
			t.Errorf("records = %+v, want one first attempt that was accepted", pushes)
		}
	})
}

func TestOnlyOneRunAtATime(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		st.awaitQuiet() // so that the first runs
		if err := st.Run(context.Background()); !errors.Is(err, dingtalktest.ErrRunning) {
			t.Errorf("second Run = %v, want %v", err, dingtalktest.ErrRunning)
		}
	})
}

func TestRowThatWasReplacedIsNotPushedAgain(t *testing.T) {
	s := aSuite()
	s.Mode = dingtalktest.SyncHTTP
	inBubble(t, dingtalktest.Options{}, s, func(st *stand) {
		st.in.wrong = wrongFirst(1)
		user := func(id, action string) dingtalktest.Row {
			return dingtalktest.Row{CorpID: corpID, BizID: id, BizType: 13, Data: map[string]any{"syncAction": action, "userid": id}}
		}
		st.must(st.PushRows(suiteKey, dingtalktest.Medium, user("a", "user_add_org"), user("b", "user_add_org")))
		st.await("the first push was refused", func() bool { return st.Counts().Refused == 1 })
		st.must(st.PushRows(suiteKey, dingtalktest.Medium, user("a", "user_leave_org")))
		st.awaitQuiet()

		var got [][]string
		for _, msg := range st.in.messages() {
			var push struct {
				EventType string
				BizData   []struct {
					ID          int64  `json:"id"`
					BizID       string `json:"biz_id"`
					BizData     string `json:"biz_data"`
					SubscribeID string `json:"subscribe_id"`
				} `json:"bizData"`
			}
			if err := json.Unmarshal([]byte(msg), &push); err != nil {
				t.Fatal(err)
			}
			if push.EventType != "SYNC_HTTP_PUSH_MEDIUM" {
				t.Errorf("EventType = %q", push.EventType)
			}
			var rows []string
			for _, r := range push.BizData {
				var data struct{ SyncAction string }
				if err := json.Unmarshal([]byte(r.BizData), &data); err != nil {
					t.Fatal(err)
				}
				if r.SubscribeID != "1489999_0" {
					t.Errorf("subscribe_id = %q, want the suite's id and _0", r.SubscribeID)
				}
				rows = append(rows, fmt.Sprint(r.ID, " ", r.BizID, " ", data.SyncAction))
			}
			got = append(got, rows)
		}
		want := [][]string{{"1 a user_add_org", "2 b user_add_org"}, {"3 a user_leave_org"}, {"2 b user_add_org"}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pushed %v, want %v", got, want)
		}
	})
}
