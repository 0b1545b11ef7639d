package main_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	stdlog "log"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// story is a receiver that all kinds of things happen to, and everything that
// it says meanwhile.
type story struct {
	*testReceiver
	dingTalk *dingTalk
	tape     tape
	told     happenings
	std      logbook // of package log

	http, sync, alone keeper.SuiteConfiguration // alone has no app_id, so that burnt codes need a person
	folder            string                    // of the configuration, which holds secrets rightfully
	secrets           canaries
	said              []saying
}

// saying is something that the receiver showed to somebody.
type saying struct{ where, text string }

// TestNoSecretIsShownAnywhere goes through success and every kind of failure
// over the real listeners, and then searches everything that the receiver
// logged, answered, printed or returned, and what its data folder holds, for
// any part of any secret.
func TestNoSecretIsShownAnywhere(t *testing.T) {
	s := newStory(t)
	s.configuration()
	s.start()
	s.beforeTheTicket()
	s.rejections()
	s.successes()
	s.quarantine()
	s.refusals()
	s.brokenAnswers()
	s.changes()
	s.operators()
	s.console()
	s.vaults()
	s.wrongSecret()
	s.wrongMasterKey()
	s.search()
}

func newStory(t *testing.T) *story {
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "SUITEKEEPER_") {
			t.Setenv(name, "")
		}
	}
	s := &story{secrets: canaries{}, folder: t.TempDir(), tape: tape{refusals: map[string]refusal{}}}
	stdlog.SetOutput(&s.std)
	t.Cleanup(func() { stdlog.SetOutput(os.Stderr) })
	s.dingTalk = newDingTalk(t, dingtalktest.Options{OnHappening: s.told.note, Scale: 0.01}, s.tape.wrap)
	s.http, s.sync, s.alone = s.secretSuite("storyhttp"), s.secretSuite("storysync"), s.secretSuite("storyalone")
	s.http.AppID = 4711
	s.dingTalk.register(t, s.http, dingtalktest.HTTP)
	s.dingTalk.register(t, s.sync, dingtalktest.SyncHTTP)
	s.dingTalk.register(t, s.alone, dingtalktest.HTTP)
	s.dingTalk.run(t)
	s.testReceiver = newTestReceiver(t, s.dingTalk.url, s.http, s.sync, s.alone)
	s.cfg.MasterKey = suite.Secret(s.masterKey("master key"))
	return s
}

// secretSuite is a suite whose secrets nobody saw before.
func (s *story) secretSuite(key string) keeper.SuiteConfiguration {
	c := keeper.SuiteConfiguration{
		Key: key, Name: "story", Secret: suite.Secret(rand.Text() + "_-" + rand.Text()),
		Token: suite.Secret("t" + rand.Text()), AESKey: suite.Secret((rand.Text() + rand.Text())[:43]),
	}
	s.secrets.add("secret of "+key, c.Secret.Reveal())
	s.secrets.add("token of "+key, c.Token.Reveal())
	s.addKey("AES key of "+key, c.AESKey.Reveal()+"=")
	return c
}

func (s *story) masterKey(what string) string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	text := base64.StdEncoding.EncodeToString(key[:])
	s.addKey(what, text)
	return text
}

// addKey adds a key as text and the bytes that it stands for.
func (s *story) addKey(what, text string) {
	raw, _ := base64.StdEncoding.DecodeString(text)
	s.secrets.add(what, text)
	s.secrets.add("bytes of "+what, string(raw))
}

func (s *story) start() {
	s.Helper()
	s.testReceiver.start()
	s.dingTalk.pointTo(s.testReceiver)
	s.secrets.add("admin token", s.adminToken())
}

func (s *story) shows(where, text string) { s.said = append(s.said, saying{where, text}) }

// observe looks at everything that operators can see.
func (s *story) observe() {
	s.Helper()
	for _, path := range []string{"/api/v1/status", "/api/v1/suites", "/metrics", "/readyz", "/healthz", "/openapi.json", "/nowhere"} {
		a := s.get(s.admin+path, s.adminToken())
		s.shows("GET "+path, fmt.Sprint(a))
	}
}

// sees waits for an alert and looks at everything while it is there.
func (s *story) sees(code string) {
	s.Helper()
	s.until("there is the alert "+code, func() bool { return s.report().alert(code) })
	s.observe()
}

// counted waits for the authorisations of a suite.
func (s *story) counted(c keeper.SuiteConfiguration, want map[string]int) {
	s.Helper()
	s.until(fmt.Sprintf("%s has %v", c.Key, want), func() bool { return maps.Equal(s.report().counts(c.Key), want) })
}

func (s *story) authorize(c keeper.SuiteConfiguration, corp string) {
	s.Helper()
	s.must(s.dingTalk.Authorize(c.Key, dingtalktest.Authorization{CorpID: corp, CorpName: "corp " + corp}))
}

