package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store/storetest"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// promptly is how soon an alert must show after the fault does, and must be
// gone after the cure.
const promptly = 5 * time.Second

// stagedFault is a fault and its cure. Each function returns when what it did
// has had its effect: the promised time runs from then.
type stagedFault struct {
	name    string
	alert   suite.AlertCode
	cure    string // part of what the operator is told to do
	fault   func(*stage)
	mend    func(*stage)
	after   func(*stage) // what must go well once the alert is gone; nil: nothing
	prepare func(*stage) // before the receiver starts; nil: nothing
	fresh   bool         // the suite has no ticket when the receiver starts
	noAppID bool
	binary  bool // the receiver is the built binary, which takes SIGHUP
}

// TestFaultsShowAndGo stages the faults that operators meet, against the real
// receiver. Command line, API and console page must tell of each, with its
// cure, and stop telling when it is cured.
func TestFaultsShowAndGo(t *testing.T) {
	var some errgroup.Group // not t.Parallel: they wait more than they work, whatever the number of processors
	some.SetLimit(4)
	for _, f := range slices.Concat(callFaults(), ticketFaults(), pushFaults(), machineFaults()) {
		some.Go(func() error {
			t.Run(f.name, func(t *testing.T) { newStage(t, f).play(f) })
			return nil
		})
	}
	some.Wait()
}

func ticketFaults() []stagedFault {
	rePush := func(s *stage) {
		s.must(s.dingTalk.RePush(s.suite.Key))
		s.awaitTicket()
	}
	return []stagedFault{{
		name: "no ticket", alert: suite.AlertTicketMissing, cure: "press re-push (重新推送)", fresh: true,
		prepare: func(s *stage) {
			s.must(s.dingTalk.StopTickets(s.suite.Key))
			s.must(s.dingTalk.PushTicket(s.suite.Key))
		},
		fault: func(*stage) {}, mend: rePush,
	}, {
		name: "ticket given up after 100 wrong answers", alert: suite.AlertTicketGivenUp, cure: "press re-push (重新推送)",
		fault: func(s *stage) {
			// Right answers are what DingTalk must take for wrong, so on a
			// machine that is too busy to answer all in time it begins anew.
			for range 5 {
				right, late := s.answered("accepted"), s.answered("unavailable")
				s.must(s.dingTalk.GiveUpTicket(s.suite.Key))
				s.await("the ticket is given up", func() bool { return s.state().GivenUp })
				s.until("all answers are counted", func() bool {
					return s.answered("accepted")+s.answered("unavailable") >= right+late+100
				})
				if s.answered("unavailable") == late {
					return
				}
			}
		},
		mend: rePush,
	}, {
		name: "ticket stale", alert: suite.AlertTicketStale, cure: "press re-push (重新推送)", fresh: true,
		fault: func(s *stage) {
			s.must(s.dingTalk.AgeTicket(s.suite.Key, 7*time.Hour))
			s.awaitTicket()
		},
		mend: rePush,
	}, {
		name: "40085", alert: suite.AlertTicketRejected, cure: "press re-push (重新推送)",
		fault: func(s *stage) {
			s.must(s.dingTalk.RefuseTicket(s.suite.Key))
			s.authorize()
			s.awaitCall("40085")
		},
		mend: rePush,
	}}
}

func callFaults() []stagedFault {
	return []stagedFault{{
		name: "40078 after a crash", alert: suite.AlertCodeBurnt, cure: "authorise it again", noAppID: true,
		fault: func(s *stage) {
			s.must(s.dingTalk.BurnCode(s.suite.Key, dingtalktest.Authorization{CorpID: stageCorp}))
			s.awaitCall("40078")
		},
		mend: func(s *stage) {
			s.must(s.dingTalk.Relieve(s.suite.Key, stageCorp))
			s.authorize()
			s.awaitActive()
		},
	}, {
		name: "40078 and no new code comes", alert: suite.AlertCodeBurnt, cure: "asks DingTalk for a new code",
		fault: func(s *stage) {
			s.must(s.dingTalk.BurnCode(s.suite.Key, dingtalktest.Authorization{CorpID: stageCorp}))
			s.awaitCalls("40078", 2)
		},
		mend: func(s *stage) {
			s.pressCure(suite.AlertCodeBurnt)
			s.awaitActive()
		},
	}, {
		name: "60020", alert: suite.AlertAddressNotWhitelisted, cure: "add 127.0.0.1 to the server's outgoing IPs",
		fault: func(s *stage) {
			s.must(s.dingTalk.SetIPWhitelist(s.suite.Key, netip.MustParsePrefix("192.0.2.1/32")))
			s.authorize()
			s.awaitCall("60020")
		},
		mend: func(s *stage) { s.must(s.dingTalk.SetIPWhitelist(s.suite.Key)) },
	}, {
		name: "wrong suite secret", binary: true, alert: suite.AlertSuiteSecretWrong, cure: "into secret of this suite in the configuration, and reload suitekeeper (SIGHUP)",
		fault: func(s *stage) {
			s.must(s.dingTalk.SetSecret(s.suite.Key, "a-secret-that-was-reset"))
			s.authorize()
			s.awaitCall("40088")
		},
		mend: func(s *stage) {
			s.cfg.Suites[0].Secret = "a-secret-that-was-reset"
			s.reload()
		},
		after: (*stage).awaitActive,
	}}
}

