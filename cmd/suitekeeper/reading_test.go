package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// newRecords is a receiver with many authorisations, which came as rows.
func newRecords(t *testing.T, corps int) *testReceiver {
	t.Helper()
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	var rows []string
	for i := range corps {
		data, err := json.Marshal(fmt.Sprintf(`{"syncAction":"org_suite_auth","permanent_code":"code%d","auth_corp_info":{"corpid":"ding%04d","corp_name":"企业%d"},`+
			`"auth_info":{"agent":[{"agentid":1,"appid":2,"agent_name":"考勤"}]}}`, i, i, i))
		r.must(err)
		rows = append(rows, fmt.Sprintf(`{"id":%d,"gmt_modified":1795300000000,"subscribe_id":"1_0","corp_id":"ding%04d","biz_id":"2","biz_type":4,"biz_data":%s}`, i+1, i, data))
	}
	a, err := r.push(sampleSuite, `{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[`+strings.Join(rows, ",")+`]}`)
	if r.must(err); a.status != http.StatusOK {
		t.Fatalf("push answered %d", a.status)
	}
	return r
}

func TestStoppedServerTellsTheSameAsTheRunningOne(t *testing.T) {
	r := newRecords(t, 3)
	event := func() string { return eventIDs(t, r, 1)[0] }()
	commands := [][]string{
		{"suites"}, {"auths", "list"}, {"auths", "show", "ding0001"}, {"events", "list"}, {"events", "show", event},
	}
	running := map[string]string{}
	for _, c := range commands {
		running[c[0]+c[len(c)-1]] = ask(t, append(c, "--admin", r.admin, "--token", r.adminToken(), "-o", "json")...)
	}
	r.stop()
	for _, c := range commands {
		got := ask(t, append(c, "--data", r.cfg.Data, "-o", "json")...)
		// What comes in a minute only a running server knows.
		rate := regexp.MustCompile(`"pushes_per_minute": \[[^]]*\]`)
		want := rate.ReplaceAllString(running[c[0]+c[len(c)-1]], "")
		if diff := cmp.Diff(want, rate.ReplaceAllString(got, "")); diff != "" {
			t.Errorf("suitekeeper %s of a stopped server differs (-running +stopped):\n%s", strings.Join(c, " "), diff)
		}
	}
}

func TestReadingAStoppedServerChangesNothing(t *testing.T) {
	r := newRecords(t, 1)
	r.stop()
	path := filepath.Join(r.cfg.Data, "suitekeeper.db")
	before, err := os.ReadFile(path)
	r.must(err)
	for _, c := range [][]string{{"status"}, {"suites"}, {"auths", "list"}, {"auths", "show", "ding0000"}, {"events", "list"}} {
		ask(t, append(c, "--data", r.cfg.Data)...)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the data file has changed, %v", err)
	}
}

// A crash right after the data file was made leaves one that nothing was
// written to, not even which key it is sealed with.
func TestReadingDoesNotBeginAStore(t *testing.T) {
	r := newRecords(t, 1)
	r.stop()
	path := filepath.Join(r.cfg.Data, "suitekeeper.db")
	r.must(os.Remove(path))
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: path})
	r.must(err)
	r.must(disk.Close())
	before, err := os.ReadFile(path)
	r.must(err)
	if got := runCommand(t.Context(), "", "status", "--data", r.cfg.Data); got.status != 1 || !strings.Contains(got.stderr, "hint: ") {
		t.Errorf("status of a folder that holds nothing = %d, errors %q, want 1 and a hint", got.status, got.stderr)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the data file has changed, %v", err)
	}
}

func TestMasterKeyOpensAStoppedServer(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.cfg.MasterKey = "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="
	r.start()
	r.stop()
	if got := runCommand(t.Context(), "", "status", "--data", r.cfg.Data); got.status != 1 || !strings.Contains(got.stderr, "master key") {
		t.Errorf("status without the master key = %d, %q, want 1 and that it is missing", got.status, got.stderr)
	}
	t.Setenv("SUITEKEEPER_MASTER_KEY", r.cfg.MasterKey.Reveal())
	ask(t, "status", "--data", r.cfg.Data)
}

func TestRunningServerIsAskedAlthoughItsFolderIsNamed(t *testing.T) {
	r := newRecords(t, 1)
	t.Setenv("SUITEKEEPER_ADMIN_LISTEN", strings.TrimPrefix(r.admin, "http://"))
	if got := ask(t, "status", "--data", r.cfg.Data); !strings.Contains(got, " at "+r.admin) {
		t.Errorf("status --data = %q, want the running server's", got)
	}
}