// command runs a command line, whose words may hold secrets, as users type it.
func (s *story) command(status int, args ...string) {
	s.Helper()
	r := runCommand(s.Context(), "", args...)
	s.shows("command "+args[0], r.stdout+r.stderr)
	if r.status != status {
		s.Errorf("%s ended with %d, want %d: %s%s", args[0], r.status, status, r.stdout, r.stderr)
	}
}

// file writes a file beside the configuration.
func (s *story) file(name, text string) string {
	s.Helper()
	path := filepath.Join(s.folder, name)
	s.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (s *story) newSecret(what string) string {
	secret := rand.Text()
	s.secrets.add(what, secret)
	return secret
}

// activates authorises a corp and waits until it is active.
func (s *story) activates(c keeper.SuiteConfiguration, corp string) {
	s.Helper()
	before := s.report().counts(c.Key)["active"]
	s.authorize(c, corp)
	s.until(corp+" is active", func() bool { return s.report().counts(c.Key)["active"] == before+1 })
}

// newTicket has DingTalk push a ticket, behind which waiting work goes on.
func (s *story) newTicket(c keeper.SuiteConfiguration) {
	s.Helper()
	s.must(s.dingTalk.PushTicket(c.Key))
}

// search ends the story: it gathers what DingTalk and the receiver told each
// other, for the secrets in it, and looks for them in all that was shown.
func (s *story) search() {
	s.Helper()
	s.stop()
	found := map[string]int{}
	s.secrets.harvest(s.tape.String(), found)
	for _, p := range s.dingTalk.Pushes() {
		s.secrets.harvest(string(p.Message), found)
		s.shows("verdict of the stand-in", p.Reason)
	}
	for _, name := range []string{"SuiteTicket", "suiteTicket", "AuthCode", "tmp_auth_code", "permanent_code",
		"suite_access_token", "access_token", "accessToken", "signature"} {
		if found[name] == 0 {
			s.Errorf("no %s was seen, so none was looked for: %v", name, found)
		}
	}
	log := s.log.String()
	for _, line := range []string{"permanent code stored", "authorisation active", "authorisation failed", `"quarantined":`, "push rejected",
		"push refused", "push not acknowledged", "no call of this suite can succeed", "asked DingTalk for a new tmp_auth_code"} {
		if !strings.Contains(log, line) {
			s.Errorf("the story came without a log line %q", line)
		}
	}
	s.shows("log", log)
	s.shows("package log", s.std.String())
	s.shows("narrator of the demo", s.told.String())
	for _, said := range s.said {
		for _, found := range s.secrets.in(said.text) {
			s.Errorf("%s shows the %s", said.where, found)
		}
	}
	s.searchFolder()
}

// searchFolder looks for the secrets in the files of the data folder. One may
// hold the token that it is for.
func (s *story) searchFolder() {
	s.Helper()
	for name, text := range readFolder(s, s.cfg.Data) {
		if name == "admin.token" && strings.TrimSpace(text) == s.adminToken() {
			continue
		}
		for _, found := range s.secrets.in(text) {
			s.Errorf("the file %s holds the %s", name, found)
		}
	}
}

// readFolder returns the files of a folder by name.
func readFolder(tb testing.TB, folder string) map[string]string {
	tb.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

// TestUnwrappedDataKeyIsOnlyInItsFile looks for the data key, which without a
// master key is in clear in the key file, and for what it seals.
func TestUnwrappedDataKeyIsOnlyInItsFile(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	secrets := canaries{}
	ticket := rand.Text()
	secrets.add("ticket", ticket)
	secrets.add("admin token", r.adminToken())
	r.acknowledges(fmt.Sprintf(`{"EventType":"suite_ticket","SuiteTicket":%q}`, ticket))
	r.stop()
	files := readFolder(t, r.cfg.Data)
	var keyset struct {
		Key []struct{ KeyData struct{ Value []byte } }
	}
	if err := json.Unmarshal([]byte(files["suitekeeper.key"]), &keyset); err != nil || len(keyset.Key) != 1 {
		t.Fatalf("the key file holds %d keys, %v, want one", len(keyset.Key), err)
	}
	secrets.add("data key", string(keyset.Key[0].KeyData.Value))
	if len(secrets.in(files["suitekeeper.key"])) == 0 || len(secrets.in(files["admin.token"])) == 0 {
		t.Error("the search does not find what the files are for")
	}
	for _, name := range []string{"suitekeeper.db", "log"} {
		text := files[name]
		if name == "log" {
			text = r.log.String()
		}
		for _, found := range secrets.in(text) {
			t.Errorf("%s holds the %s", name, found)
		}
	}
}
