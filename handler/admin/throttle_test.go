package admin_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/handler/admin"
)

func wrong() bool { return false }
func right() bool { return true }

// tryWrong makes wrong attempts and counts those that were looked at.
func tryWrong(th *admin.Throttle, addr string, n int) (looked int) {
	for range n {
		if _, pause := th.Try(addr, wrong); pause == 0 {
			looked++
		}
	}
	return looked
}

func TestThrottlePausesAfterTwentyWrongOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := admin.NewThrottle()
		if got := tryWrong(th, "192.0.2.1:4000", 30); got != 20 {
			t.Errorf("of 30 wrong tokens %d were looked at, want 20", got)
		}
		ok, pause := th.Try("192.0.2.1:5000", right)
		if ok || pause != 6*time.Second {
			t.Errorf("Try of a right token during the pause = %v, %v, want false, 6s", ok, pause)
		}
		time.Sleep(pause)
		if ok, pause := th.Try("192.0.2.1:5000", right); !ok || pause != 0 {
			t.Errorf("Try of a right token after the pause = %v, %v, want true, 0", ok, pause)
		}
		if got := tryWrong(th, "192.0.2.1:4000", 5); got != 1 {
			t.Errorf("after one pause %d wrong tokens were looked at, want 1", got)
		}
		time.Sleep(20 * 6 * time.Second)
		if got := tryWrong(th, "192.0.2.1:4000", 30); got != 20 {
			t.Errorf("after two minutes %d wrong tokens were looked at, want 20 again", got)
		}
	})
}

func TestThrottleCountsEachPeerByItself(t *testing.T) {
	tests := []struct {
		name, tried, other string
		same               bool
	}{
		{"another port", "192.0.2.1:1", "192.0.2.1:2", true},
		{"without port", "192.0.2.1:1", "192.0.2.1", true},
		{"another address", "192.0.2.1:1", "192.0.2.2:1", false},
		{"IPv4 as IPv6", "192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
		{"IPv6 of the same network", "[2001:db8::1]:1", "[2001:db8::ffff:2]:1", true},
		{"IPv6 of another network", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"IPv6 with zone", "[fe80::1%eth0]:1", "[fe80::2]:1", true},
		{"no address", "@", "@", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			th := admin.NewThrottle()
			tryWrong(th, tt.tried, 20)
			if _, pause := th.Try(tt.other, right); (pause > 0) != tt.same {
				t.Errorf("Try(%q) after 20 wrong tokens from %q has to wait %v, want a pause: %v", tt.other, tt.tried, pause, tt.same)
			}
		})
	}
}

func TestThrottleForgetsWhomItKnowsLongest(t *testing.T) {
	th := admin.NewThrottle()
	tryWrong(th, "192.0.2.1", 20)
	for i := range 5000 {
		th.Try(fmt.Sprintf("10.0.%d.%d", i/250, i%250), wrong)
	}
	if n := th.Peers(); n != 4096 {
		t.Errorf("after 5001 addresses %d are known, want 4096", n)
	}
	if ok, _ := th.Try("192.0.2.1", right); !ok {
		t.Error("the address that was quiet for longest is still known")
	}
}

func TestThrottleHoldsUnderConcurrentAttempts(t *testing.T) {
	th := admin.NewThrottle()
	var looked atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			th.Try("192.0.2.1:1", func() bool { looked.Add(1); return false })
		})
	}
	wg.Wait()
	if n := looked.Load(); n != 20 {
		t.Errorf("of 100 wrong tokens at once %d were looked at, want 20", n)
	}
}
