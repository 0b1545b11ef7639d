package console_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/console"
	"suitekeeper/suite"
)

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", 100000: "100,000", -999: "-999", -1000: "-1,000",
	} {
		if got := console.Number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestSizesHaveTheirUnit(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 16 << 20: "16.0 MiB", 3 << 30: "3.0 GiB", 5 << 40: "5.0 TiB", math.MaxUint64: "16384.0 PiB",
	} {
		if got := console.Size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestSharesFillTheirBar(t *testing.T) {
	for _, counts := range []map[suite.Status]int{
		{suite.StatusActive: 1},
		{suite.StatusActive: 1_000_000, suite.StatusFailed: 1, suite.StatusPending: 1, suite.StatusDisabled: 1, suite.StatusRelieved: 1},
		{suite.StatusActive: 3, suite.StatusRelieved: 4},
	} {
		list, total := console.Shares(counts)
		at, sum := 0, 0
		for _, s := range list {
			if s.X != at || (s.Count > 0 && s.Width < 8) || (s.Count == 0 && s.Width != 0) {
				t.Errorf("shares(%v) = %+v: the part for %s stands wrong", counts, list, s.Status)
			}
			at, sum = at+s.Width, sum+s.Count
		}
		if sum != total || at < 990 || at > 1000 {
			t.Errorf("shares(%v) = %+v, %d: they fill %d of 1000", counts, list, total, at)
		}
	}
	if list, total := console.Shares(nil); total != 0 || list[0].Width != 0 {
		t.Errorf("shares(nil) = %+v, %d, want nothing", list, total)
	}
}

func TestChartShowsEveryMinute(t *testing.T) {
	c := console.NewPushChart([]int{0, 1, 1000, 500})
	if c.Total != 1501 || c.Peak != 1000 {
		t.Errorf("chart of 1501 pushes has the total %d and the peak %d", c.Total, c.Peak)
	}
	for i, want := range []int{1, 3, c.Height, c.Height / 2} { // also one push is seen
		if b := c.Bars[i]; b.Height != want || b.Y+b.Height != c.Height {
			t.Errorf("bar %d is %+v, want a height of %d on the ground", i, b, want)
		}
	}
}

func TestPayloadIsShownWhateverItIs(t *testing.T) {
	for payload, want := range map[string]string{
		`{"a":[1,2]}`:     "{\n  \"a\": [\n    1,\n    2\n  ]\n}",
		`{"a":1`:          `{"a":1`,
		"\xff\x00":        "\uFFFD\x00",
		``:                ``,
		`{"a":"\u0000é"}`: "{\n  \"a\": \"\\u0000é\"\n}",
	} {
		if got := console.Readable([]byte(payload)); got != want {
			t.Errorf("readable(%q) = %q, want %q", payload, got, want)
		}
	}
	for payload, want := range map[string]string{
		`{"biz_data":"{\"a\":1}"}`: "{\n  \"a\": 1\n}",
		`{"biz_data":"text"}`:      "",
		`{"biz_data":{"a":1}}`:     "",
		`[]`:                       "",
	} {
		if got := console.BizData([]byte(payload)); got != want {
			t.Errorf("bizData(%q) = %q, want %q", payload, got, want)
		}
	}
}

func TestAgesAreSaidInTwoUnits(t *testing.T) {
	for lasts, want := range map[time.Duration]string{
		59 * time.Second:                  "under a minute old",
		time.Minute:                       "1 min old",
		61 * time.Minute:                  "1 h 1 min old",
		2 * time.Hour:                     "2 h old",
		24*time.Hour + 5*time.Minute:      "1 day old",
		49*time.Hour + 30*time.Minute:     "2 days 1 h old",
		400*24*time.Hour + 10*time.Minute: "400 days old",
	} {
		k := newSample(time.Now())
		k.report.Suites[0].Ticket.Age = lasts
		if page := signedIn(t, newConsole(t, options(k)), viewerToken).get("/console/"); !strings.Contains(page.body, "<strong>"+want+"</strong>") {
			t.Errorf("a ticket of %s is not said to be %q", lasts, want)
		}
	}
}

func TestRetryIsForetold(t *testing.T) {
	burnt := &suite.ExplainedFailure{Alert: suite.AlertCodeBurnt}
	for _, tt := range []struct {
		name string
		auth suite.Authorization
		want string
	}{
		{"a code waits", suite.Authorization{Status: suite.StatusPending, Exchange: suite.Exchange{State: suite.ExchangeWaiting}}, "exchange"},
		{"a new code waits after a withdrawal", suite.Authorization{Status: suite.StatusRelieved, Exchange: suite.Exchange{State: suite.ExchangeHeld}}, "exchange"},
		{"active", suite.Authorization{Status: suite.StatusActive, PermanentCode: "•••1"}, "activate"},
		{"failed with a code", suite.Authorization{Status: suite.StatusFailed, PermanentCode: "•••1"}, "activate"},
		{"failed without", suite.Authorization{Status: suite.StatusFailed, Exchange: suite.Exchange{State: suite.ExchangeWaiting, Failure: burnt}}, "reauthorize"},
		{"the code never came", suite.Authorization{Status: suite.StatusPending, Exchange: suite.Exchange{
			State: suite.ExchangeWaiting, Failure: &suite.ExplainedFailure{Alert: suite.AlertCodeMissing},
		}}, "reauthorize"},
		{"withdrawn", suite.Authorization{Status: suite.StatusRelieved, Exchange: suite.Exchange{State: suite.ExchangeDone}}, ""},
	} {
		if got := console.RetryOf(tt.auth); got != tt.want {
			t.Errorf("%s: retryOf(%+v) = %q, want %q", tt.name, tt.auth, got, tt.want)
		}
	}
}
