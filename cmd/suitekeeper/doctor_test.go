package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store/storetest"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// doctored is what doctor said.
type doctored struct {
	result
	Errors, Warnings, Unknown int
	Findings                  []struct {
		Check, Code, Severity, Message, Cure string
		SuiteKey                             string `json:"suite_key"`
		MessageZH                            string `json:"message_zh"`
		CureZH                               string `json:"cure_zh"`
	}
}

// codes are the findings of that severity.
func (d doctored) codes(severity string) []string {
	var list []string
	for _, f := range d.Findings {
		if f.Severity == severity {
			list = append(list, f.Code)
		}
	}
	return list
}

func (d doctored) has(code string) bool {
	for _, f := range d.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// doctor examines a configuration.
func doctor(t *testing.T, config string, args ...string) doctored {
	t.Helper()
	path := filepath.Join(t.TempDir(), "suitekeeper.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	d := doctored{result: runCommand(t.Context(), "", append([]string{"doctor", "--config", path, "-o", "json"}, args...)...)}
	if err := json.Unmarshal([]byte(d.stdout), &d); err != nil {
		t.Fatalf("doctor -o json = %q, errors %q: %v", d.stdout, d.stderr, err)
	}
	if wantStatus := min(d.Errors, 1); d.status != wantStatus {
		t.Errorf("doctor with %d errors ended with status %d, want %d", d.Errors, d.status, wantStatus)
	}
	for _, f := range d.Findings {
		wantChinese(t, f.Code, f.MessageZH)
		wantChinese(t, f.Code, f.CureZH)
		if text := f.Message + f.Cure + f.MessageZH + f.CureZH; strings.ContainsAny(text, "{}") || f.Message == "" || f.MessageZH == "" {
			t.Errorf("finding %s says %q and %q, want texts in both languages with nothing left to fill in", f.Code, f.Message, f.MessageZH)
		}
	}
	return d
}

// config is the configuration of a receiver as a file, with what is added.
func (r *testReceiver) config(publicURL, more string) string {
	host := func(url string) string { return strings.TrimPrefix(url, "http://") }
	text := fmt.Sprintf("listen: %s\nadmin: {listen: %q}\ndata: %s\npublic_url: %s\ndingtalk: {oapi_url: %q, api_url: %q}\n%ssuites:\n",
		host(r.callback), host(r.admin), r.cfg.Data, publicURL, r.cfg.DingTalk.OAPIURL, r.cfg.DingTalk.APIURL, more)
	for _, s := range r.cfg.Suites {
		text += fmt.Sprintf("  - {key: %s, secret: %s, token: %s, aes_key: %s}\n", s.Key, s.Secret.Reveal(), s.Token.Reveal(), s.AESKey.Reveal())
	}
	return text
}

// doctorSuite has nothing that doctor would warn of.
var doctorSuite = keeper.SuiteConfiguration{
	Key: "suitedoctor000000001", Secret: "doctorSuiteSecret", Token: "aDoctorsTokenOfManyLetters",
	AESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
}

// newPatient is a receiver that DingTalk pushes to, with a ticket.
func newPatient(t *testing.T) (*testReceiver, *dingTalk) {
	t.Helper()
	platform := newDingTalk(t, dingtalktest.Options{Seed: 1}, nil)
	platform.register(t, doctorSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, platform.url, doctorSuite)
	r.start()
	platform.pointTo(r)
	platform.run(t)
	r.must(platform.PushTicket(doctorSuite.Key))
	r.until("the ticket is here", func() bool { return r.report().Store.Events == 1 })
	return r, platform
}

func TestDoctorFindsAHealthyServerHealthy(t *testing.T) {
	r, _ := newPatient(t)
	for range 3 { // its own URL checks are nobody's who dislikes the answers
		doctor(t, r.config(r.callback, ""))
	}
	d := doctor(t, r.config(r.callback, ""))
	if d.Errors != 0 {
		t.Errorf("doctor found the errors %q, want none", d.codes("error"))
	}
	// The receiver of a test is on loopback and speaks no TLS.
	if got, want := d.codes("warning"), []string{"url_clear", "url_private"}; !slices.Equal(got, want) {
		t.Errorf("doctor warned of %q, want %q", got, want)
	}
	for _, code := range []string{"configuration_valid", "data_safe", "server_running", "listener_answers", "ticket_fresh", "no_alerts", "dingtalk_reached", "clock_right", "credentials_accepted", "url_right"} {
		if !d.has(code) {
			t.Errorf("doctor found %q, want %s among it", d.codes("ok"), code)
		}
	}
}

func TestDoctorOfAStoppedServerAsksDingTalkByItself(t *testing.T) {
	tests := []struct {
		name   string
		change func(*testReceiver, *dingTalk)
		want   string
	}{
		{"right", func(*testReceiver, *dingTalk) {}, "credentials_accepted"},
		{"wrong secret", func(r *testReceiver, _ *dingTalk) { r.cfg.Suites[0].Secret = "anotherSecret" }, "suite_secret_wrong"},
		{"unknown suite", func(r *testReceiver, _ *dingTalk) {
			r.cfg.DingTalk.OAPIURL = newDingTalk(r, dingtalktest.Options{}, nil).url
		}, "suite_key_wrong"},
		{"old ticket", func(r *testReceiver, d *dingTalk) {
			r.must(d.SetCallbackURL(doctorSuite.Key, "http://127.0.0.1:1"))
			r.must(d.PushTicket(doctorSuite.Key))
		}, "ticket_rejected"},
		{"address not on the whitelist", func(r *testReceiver, d *dingTalk) {
			r.must(d.SetIPWhitelist(doctorSuite.Key, netip.MustParsePrefix("192.0.2.0/24")))
		}, "address_not_whitelisted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, platform := newPatient(t)
			r.cfg.Suites = slices.Clone(r.cfg.Suites)
			r.stop()
			tt.change(r, platform)
			d := doctor(t, r.config(r.callback, ""))
			if !d.has("server_stopped") || !d.has(tt.want) {
				t.Errorf("doctor found %q, %q and %q, want server_stopped and %s", d.codes("error"), d.codes("unknown"), d.codes("ok"), tt.want)
			}
			if tt.want == "address_not_whitelisted" && !strings.Contains(d.stdout, "127.0.0.1 is not on the suite's whitelist") {
				t.Errorf("doctor = %s, want the address as DingTalk saw it", d.stdout)
			}
		})
	}
}

func TestDoctorHasTheRunningServerAskDingTalk(t *testing.T) {
	r, platform := newPatient(t)
	r.must(platform.SetSecret(doctorSuite.Key, "anotherSecret")) // which no call has shown yet
	if d := doctor(t, r.config(r.callback, "")); !slices.Equal(d.codes("error"), []string{"suite_secret_wrong"}) {
		t.Errorf("doctor found the errors %q, want suite_secret_wrong", d.codes("error"))
	}
}

func TestDoctorAsksNothingWithoutATicket(t *testing.T) {
	platform := newDingTalk(t, dingtalktest.Options{Seed: 1}, nil)
	platform.register(t, doctorSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, platform.url, doctorSuite)
	r.start()
	r.stop()
	if d := doctor(t, r.config(r.callback, "")); !d.has("credentials_no_ticket") || len(platform.Calls()) != 0 {
		t.Errorf("doctor found %q and made the calls %v, want credentials_no_ticket and none", d.codes("unknown"), platform.Calls())
	}
}

func TestDoctorRepeatsTheAlertsOfTheServer(t *testing.T) {
	r, platform := newPatient(t)
	r.must(platform.SetSecret(doctorSuite.Key, "anotherSecret"))
	r.must(platform.Authorize(doctorSuite.Key, dingtalktest.Authorization{CorpID: "ding1"}))
	r.until("the alert is there", func() bool { return r.report().alert("suite_secret_wrong") })
	d := doctor(t, r.config(r.callback, ""))
	if got := d.codes("error"); !slices.Equal(got, []string{"suite_secret_wrong"}) {
		t.Errorf("doctor found the errors %q, want suite_secret_wrong, once", got)
	}
}

func TestDoctorSeesThatTheServerHasAnotherConfiguration(t *testing.T) {
	r, _ := newPatient(t)
	other := doctorSuite
	other.Key, other.Token = "suitedoctor000000002", "anotherTokenOfManyLetters"
	r.cfg.Suites = append(slices.Clone(r.cfg.Suites), other)
	d := doctor(t, r.config(r.callback, ""))
	for _, code := range []string{"suite_not_loaded", "url_unknown_suite"} {
		if !d.has(code) {
			t.Errorf("doctor found %q and %q, want %s", d.codes("error"), d.codes("warning"), code)
		}
	}
	r.cfg.Suites = slices.Clone(r.cfg.Suites[:1])
	r.cfg.Suites[0].Token = "changedTokenOfManyLetters"
	if d := doctor(t, r.config(r.callback, "")); !d.has("url_rejected") {
		t.Errorf("doctor found %q, want url_rejected", d.codes("error"))
	}
}

func TestDoctorSaysThatAServerDoesNotTell(t *testing.T) {
	r, _ := newPatient(t)
	if d := doctor(t, r.config(r.callback, ""), "--token", "wrong-token-of-nobody"); !d.has("server_refuses") {
		t.Errorf("doctor with a wrong token found %q and %q, want server_refuses", d.codes("error"), d.codes("unknown"))
	}
	config := r.config(r.callback, "")
	r.must(os.Remove(filepath.Join(r.cfg.Data, "admin.token")))
	if d := doctor(t, config); !d.has("server_refuses") {
		t.Errorf("doctor without a token found %q and %q, want server_refuses", d.codes("error"), d.codes("unknown"))
	}
	config = strings.Replace(config, strings.TrimPrefix(r.admin, "http://"), "127.0.0.1:1", 1)
	if d := doctor(t, config); !d.has("server_silent") {
		t.Errorf("doctor of a folder in use found %q, want server_silent", d.codes("error"))
	}
}

func TestDoctorComparesClocks(t *testing.T) {
	for ahead, want := range map[time.Duration][2]string{
		0:               {"clock_right", "agrees with"},
		2 * time.Minute: {"clock_off", " ahead of "}, -2 * time.Minute: {"clock_off", " behind "},
		time.Hour: {"clock_wrong", " ahead of "}, -time.Hour: {"clock_wrong", " behind "},
	} {
		clock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(-ahead).UTC().Format(http.TimeFormat))
		}))
		d := doctor(t, fmt.Sprintf("data: %s\nadmin: {listen: \"127.0.0.1:1\"}\ndingtalk: {oapi_url: %q, api_url: %q}\n", t.TempDir(), clock.URL, clock.URL))
		clock.Close()
		if !d.has(want[0]) || !strings.Contains(d.stdout, want[1]) {
			t.Errorf("doctor whose clock is %v ahead found %q, want %q", ahead, d.stdout, want)
		}
	}
}

