package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// victim is the real binary, started and ended again and again, and the
// DingTalk that it talks to, which keeps the record of what was acknowledged.
type victim struct {
	testing.TB
	binary, config, data string
	under                []string // the command that starts the binary; none: itself
	callback, admin      string
	dingTalk             *dingTalk
	suite                dingtalktest.Suite
	cmd                  *exec.Cmd
	log                  *logbook
	corps                int // that authorised
}

// newVictim returns a victim that is not started yet and keeps its data in the
// folder. DingTalk takes latency for the answers to its calls, and is otherwise
// as changed.
func newVictim(tb testing.TB, binary, data string, latency time.Duration, change ...func(*dingtalktest.Options)) *victim {
	tb.Helper()
	v := &victim{
		TB: tb, binary: binary, data: data, config: filepath.Join(tb.TempDir(), "suitekeeper.yaml"),
		callback: freeAddress(tb), admin: freeAddress(tb), log: &logbook{},
	}
	retries := make([]time.Duration, 1000) // of 0.2 s: the receiver is away longer than two tries
	for i := range retries {
		retries[i] = 10 * time.Second
	}
	o := dingtalktest.Options{Scale: 0.02, Retries: retries, Latency: latency, KeepLast: 1_000_000, TokenTTL: 2 * time.Hour}
	for _, c := range change {
		c(&o)
	}
	v.dingTalk = newDingTalk(tb, o, nil)
	v.suite = dingtalktest.Suite{
		Key: "suitekill9", Secret: "kill9secret", Token: "kill9token0123456789x", Name: "kill9",
		EncodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
		CallbackURL:    "http://" + v.callback + "/callback", Apps: []dingtalktest.App{{ID: 77, Name: "kill9"}},
	}
	must(tb, v.dingTalk.AddSuite(v.suite))
	v.dingTalk.run(tb)
	tb.Cleanup(v.kill)
	must(tb, os.WriteFile(v.config, fmt.Appendf(nil, `
listen: %s
admin: {listen: %s}
data: %s
dingtalk: {oapi_url: %q, api_url: %q}
suites:
  - {key: %s, secret: %s, token: %s, aes_key: %s, app_id: 77}
`, v.callback, v.admin, v.data, v.dingTalk.url, v.dingTalk.url, v.suite.Key, v.suite.Secret, v.suite.Token, v.suite.EncodingAESKey), 0o600))
	return v
}

// launch starts the binary and does not wait for it.
func (v *victim) launch() {
	v.Helper()
	v.log = &logbook{}
	command := append(slices.Clone(v.under), v.binary, "serve", "--config", v.config)
	v.cmd = exec.Command(command[0], command[1:]...)
	v.cmd.Stderr = v.log
	must(v, v.cmd.Start())
}