func pushFaults() []stagedFault {
	const otherAESKey = "abcdefghijabcdefghijabcdefghijabcdefghij000"
	return []stagedFault{{
		name: "wrong AES key", binary: true, alert: suite.AlertPushesRejectedAESKey, cure: "into aes_key of this suite in the configuration, and reload suitekeeper (SIGHUP)",
		fault: func(s *stage) {
			s.must(s.dingTalk.SetAESKey(s.suite.Key, otherAESKey))
			s.checkURL(false)
		},
		mend: func(s *stage) {
			s.cfg.Suites[0].AESKey = otherAESKey
			s.reload()
		},
		after: func(s *stage) { s.checkURL(true) },
	}, {
		name: "wrong suite key", alert: suite.AlertPushesRejectedSuiteKey, cure: "suite4xxxxxxxxxxxxxxx",
		fault: func(s *stage) {
			s.must(s.dingTalk.SealForCreation(s.suite.Key, true))
			s.checkURL(false)
		},
		mend: func(s *stage) {
			s.must(s.dingTalk.SealForCreation(s.suite.Key, false))
			s.checkURL(true)
		},
	}, {
		name: "URL answer judged wrong", alert: suite.AlertAnswerNotAccepted, cure: "proxy",
		fault: func(s *stage) {
			s.must(s.dingTalk.SpoilAnswers(s.suite.Key, true))
			// Somebody cannot believe it. Of the answers that are sent in time
			// the third shows that something is wrong with them.
			for before := s.answered("accepted"); s.answered("accepted") < before+3; {
				s.checkURL(false)
			}
		},
		mend: func(s *stage) {
			s.must(s.dingTalk.SpoilAnswers(s.suite.Key, false))
			s.checkURL(true)
			s.must(s.dingTalk.PushTicket(s.suite.Key))
			s.awaitTicket()
		},
	}, {
		name: "clock one hour off", alert: suite.AlertClockSkew, cure: "NTP",
		fault: func(s *stage) {
			s.must(s.dingTalk.SetClock(s.suite.Key, time.Hour))
			s.checkURL(true)
		},
		mend: func(s *stage) {
			s.must(s.dingTalk.SetClock(s.suite.Key, 0))
			s.checkURL(true)
		},
	}}
}

func machineFaults() []stagedFault {
	disk := &storetest.TinyDisk{}
	return []stagedFault{{
		name: "disk almost full", alert: suite.AlertDiskAlmostFull, cure: "Make room",
		prepare: func(s *stage) { s.cfg.Data = filepath.Join(disk.Mount(s.TB, 1<<30), "data") },
		fault:   func(s *stage) { disk.Resize(s.TB, 64<<20) },
		mend:    func(s *stage) { disk.Resize(s.TB, 1<<30) },
	}}
}

// stageCorp is the corp that authorises the suite when a fault needs one.
const stageCorp = "dingfaults"

// stage is a receiver and a stand-in of their own, with the suite that the
// fault concerns, and an operator who is signed in.
type stage struct {
	*testReceiver
	dingTalk *dingTalk
	suite    keeper.SuiteConfiguration
	browser  *http.Client

	file    string    // the configuration of the binary
	serving *exec.Cmd // nil: the receiver runs in the test
}