func TestDoctorExplainsTheConfiguration(t *testing.T) {
	suites := func(members string) string {
		return "suites: [{key: suitea, secret: hunter2, token: aTokenOfMoreThanTwentyLetters, aes_key: kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR}]\n" + members
	}
	one := func(old, replaced string) string { return strings.Replace(suites(""), old, replaced, 1) }
	tests := []struct{ name, config, want string }{
		{"nothing wrong", suites(""), "configuration_valid"},
		{"no suites", "{}", "no_suites"},
		{"short AES key", one("EUDS1aR", "EUDS1a"), "aes_key_malformed"},
		{"AES key with signs", one("EUDS1aR", "EUDS1a="), "aes_key_malformed"},
		{"token with signs", one("aTokenOf", "a-TokenOf"), "token_malformed"},
		{"short token", one("aTokenOfMoreThanTwentyLetters", "aTokenOfFew"), "token_short"},
		{"token that sorts first", one("aTokenOf", "1TokenOf"), "token_sorts_first"},
		{"token of the documentation", one("aTokenOfMoreThanTwentyLetters", `"123456"`), "example_published"},
		{"placeholder", one("hunter2", "replace-me"), "example_placeholder"},
		{"suite in creation", one("key: suitea", "key: suite4xxxxxxxxxxxxxxx"), "suite_in_creation"},
		{"open admin listener", suites(`admin: {listen: "0.0.0.0:8081"}`), "admin_exposed"},
		{"unknown key", suites("forwrds: []"), "configuration_invalid"},
		{"DingTalk in clear", suites(`dingtalk: {oapi_url: "http://dingtalk.invalid"}`), "dingtalk_in_clear"},
		{"no public URL", suites(""), "url_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			config := tt.config
			if !strings.Contains(config, "dingtalk:") && config != "{}" {
				config += "\ndingtalk: {oapi_url: \"http://127.0.0.1:1\", api_url: \"http://127.0.0.1:1\"}\n"
			}
			if !strings.Contains(config, "admin:") && config != "{}" {
				config += "\nadmin: {listen: \"127.0.0.1:1\"}\n"
			}
			d := doctor(t, config)
			if !d.has(tt.want) {
				t.Errorf("doctor found %s, want %s", d.stdout, tt.want)
			}
			if strings.Contains(d.stdout+d.stderr, "hunter2") {
				t.Errorf("doctor = %s, want no secret", d.stdout)
			}
		})
	}
}