// start starts the binary and waits until it takes pushes.
func (v *victim) start() {
	v.Helper()
	v.launch()
	deadline := time.Now().Add(patience)
	for {
		if v.ready() {
			return
		}
		if time.Now().After(deadline) {
			v.kill()
			v.Fatalf("the receiver did not come up:\n%s", v.log.tail())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (v *victim) ready() bool {
	res, err := http.Get("http://" + v.admin + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the binary with SIGKILL, if it runs.
func (v *victim) kill() {
	if v.cmd == nil {
		return
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	v.cmd = nil
}

// stop ends the binary as a supervisor does.
func (v *victim) stop() {
	v.Helper()
	must(v, v.cmd.Process.Signal(os.Interrupt))
	if err := v.cmd.Wait(); err != nil {
		v.Errorf("a clean stop ended with %v:\n%s", err, v.log.tail())
	}
	v.cmd = nil
}

// awaitEnd waits until the binary ends by itself.
func (v *victim) awaitEnd() {
	v.Helper()
	patient := time.AfterFunc(patience, func() { _ = v.cmd.Process.Kill() })
	_ = v.cmd.Wait() // how it ended is for others to judge
	if !patient.Stop() {
		v.cmd = nil
		v.Fatalf("the receiver did not end:\n%s", v.log.tail())
	}
}

// wantFailStop wants the binary, which has ended, to have failed, naming one of
// the causes and the data folder, with a cure.
func (v *victim) wantFailStop(causes ...error) {
	v.Helper()
	if status := v.cmd.ProcessState.ExitCode(); status != 1 {
		v.Errorf("the receiver ended with status %d, want 1", status)
	}
	v.cmd = nil
	lines := strings.Split(strings.TrimSpace(v.log.String()), "\n")
	said := strings.Join(lines[max(0, len(lines)-2):], "\n")
	var words []string
	for _, c := range causes {
		words = append(words, regexp.QuoteMeta(c.Error()))
	}
	if want := regexp.MustCompile(`^suitekeeper: .*(` + strings.Join(words, "|") + `)\nhint: .*` + regexp.QuoteMeta(v.data) + `\b`); !want.MatchString(said) {
		v.Errorf("the last words of the receiver are %q, want %q", said, want)
	}
}

// wantNoComplaints checks what the binary has logged: nothing but JSON, no
// secrets, no warnings before it served, and after that no errors but that a push
// came too late, which is the machine's fault.
func (v *victim) wantNoComplaints() {
	v.Helper()
	said := v.log.String()
	for _, secret := range v.secrets() {
		if strings.Contains(said, secret) {
			v.Errorf("the receiver has logged the secret %s", secret)
		}
	}
	serving := false
	for line := range strings.Lines(said) {
		var entry struct{ Level, Msg string }
		err := json.Unmarshal([]byte(line), &entry)
		switch {
		case err != nil && !strings.HasSuffix(line, "\n"): // it was killed while it wrote
		case err != nil, entry.Level != "info" && !serving, entry.Level == "error" && entry.Msg != "push not acknowledged":
			v.Errorf("the receiver complained: %s", line)
		}
		serving = serving || entry.Msg == "serving"
	}
}

// secrets are those that the binary has and that are known here; of the corps
// those of the newest, for there may be thousands.
func (v *victim) secrets() []string {
	v.Helper()
	list := []string{v.suite.Secret, v.suite.Token, v.suite.EncodingAESKey}
	if s, ok := v.dingTalk.Suite(v.suite.Key); ok {
		list = append(list, s.Ticket)
		for _, c := range s.Corps[max(0, len(s.Corps)-20):] {
			list = append(list, c.PermanentCode)
		}
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// push pushes events without end, each different, from 8 sides at once. It
// returns what ends that.
func (v *victim) push() (stop func()) { return v.pushEvery(20*time.Millisecond, 8) }

// pushEvery does so from so many sides, each with that pause.
func (v *victim) pushEvery(pause time.Duration, sides int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var pushers sync.WaitGroup
	for i := range sides {
		pushers.Go(func() { v.pushFrom(ctx, i, pause) })
	}
	return func() {
		cancel()
		pushers.Wait()
	}
}

func (v *victim) pushFrom(ctx context.Context, pusher int, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, _ = v.dingTalk.PushEvent(v.suite.Key, fmt.Appendf(nil,
			`{"EventType":"user_add_org","CorpId":"dingstaff%d","UserId":["u%d"],"TimeStamp":%d}`, pusher, i, time.Now().UnixMilli()))
	}
}

// authorize has so many new corps authorise the suite.
func (v *victim) authorize(corps int) {
	v.Helper()
	for range corps {
		v.corps++
		must(v, v.dingTalk.Authorize(v.suite.Key, dingtalktest.Authorization{CorpID: fmt.Sprintf("ding%05d", v.corps)}))
	}
}

// survive has the victim end what was interrupted: in the end all that DingTalk
// knows is stored, and every corp is active.
func (v *victim) survive() *ledger {
	v.Helper()
	v.start()
	v.awaitAllActive()
	v.stop()
	v.wantNoComplaints()
	v.wantAllActive()
	return v.wantNothingLost()
}

// awaitAllActive waits until every corp is active, and no push waits. Then there
// are no alerts but those that tell for some minutes of pushes answered 503.
func (v *victim) awaitAllActive() {
	v.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	look := time.NewTicker(100 * time.Millisecond) // not at every change: it looks at every corp
	defer look.Stop()
	for !v.allActivated() {
		select {
		case <-look.C:
		case <-ctx.Done():
			v.Errorf("not every corp was activated in time; %+v; alerts: %s", v.dingTalk.Counts(), v.status())
			return
		}
	}
	for {
		out := v.status()
		var status struct {
			Suites []struct {
				Authorizations map[string]int `json:"authorizations"`
			} `json:"suites"`
			Alerts []shownAlert `json:"alerts"`
		}
		must(v, json.Unmarshal(out, &status))
		status.Alerts = slices.DeleteFunc(status.Alerts, func(a shownAlert) bool { return a.Code == "overloaded" || a.Code == "store_slow" })
		if len(status.Suites) == 1 && status.Suites[0].Authorizations["active"] == v.corps && len(status.Alerts) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			v.Errorf("status = %s, want %d active and no alerts", out, v.corps)
			return
		}
	}
}

func (v *victim) allActivated() bool {
	if v.dingTalk.Counts().Queued > 0 {
		return false
	}
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps {
		if c.ActivatedAt.IsZero() {
			return false
		}
	}
	return true
}

func (v *victim) status() []byte {
	v.Helper()
	out, err := exec.Command(v.binary, "status", "-o", "json", "--admin", "http://"+v.admin,
		"--token-file", filepath.Join(v.data, "admin.token")).CombinedOutput()
	if err != nil {
		v.Errorf("status: %v\n%s", err, out)
	}
	return out
}

type shownAlert struct{ Code, Message, Cure string }

// alert returns one that the binary shows, an empty one if it does not.
func (v *victim) alert(code string) shownAlert {
	v.Helper()
	var status struct{ Alerts []shownAlert }
	must(v, json.Unmarshal(v.status(), &status))
	for _, a := range status.Alerts {
		if a.Code == code {
			return a
		}
	}
	return shownAlert{}
}

// freeAddress returns an address on loopback that nobody listens on. It is not
// among those that outgoing connections get: then a push to a receiver that is
// down could get its address, and it could not come up again.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	tb.Fatal("no address on loopback is free")
	return ""
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