func newStage(t *testing.T, f stagedFault) *stage {
	s := &stage{suite: keeper.SuiteConfiguration{
		Key: "suitefaults", Name: "faults", Secret: "the-secret-of-the-suite", Token: "tokenthatiscarefullychosen",
		AESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", AppID: 4711, URLCheckReply: "success",
	}}
	if f.noAppID {
		s.suite.AppID = 0
	}
	s.dingTalk = newDingTalk(t, dingtalktest.Options{
		Retries:     slices.Repeat([]time.Duration{100 * time.Millisecond}, 100), // on a busy machine a push may come too late
		TicketRetry: 20 * time.Millisecond,
	}, nil)
	s.dingTalk.register(t, s.suite, dingtalktest.HTTP)
	s.testReceiver = newTestReceiver(t, s.dingTalk.url, s.suite)
	if f.prepare != nil {
		f.prepare(s)
	}
	if f.binary {
		s.startBinary()
	} else {
		s.start()
	}
	s.dingTalk.pointTo(s.testReceiver)
	s.dingTalk.run(t)
	if !f.fresh {
		s.must(s.dingTalk.PushTicket(s.suite.Key))
		s.awaitTicket()
	}
	s.signIn()
	return s
}

// play stages the fault and cures it.
func (s *stage) play(f stagedFault) {
	for _, w := range s.faces() {
		if shown := w.alerts(); !f.fresh && len(shown) > 0 {
			s.Errorf("before the fault %s shows %v, want no alert", w.name, shown)
		}
	}
	f.fault(s)
	s.within(string(f.alert)+" shows with its cure", func(shown map[string]string) bool {
		return strings.Contains(shown[string(f.alert)], f.cure)
	})
	if f.binary {
		s.until("the log tells of it", func() bool { return s.logged(f) })
	}
	f.mend(s)
	s.within(string(f.alert)+" is gone", func(shown map[string]string) bool { return shown[string(f.alert)] == "" })
	if f.after != nil {
		f.after(s)
	}
}

// logged tells whether the log of serve has the alert with its cure.
func (s *stage) logged(f stagedFault) bool {
	for line := range strings.Lines(s.log.String()) {
		var entry struct{ Level, Msg, Alert, Suite, Cure string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "an alert came" && entry.Alert == string(f.alert) {
			return entry.Level == "warn" && entry.Suite == s.suite.Key && strings.Contains(entry.Cure, f.cure)
		}
	}
	return false
}

// face is one of the ways in which an operator sees alerts: by code, with cure.
type face struct {
	name   string
	alerts func() map[string]string
}

func (s *stage) faces() []face {
	return []face{{"the API", s.apiAlerts}, {"status", s.statusAlerts}, {"the console", s.consoleAlerts}}
}

// within waits until every face shows what is wanted, and no longer than was
// promised.
func (s *stage) within(what string, want func(map[string]string) bool) {
	s.Helper()
	began, tooLate := time.Now(), time.After(promptly)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for _, w := range s.faces() {
		for !want(w.alerts()) {
			select {
			case <-look.C:
			case <-tooLate:
				s.Errorf("after %s it is not so that %s: %s shows %v", promptly, what, w.name, w.alerts())
				return
			}
		}
	}
	s.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
}

func (s *stage) apiAlerts() map[string]string {
	s.Helper()
	return alertsOf(s.report())
}

// statusAlerts asks with the command line.
func (s *stage) statusAlerts() map[string]string {
	s.Helper()
	r := runCommand(context.Background(), "", "status", "-o", "json", "--admin", s.admin, "--token-file", filepath.Join(s.cfg.Data, "admin.token"))
	var out report
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil || r.status != 0 {
		s.Fatalf("status -o json = %d, %v: %s", r.status, err, r.stderr)
	}
	return alertsOf(out)
}

func alertsOf(r report) map[string]string {
	shown := map[string]string{}
	for _, a := range r.Alerts {
		shown[a.Code] = a.Cure
	}
	return shown
}

// What stands on the console's page: an alert with its code, and a button.
var (
	alertArticle = regexp.MustCompile(`(?s)<article class="alert [a-z]+" data-key="([a-z_]+) [^"]*">(.*?)</article>`)
	alertButton  = regexp.MustCompile(`<form method="post" action="([^"]+)">`)
)

func (s *stage) consoleAlerts() map[string]string {
	s.Helper()
	shown := map[string]string{}
	for _, m := range alertArticle.FindAllStringSubmatch(s.browse(http.MethodGet, "/console/", nil), -1) {
		shown[m[1]] = html.UnescapeString(m[2])
	}
	return shown
}

// signIn signs an operator in to the console, in English.
func (s *stage) signIn() {
	s.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	s.browser = &http.Client{Transport: s.client.Transport, Timeout: patience, Jar: jar}
	s.browse(http.MethodPost, "/console/sign-in", url.Values{"token": {s.adminToken()}})
}

// pressCure presses the button that the console shows with an alert.
func (s *stage) pressCure(alert suite.AlertCode) {
	s.Helper()
	button := alertButton.FindStringSubmatch(s.consoleAlerts()[string(alert)])
	if button == nil {
		s.Fatalf("the console shows no button with %s: %v", alert, s.consoleAlerts())
	}
	s.browse(http.MethodPost, button[1], url.Values{})
}

// browse asks for a page of the console and follows where it leads.
func (s *stage) browse(method, path string, form url.Values) string {
	s.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.admin+path, strings.NewReader(form.Encode()))
	s.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept-Language", "en")
	res, err := s.browser.Do(req)
	s.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	s.must(err)
	if res.StatusCode != http.StatusOK || strings.HasPrefix(res.Request.URL.Path, "/console/sign-in") {
		s.Fatalf("%s %s = %d at %s", method, path, res.StatusCode, res.Request.URL.Path)
	}
	return string(text)
}