func TestDoctorLooksAtTheDataFolder(t *testing.T) {
	r, _ := newPatient(t)
	r.stop()
	config := r.config(r.callback, "")
	key := filepath.Join(r.cfg.Data, "suitekeeper.key")
	r.must(os.Chmod(key, 0o644))
	if d := doctor(t, config); !d.has("data_open") {
		t.Errorf("doctor of a key file that all may read found %q, want data_open", d.codes("error"))
	}
	r.must(os.Rename(key, key+".away"))
	if d := doctor(t, config); !d.has("key_missing") {
		t.Errorf("doctor without the key file found %q, want key_missing", d.codes("error"))
	}
	r.must(os.RemoveAll(r.cfg.Data))
	if d := doctor(t, config); !d.has("data_absent") || !d.has("server_absent") {
		t.Errorf("doctor without a data folder found %q and %q, want data_absent and server_absent", d.codes("unknown"), d.codes("error"))
	}
}

func TestDoctorSeesByItselfThatTheDiskIsAlmostFull(t *testing.T) {
	var disk storetest.TinyDisk
	r := newTestReceiver(t, "http://127.0.0.1:1", doctorSuite)
	r.cfg.Data = filepath.Join(disk.Mount(t, 64<<20), "data")
	look := func(state, size string) {
		t.Helper()
		d := doctor(t, r.config("http://127.0.0.1:1", ""))
		low := slices.DeleteFunc(d.codes("error"), func(code string) bool { return code != "disk_almost_full" })
		if len(low) != 1 || !strings.Contains(d.stdout, size+" of 64 MB are free") || !strings.Contains(d.stdout, "Make room on that disk") {
			t.Errorf("doctor of a server that %s found %q and said %s, want disk_almost_full once, with size and cure", state, d.codes("error"), d.stdout)
		}
	}
	r.callback, r.admin = "http://127.0.0.1:1", "http://127.0.0.1:2"
	look("was never started", "64 MB")
	r.start()
	look("runs", "")
	r.stop()
	look("is stopped", "")
	r.must(os.Remove(filepath.Join(r.cfg.Data, "suitekeeper.key")))
	look("cannot start", "")
}

func TestDoctorTellsOfAnOldTicket(t *testing.T) {
	platform := newDingTalk(t, dingtalktest.Options{Seed: 1}, nil)
	platform.register(t, doctorSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, platform.url, doctorSuite)
	r.start()
	platform.pointTo(r)
	platform.run(t)
	look := func(state, want string) {
		t.Helper()
		d := doctor(t, r.config(r.callback, ""))
		if !d.has(want) || d.has("ticket_fresh") || d.has("no_alerts") || !strings.Contains(d.stdout, "press re-push (重新推送)") {
			t.Errorf("doctor of a server that %s said %s, want %s with its cure", state, d.stdout, want)
		}
	}
	look("runs without a ticket", "ticket_missing")
	r.must(platform.AgeTicket(doctorSuite.Key, 7*time.Hour))
	r.until("the ticket is here", func() bool { return r.report().alert("ticket_stale") })
	look("runs with an old ticket", "ticket_stale")
	r.stop()
	look("is stopped with an old ticket", "ticket_stale")
}
