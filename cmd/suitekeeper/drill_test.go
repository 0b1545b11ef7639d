package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"suitekeeper/store"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestDrillBringsEverythingBack is what operators should try once: backups are
// taken of the real binary under load, then it is killed and its folder lost, and
// the last backup restored. Everything that was acknowledged before that backup
// began is there, with the permanent codes, the ticket, who was signed in and the
// audit log. Corps whose exchange the loss interrupted are active in the end.
func TestDrillBringsEverythingBack(t *testing.T) {
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 60*time.Millisecond)
	key, err := age.GenerateX25519Identity()
	must(t, err)
	identity := filepath.Join(t.TempDir(), "backup.key")
	must(t, os.WriteFile(identity, []byte(key.String()), 0o600))

	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(10)
	v.awaitAllActive()
	operator := v.signIn()
	v.run("auths", "reveal", "ding00001", "--config", v.config)
	stopPushing := v.push()
	v.wantPushes(500)
	v.authorize(5) // whose exchanges are under way

	var known []dingtalktest.Push
	var began time.Time
	file := ""
	for i := range 5 {
		file = filepath.Join(t.TempDir(), fmt.Sprint(i, ".backup"))
		known, began = v.dingTalk.Pushes(), time.Now()
		v.run("backup", file, "--config", v.config, "--recipient", key.Recipient().String())
	}
	ended := time.Now()
	v.wantPushes(100) // that are lost
	stopPushing()
	meanwhile, late := v.pushesBetween(began, ended)
	v.kill()
	must(t, os.RemoveAll(v.data))

	v.run("verify", file, "--identity", identity)
	v.run("restore", file, "--config", v.config, "--identity", identity)
	wantRestored(t, v, known)
	v.start()
	v.awaitAllActive()
	if status := v.get(operator, "/console/audit"); status != http.StatusOK {
		t.Errorf("whoever was signed in is answered %d after the restore, want 200", status)
	}
	v.wantAudited("reveal_permanent_code", "backup", "sign_in")
	v.stop()
	t.Logf("%d pushes were known when the backup began; while it was taken %d were acknowledged and %d not", len(known), meanwhile, late)
}

// wantRestored holds the folder of a victim against what was known before.
func wantRestored(t *testing.T, v *victim, known []dingtalktest.Push) {
	t.Helper()
	kept, err := readKept(t.Context(), v.data)
	must(t, err)
	acknowledged, ticket := 0, ""
	for _, p := range known {
		if !p.OK {
			continue
		}
		acknowledged++
		if n := kept.events[string(p.Message)]; n != 1 {
			t.Errorf("an acknowledged %s is %d times in what was restored, want once: %s", p.Event, n, p.Message)
		}
		if p.Event == "suite_ticket" {
			var said struct{ SuiteTicket string }
			must(t, json.Unmarshal(p.Message, &said))
			ticket = said.SuiteTicket
		}
	}
	if acknowledged < 500 {
		t.Errorf("only %d pushes were acknowledged before the backup", acknowledged)
	}
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps[:10] {
		if got, want := kept.auths[c.ID], (keptAuth{c.ID, c.PermanentCode, "active"}); got != want {
			t.Errorf("%s was restored as %+v, want %+v", c.ID, got, want)
		}
	}
	if got := v.storedTicket(v.suite.Key); ticket == "" || got != ticket {
		t.Errorf("the ticket was restored as %q, want %q", got, ticket)
	}
}

// storedTicket is the ticket of a suite in the folder of a victim that does not
// run.
func (v *victim) storedTicket(key string) (ticket string) {
	v.Helper()
	must(v, withStore(context.Background(), v.data, func(r store.Reader) error {
		stored, err := store.NewCollection("ticket", store.JSON[struct{ Value string }]()).Get(r, store.Key{}.Text(key))
		ticket = stored.Value
		return err
	}))
	return ticket
}

// run runs a command of the binary, which must end well, and returns what it
// printed.
func (v *victim) run(args ...string) []byte {
	v.Helper()
	out, err := exec.Command(v.binary, args...).CombinedOutput()
	if err != nil {
		v.Fatalf("%s: %v\n%s\nlog:\n%s", strings.Join(args, " "), err, out, v.log.tail())
	}
	return out
}

// wantPushes waits until so many more pushes were acknowledged.
func (v *victim) wantPushes(n int) {
	v.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	want := v.dingTalk.Counts().Accepted + n
	if err := v.dingTalk.Wait(ctx, func() bool { return v.dingTalk.Counts().Accepted >= want }); err != nil {
		v.Fatalf("%d pushes were not acknowledged in time; log:\n%s", n, v.log.tail())
	}
}

// pushesBetween counts the pushes that began between two times, by whether they
// were acknowledged.
func (v *victim) pushesBetween(from, to time.Time) (acknowledged, not int) {
	for _, p := range v.dingTalk.Pushes() {
		switch {
		case p.At.Before(from) || p.At.After(to):
		case p.OK:
			acknowledged++
		default:
			not++
		}
	}
	return acknowledged, not
}

// signIn returns a browser that is signed in to the console.
func (v *victim) signIn() *http.Client {
	v.Helper()
	jar, err := cookiejar.New(nil)
	must(v, err)
	browser := &http.Client{Jar: jar, Timeout: patience}
	page, err := readAnswer(browser.PostForm("http://"+v.admin+"/console/sign-in", url.Values{"token": {v.token()}}))
	must(v, err)
	if page.status != http.StatusOK {
		v.Fatalf("signing in was answered %d", page.status)
	}
	return browser
}

func (v *victim) token() string {
	v.Helper()
	text, err := os.ReadFile(filepath.Join(v.data, "admin.token"))
	must(v, err)
	return strings.TrimSpace(string(text))
}

// get returns the status of a page of the operators' side.
func (v *victim) get(browser *http.Client, path string) int {
	v.Helper()
	page, err := readAnswer(browser.Get("http://" + v.admin + path))
	must(v, err)
	return page.status
}

// wantAudited wants actions in the audit log of a victim that runs.
func (v *victim) wantAudited(actions ...string) {
	v.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+v.admin+"/api/v1/audit", nil)
	must(v, err)
	req.Header.Set("Authorization", "Bearer "+v.token())
	page, err := readAnswer(http.DefaultClient.Do(req))
	must(v, err)
	for _, action := range actions {
		if !strings.Contains(page.body, `"`+action+`"`) {
			v.Errorf("the audit log tells of no %s: %s", action, page.body)
		}
	}
}