// startBinary serves with the built binary until the test ends.
func (s *stage) startBinary() {
	s.Helper()
	binary := builtBinary(s)
	s.callback, s.admin = "http://"+freeAddress(s), "http://"+freeAddress(s)
	s.file = filepath.Join(s.TempDir(), "suitekeeper.yaml")
	s.configure()
	s.serving = exec.Command(binary, "serve", "--config", s.file)
	s.serving.Stderr = &s.log
	s.must(s.serving.Start())
	s.Cleanup(func() {
		s.client.CloseIdleConnections()
		s.must(s.serving.Process.Signal(os.Interrupt))
		if err := s.serving.Wait(); err != nil {
			s.Errorf("the receiver ended with %v", err)
		}
	})
	s.until("it serves", func() bool {
		a, err := s.do(http.MethodGet, s.admin+"/readyz", "")
		return err == nil && a.status == http.StatusOK
	})
}

func (s *stage) configure() {
	s.Helper()
	s.must(os.WriteFile(s.file, []byte(s.config(s.callback, "")), 0o600))
}

// reload has the binary take up the configuration as it is now.
func (s *stage) reload() {
	s.Helper()
	s.configure()
	s.must(s.serving.Process.Signal(syscall.SIGHUP))
}

// state is what DingTalk knows of the suite.
func (s *stage) state() dingtalktest.SuiteState {
	state, _ := s.dingTalk.Suite(s.suite.Key)
	return state
}

func (s *stage) authorize() {
	s.Helper()
	s.must(s.dingTalk.Authorize(s.suite.Key, dingtalktest.Authorization{CorpID: stageCorp}))
}

// checkURL presses DingTalk's button that checks the callback URL, again if the
// answer should be right but comes too late.
func (s *stage) checkURL(want bool) {
	s.Helper()
	var check dingtalktest.Push
	for range 10 {
		var err error
		check, err = s.dingTalk.CheckURL(context.Background(), s.suite.Key, dingtalktest.CheckUpdateSuiteURL)
		s.must(err)
		if check.OK || !want {
			break
		}
	}
	if check.OK != want {
		s.Fatalf("URL check = %v, %s, want %v", check.OK, check.Reason, want)
	}
}

// answered counts the pushes that the receiver answered in that way.
func (s *stage) answered(result string) float64 {
	s.Helper()
	return s.metric(fmt.Sprintf("suitekeeper_pushes_total{result=%q,suite=%q}", result, s.suite.Key))
}

// await waits until something happened at DingTalk.
func (s *stage) await(what string, cond func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.dingTalk.Wait(ctx, cond); err != nil {
		s.Fatalf("waited in vain until %s", what)
	}
}

func (s *stage) awaitTicket() {
	s.Helper()
	s.await("the ticket is accepted", func() bool { return s.state().TicketAccepted })
}

func (s *stage) awaitActive() {
	s.Helper()
	s.await("the corp is activated", func() bool {
		c, ok := s.dingTalk.Corp(s.suite.Key, stageCorp)
		return ok && !c.ActivatedAt.IsZero()
	})
}

func (s *stage) awaitCall(code string) {
	s.Helper()
	s.awaitCalls(code, 1)
}

// awaitCalls waits until so many calls were answered with the code.
func (s *stage) awaitCalls(code string, n int) {
	s.Helper()
	s.await(fmt.Sprintf("%d calls are answered with %s", n, code), func() bool {
		got := 0
		for _, c := range s.dingTalk.Calls() {
			if c.Code == code {
				got++
			}
		}
		return got >= n
	})
}