func TestAuthsListGathersPages(t *testing.T) {
	r := newRecords(t, 620)
	flags := []string{"--admin", r.admin, "--token", r.adminToken()}
	for limit, want := range map[string]int{"0": 620, "600": 600, "500": 500, "7": 7, "620": 620, "1000": 620} {
		var list struct {
			Authorizations []struct {
				CorpID string `json:"corp_id"`
			}
			NextCursor string `json:"next_cursor"`
		}
		text := ask(t, append([]string{"auths", "list", "--limit", limit, "-o", "json"}, flags...)...)
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Authorizations) != want || (list.NextCursor != "") != (want < 620) {
			t.Errorf("auths list --limit %s has %d entries and the cursor %q, want %d", limit, len(list.Authorizations), list.NextCursor, want)
		}
		for i, a := range list.Authorizations {
			if a.CorpID != fmt.Sprintf("ding%04d", i) {
				t.Fatalf("auths list --limit %s has %s in place %d, want all in order, each once", limit, a.CorpID, i)
			}
		}
	}
	if text := ask(t, append([]string{"events", "list", "--limit", "0"}, flags...)...); strings.Count(text, "org_suite_auth") != 620 {
		t.Errorf("events list --limit 0 shows %d events, want 620", strings.Count(text, "org_suite_auth"))
	}
}

func TestListsAreAlignedWithWideCharacters(t *testing.T) {
	r := newRecords(t, 11)
	text := ask(t, "auths", "list", "--admin", r.admin, "--token", r.adminToken())
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines[1:] {
		before, _, _ := strings.Cut(line, "active")
		if got, want := keeper.DisplayWidth(before), strings.Index(lines[0], "STATUS"); got != want {
			t.Errorf("the status in %q begins at cell %d, want %d as in %q", line, got, want, lines[0])
		}
	}
}

func TestRetryAllFailedTellsOfEach(t *testing.T) {
	platform := newDingTalk(t, dingtalktest.Options{Seed: 1}, nil)
	platform.register(t, sampleSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, platform.url, sampleSuite) // without app_id, so that a burnt code stays burnt
	r.start()
	platform.pointTo(r)
	platform.run(t)
	r.must(platform.PushTicket(sampleSuite.Key))
	for i, corp := range []string{"ding1", "ding2"} {
		r.must(platform.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}))
		r.must(platform.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: corp}))
		r.until("it has failed", func() bool { return r.report().counts(sampleSuite.Key)["failed"] == i+1 })
	}
	flags := []string{"--admin", r.admin, "--token", r.adminToken()}
	if got := ask(t, append([]string{"auths", "list", "--status", "failed"}, flags...)...); strings.Count(got, "needs a person: code_burnt") != 2 {
		t.Errorf("auths list --status failed = %q, want two that need a person", got)
	}
	show := ask(t, append([]string{"auths", "show", "ding1"}, flags...)...)
	for _, call := range []string{`get_permanent_code +- +no answer: EOF \([0-9]+ ms\)`, `get_permanent_code +- +40078 不存在的临时授权码 \([0-9]+ ms\)`} {
		if !regexp.MustCompile(call).MatchString(show) {
			t.Errorf("auths show = %s, want %s", show, call)
		}
	}
	for lang, want := range map[string]string{
		"en": "\n40078  The temporary code (tmp_auth_code) does not exist: it was used already,\nor is empty.",
		"zh": "\n40078  不存在的临时授权码：已被使用过，或为空。每个授权码只能使用一次。\n  处理办法：",
	} {
		show := ask(t, append([]string{"auths", "show", "ding1", "--lang", lang}, flags...)...)
		if strings.Count(show, want) != 1 {
			t.Errorf("auths show --lang %s = %s, want once %s", lang, show, want)
		}
	}
	got := runCommand(t.Context(), "", append([]string{"auths", "retry", "--all-failed", "-o", "json"}, flags...)...)
	var answer struct {
		Retries []struct {
			CorpID        string `json:"corp_id"`
			Action, Error string
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil {
		t.Fatalf("auths retry --all-failed = %q, %q: %v", got.stdout, got.stderr, err)
	}
	if len(answer.Retries) != 2 || answer.Retries[0].Error == "" || got.status != 1 || !strings.Contains(got.stderr, "2 of 2 could not be retried") {
		t.Errorf("auths retry --all-failed = %+v, status %d, errors %q, want two that cannot be retried without app_id", answer.Retries, got.status, got.stderr)
	}
}

func TestRepushOfOneEvent(t *testing.T) {
	r := newRecords(t, 2)
	flags := []string{"--admin", r.admin, "--token", r.adminToken()}
	got := ask(t, append([]string{"repush", "--event", eventIDs(t, r, 1)[0]}, flags...)...)
	if !strings.HasPrefix(got, "processed again        1\n") {
		t.Errorf("repush --event = %q, want that one event was processed again", got)
	}
}

// ask runs a command that is to end well, and returns what it printed.
func ask(t *testing.T, args ...string) string {
	t.Helper()
	r := runCommand(t.Context(), "", args...)
	if r.status != 0 || r.stderr != "" {
		t.Fatalf("suitekeeper %s = %d, errors %q", strings.Join(args, " "), r.status, r.stderr)
	}
	return r.stdout
}

// eventIDs are the newest events of a receiver.
func eventIDs(t *testing.T, r *testReceiver, limit int) []string {
	t.Helper()
	var list struct{ Events []struct{ ID string } }
	text := ask(t, "events", "list", "--limit", fmt.Sprint(limit), "--admin", r.admin, "--token", r.adminToken(), "-o", "json")
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range list.Events {
		ids = append(ids, e.ID)
	}
	return ids
}
