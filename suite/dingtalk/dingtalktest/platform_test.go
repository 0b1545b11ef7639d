package dingtalktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBadSuitesAreRefused(t *testing.T) {
	p := dingtalktest.New(dingtalktest.Options{})
	if err := p.AddSuite(aSuite()); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*dingtalktest.Suite){
		"same key again":  func(*dingtalktest.Suite) {},
		"no key":          func(s *dingtalktest.Suite) { s.Key = "" },
		"no secret":       func(s *dingtalktest.Suite) { s.Key, s.Secret = "other", "" },
		"bad token":       func(s *dingtalktest.Suite) { s.Key, s.Token = "other", "!" },
		"short AES key":   func(s *dingtalktest.Suite) { s.Key, s.EncodingAESKey = "other", "short" },
		"mode of nothing": func(s *dingtalktest.Suite) { s.Key, s.Mode = "other", "stream" },
	} {
		s := aSuite()
		change(&s)
		if err := p.AddSuite(s); !errors.Is(err, dingtalktest.ErrInvalid) {
			t.Errorf("%s: AddSuite = %v, want %v", name, err, dingtalktest.ErrInvalid)
		}
	}
	if err := p.PushTicket("other"); !errors.Is(err, dingtalktest.ErrUnknownSuite) {
		t.Errorf("PushTicket(other) = %v, want %v", err, dingtalktest.ErrUnknownSuite)
	}
	if err := p.ChangeAuth(suiteKey, corpID, dingtalktest.Scope{}); !errors.Is(err, dingtalktest.ErrUnknownCorp) {
		t.Errorf("ChangeAuth of a stranger = %v, want %v", err, dingtalktest.ErrUnknownCorp)
	}
}

func TestSameSeedSameSecrets(t *testing.T) {
	ticket := func(seed uint64) string {
		p := dingtalktest.New(dingtalktest.Options{Seed: seed})
		if err := errors.Join(p.AddSuite(aSuite()), p.PushTicket(suiteKey)); err != nil {
			t.Fatal(err)
		}
		s, _ := p.Suite(suiteKey)
		return s.Ticket
	}
	if a, b := ticket(7), ticket(7); a != b {
		t.Errorf("seed 7 gave tickets %s and %s, want the same", a, b)
	}
	if a, b := ticket(0), ticket(0); a == b {
		t.Errorf("random seeds gave ticket %s twice", a)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	p := dingtalktest.New(dingtalktest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Wait(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v, want %v", err, context.Canceled)
	}
}

func TestRecordsKeepTheLast(t *testing.T) {
	inBubble(t, dingtalktest.Options{KeepLast: 10}, aSuite(), func(st *stand) {
		for range 100 {
			st.ticket()
			st.awaitQuiet()
		}
		if n := len(st.Pushes()); n < 10 || n > 20 {
			t.Errorf("%d pushes on record, want 10 to 20", n)
		}
		if c := st.Counts(); c.Pushes != 100 || c.Accepted != 100 {
			t.Errorf("Counts = %+v, want all 100", c)
		}
	})
}

func TestHappeningsAreToldWithoutSecrets(t *testing.T) {
	var mu sync.Mutex
	var told strings.Builder
	o := dingtalktest.Options{OnHappening: func(h dingtalktest.Happening) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&told, h.At.IsZero(), h.Suite, h.Corp, h.What, h.Text, h.Good)
	}}
	inBubble(t, o, aSuite(), func(st *stand) {
		ticket := st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		st.awaitQuiet()
		permanent := st.exchange(token, code).str("permanent_code")
		st.exchange(token, code)
		st.activate(token, permanent)
		mu.Lock()
		defer mu.Unlock()
		text := told.String()
		for _, want := range []string{
			"false " + suiteKey + "  suite_ticket pushed and accepted in 0s true",
			"false " + suiteKey + " ding1 tmp_auth_code pushed and accepted in 0s true",
			"get_permanent_code done true",
			"get_permanent_code refused with 40078: 不存在的临时授权码 false",
			"Corp sees the app",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("told\n%s\nwant %q", text, want)
			}
		}
		for _, secret := range []string{ticket, code, token, permanent, suiteSecret} {
			if strings.Contains(text, secret) {
				t.Errorf("told a secret:\n%s", text)
			}
		}
	})
}

// TestOverRealSockets lets both sides talk over loopback, with the client of
// the Platform's own, and sees that nothing is left behind.
func TestOverRealSockets(t *testing.T) {
	in := newReceiver(t)
	in.wrong = func(k int, w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if k == 1 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	isv := listen(t, in)
	p := dingtalktest.New(dingtalktest.Options{Scale: 0.0001})
	dingtalk := listen(t, p)
	s := aSuite()
	s.CallbackURL = isv + "/callback"
	if err := p.AddSuite(s); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	if err := p.PushTicket(suiteKey); err != nil {
		t.Fatal(err)
	}
	accepted := func() bool { s, _ := p.Suite(suiteKey); return s.TicketAccepted }
	if err := p.Wait(t.Context(), accepted); err != nil {
		t.Fatal(err)
	}
	if pushes := p.Pushes(); len(pushes) != 2 || pushes[0].Code != 71012 || !pushes[1].OK {
		t.Errorf("pushes = %+v, want one without an answer and one accepted", pushes)
	}
	if err := p.Fault(dingtalktest.GetSuiteToken, dingtalktest.Fault{Spoil: dingtalktest.Dropped}); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	if res, err := client.Post(dingtalk+"/service/get_suite_token", "application/json", strings.NewReader("{}")); err == nil {
		res.Body.Close()
		t.Errorf("dropped answer = %d, want an error", res.StatusCode)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

// listen serves h on loopback until the test ends.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	return "http://" + l.Addr().String()
}

func TestTransportLeavesABusyHandlerBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, ended := make(chan struct{}), make(chan struct{})
	rt := dingtalktest.Transport{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, err := io.ReadAll(r.Body); string(b) != "body" || err != nil {
			t.Errorf("handler read %q, %v", b, err)
		}
		cancel()
		<-release
		close(ended)
	})}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://any.example/", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := rt.RoundTrip(req); !errors.Is(err, context.Canceled) {
		if err == nil {
			res.Body.Close()
		}
		t.Errorf("RoundTrip = %v, want %v", err, context.Canceled)
	}
	close(release)
	<-ended
}

// TestImportsNothingThatWouldAgreeWithItself keeps the package from the client
// under test, and from testing, for it ships in the binary.
func TestImportsNothingThatWouldAgreeWithItself(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		switch {
		case dep == "testing", dep == "net/http/httptest":
			t.Errorf("imports %s", dep)
		case strings.HasPrefix(dep, "suitekeeper/") && dep != "suitekeeper/crypto" && dep != "suitekeeper/suite/dingtalk/dingtalktest":
			t.Errorf("imports %s", dep)
		}
	}
}
