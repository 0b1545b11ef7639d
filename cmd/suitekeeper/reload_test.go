//go:build unix

package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

// reloadSuites are those of the story of a reload.
var (
	suiteStays = keeper.SuiteConfiguration{Key: "suitestays", Secret: "canary-secret-stays", Token: "canaryTokenStays00001",
		AESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", URLCheckReply: "success"}
	suiteComes = keeper.SuiteConfiguration{Key: "suitecomes", Secret: "canary-secret-comes", Token: "canaryTokenComes00001",
		AESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", URLCheckReply: "success"}
)

// reloaded is the serve command over a configuration file that changes.
type reloaded struct {
	*testReceiver
	file string
	base string // all but the suites
}

func newReloaded(t *testing.T) *reloaded {
	t.Helper()
	r := &reloaded{newTestReceiver(t, "http://127.0.0.1:1"), filepath.Join(t.TempDir(), "suitekeeper.yaml"), ""}
	callback, admin := freeAddress(t), freeAddress(t)
	r.callback, r.admin = "http://"+callback, "http://"+admin
	r.base = fmt.Sprintf("listen: %s\nadmin: {listen: %s}\ndata: %s\ndingtalk: {oapi_url: %q, api_url: %q}\n",
		callback, admin, r.cfg.Data, r.cfg.DingTalk.OAPIURL, r.cfg.DingTalk.APIURL)
	r.write(r.base, suiteStays)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	go func() {
		var err error
		if status := keeper.Run(ctx, []string{"serve", "--config", r.file}, strings.NewReader(""), &r.log, &r.log); status != 0 {
			err = fmt.Errorf("status %d", status)
		}
		r.done <- err
	}()
	r.until("it serves", func() bool {
		a, err := r.do(http.MethodGet, r.admin+"/readyz", "")
		return err == nil && a.status == http.StatusOK
	})
	return r
}

func (r *reloaded) write(base string, suites ...keeper.SuiteConfiguration) {
	r.Helper()
	text := base + "suites:\n"
	for _, s := range suites {
		text += fmt.Sprintf("  - {key: %s, secret: %s, token: %s, aes_key: %s, app_id: %d}\n",
			s.Key, s.Secret.Reveal(), s.Token.Reveal(), s.AESKey.Reveal(), s.AppID)
	}
	r.must(os.WriteFile(r.file, []byte(text), 0o600))
}

// reload changes the file, sends SIGHUP, and waits until the log has said all
// that is wanted of it.
func (r *reloaded) reload(base string, suites []keeper.SuiteConfiguration, wants ...string) {
	r.Helper()
	r.write(base, suites...)
	before := len(r.log.String())
	r.must(syscall.Kill(os.Getpid(), syscall.SIGHUP))
	for _, want := range wants {
		r.until("the log says "+want, func() bool { return strings.Contains(r.log.String()[before:], want) })
	}
}

// accepts pushes a new event and wants success.
func (r *reloaded) accepts(s keeper.SuiteConfiguration, n int) {
	r.Helper()
	a, err := r.push(s, fmt.Sprintf(`{"EventType":"org_update","CorpId":"ding01","n":%d}`, n))
	if err == nil {
		err = successFor(s, a)
	}
	if err != nil {
		r.Errorf("push %d for %s: %v, want success", n, s.Key, err)
	}
}

func (r *reloaded) refuses(s keeper.SuiteConfiguration, status int, code string) {
	r.Helper()
	a, err := r.push(s, `{"EventType":"org_update","CorpId":"ding01"}`)
	if err != nil || a.status != status || !strings.Contains(a.body, `"code":"`+code+`"`) {
		r.Errorf("push for %s = %d %s, %v, want %d %s", s.Key, a.status, a.body, err, status, code)
	}
}

// suites are those that the server says it has.
func (r *reloaded) suites() (keys []string) {
	r.Helper()
	for _, s := range r.report().Suites {
		keys = append(keys, s.SuiteKey)
	}
	return keys
}

// TestReloadTakesUpSuitesAndNoPushFails plays what an operator does to the
// suites of a running server, while pushes come for one of them without end.
func TestReloadTakesUpSuitesAndNoPushFails(t *testing.T) {
	r := newReloaded(t)
	ctx, cancel := context.WithCancel(t.Context())
	var pushers sync.WaitGroup
	for i := range 4 {
		pushers.Go(func() {
			for n := i; ctx.Err() == nil; n += 4 {
				r.accepts(suiteStays, n)
			}
		})
	}
	defer pushers.Wait()
	defer cancel()
	want := func(suites ...string) {
		t.Helper()
		if got := r.suites(); !slices.Equal(got, suites) {
			t.Errorf("suites = %q, want %q", got, suites)
		}
	}
	type suites = []keeper.SuiteConfiguration

	r.refuses(suiteComes, http.StatusNotFound, "unknown_suite")
	r.reload(r.base, suites{suiteStays, suiteComes},
		"configuration reloaded", `"suites_added":["suitecomes"]`, `"suites_changed":[]`, `"suites_removed":[]`)
	want("suitestays", "suitecomes")
	r.accepts(suiteComes, -1)

	// New keys, which the developer console does not have yet.
	changed := suiteStays
	changed.Token, changed.AESKey, changed.AppID = "canaryTokenChanged001", "ChangedKeyChangedKeyChangedKeyChangedKey123", 7
	r.reload(r.base, suites{changed, suiteComes},
		"the suite has other keys", `"suites_added":[]`, `"suites_changed":["suitestays (token, aes_key, app_id)"]`)
	r.accepts(changed, -2)
	r.accepts(suiteStays, -3)

	// A mistake.
	bad := changed
	bad.AESKey = "canaryKeyTooShort"
	r.reload(r.base+"lisen: 127.0.0.1:1\n", suites{bad},
		"was not reloaded", `"level":"error"`, "suites[0].aes_key: has 17 characters", "lisen")
	want("suitestays", "suitecomes")
	r.accepts(changed, -4)
	r.accepts(suiteComes, -5)
	r.reload(r.base, nil, "was not reloaded", "no suite is configured")
	want("suitestays", "suitecomes")

	// A suite goes, and something changes that is taken up only by a restart.
	if !r.report().concerns(suiteComes.Key) {
		t.Error("no alert says that the suite has no ticket")
	}
	events := r.report().Store.Events
	r.reload(r.base+"max_body_bytes: 4096\nticket_stale_after: 5h\n", suites{changed},
		"configuration reloaded", `"suites_removed":["suitecomes"]`, "next restart", `"keys":["max_body_bytes","ticket_stale_after"]`)
	r.refuses(suiteComes, http.StatusNotFound, "unknown_suite")
	want("suitestays")
	report := r.report()
	if report.concerns(suiteComes.Key) {
		t.Errorf("an alert tells of a suite that went: %+v", report.Alerts)
	}
	if report.Store.Events < events {
		t.Errorf("%d events are stored, want the %d from before the suite went", report.Store.Events, events)
	}
	r.reload(r.base, suites{suiteComes, changed}, "configuration reloaded")
	r.accepts(suiteComes, -6)
	r.accepts(changed, -7)

	cancel()
	pushers.Wait()
	r.stop()
	if strings.Contains(r.log.String(), "canary") {
		t.Error("a secret stands in the log")
	}
}
