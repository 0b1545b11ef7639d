package main_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

const statusToken = "canary-operator-4bad9bdd2b0d"

// reporter is a keeper that always reports the same and knows nothing else.
type reporter struct {
	admin.Keeper
	report suite.Report
}

func (r reporter) Status(context.Context) (suite.Report, error) { return r.report, nil }

// serveAdmin serves the admin API and sees to it that nothing but the test's
// own flags and variables tells status where it is.
func serveAdmin(t *testing.T, r suite.Report) *httptest.Server {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range []string{"SUITEKEEPER_ADMIN", "SUITEKEEPER_ADMIN_TOKEN", "LC_ALL", "LC_MESSAGES", "LANG"} {
		t.Setenv(name, "")
	}
	h, err := admin.New(admin.Options{
		Keeper: reporter{report: r}, Version: "v1.2.3",
		Tokens: []admin.Token{
			{Name: "ops", SHA256: sha256.Sum256([]byte(statusToken)), Role: admin.RoleOperator},
			{Name: "crm", SHA256: sha256.Sum256([]byte("app-" + statusToken)), Role: admin.RoleApp},
		},
		Store: func() admin.StoreInfo { return admin.StoreInfo{Engine: "bolt", SizeBytes: 12_900_000} },
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// troubled is a report whose times stay the same words for half a minute.
func troubled() suite.Report {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d - 10*time.Second) }
	r := suite.Report{
		StartedAt: ago(50 * time.Hour),
		Events:    1234,
		Suites: []suite.SuiteReport{
			{
				Key: "suite4xxxxxxxxxxxxxxx", Name: "考勤打卡",
				Ticket:         suite.TicketReport{State: suite.TicketFresh, IssuedAt: ago(time.Hour), Age: 133 * time.Minute},
				Authorizations: map[suite.Status]int{suite.StatusPending: 1, suite.StatusActive: 1200, suite.StatusDisabled: 2, suite.StatusFailed: 5, suite.StatusRelieved: 40},
				LastEventAt:    ago(12*time.Hour + 30*time.Minute),
			},
			{Key: "suite5", Ticket: suite.TicketReport{State: suite.TicketMissing}},
			{Key: "suite6", Name: "crm", Ticket: suite.TicketReport{State: suite.TicketStale, Age: 7 * time.Hour}},
		},
		Alerts: []suite.Alert{{
			Code: suite.AlertTicketMissing, Severity: suite.SeverityCritical, Suite: "suite5", Since: ago(2 * time.Hour),
			Message: suite.Text{EN: "No suite_ticket has arrived.", ZH: "还没有收到过 suite_ticket。"},
			Cure: suite.Text{EN: "Press re-push (重新推送) beside suite_ticket on the suite's page in DingTalk's developer console.",
				ZH: "打开钉钉开发者后台（https://open-dev.dingtalk.com）中该套件的“事件订阅”页面，点击“重新推送”。"},
		}},
	}
	for i, name := range []string{"星河科技", "", "远山物流", "", "青禾教育"} {
		r.Alerts = append(r.Alerts, suite.Alert{
			Code: suite.AlertCodeBurnt, Severity: suite.SeverityWarning,
			Suite: "suite4xxxxxxxxxxxxxxx", Corp: suite.CorpID(fmt.Sprintf("ding%d", i)), CorpName: name, Since: ago(2*time.Hour + time.Duration(i)*time.Minute),
			Message: suite.Text{EN: fmt.Sprintf("The code of ding%d was burnt.", i), ZH: "授权码已失效。"},
			Cure:    suite.Text{EN: "Set app_id.", ZH: "请配置 app_id。"},
		})
	}
	return r
}

func TestStatusFitsOneScreen(t *testing.T) {
	srv := serveAdmin(t, troubled())
	for lang, want := range map[string]string{"en": statusEN, "zh": statusZH} {
		r := runCommand(t.Context(), "", "status", "--admin", srv.URL, "--token", statusToken, "--lang", lang)
		if r.status != 0 || r.stderr != "" {
			t.Errorf("status --lang %s: status %d, errors %q, want 0 although there are alerts", lang, r.status, r.stderr)
		}
		got := strings.ReplaceAll(r.stdout, srv.URL, "http://SERVER")
		if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
			t.Errorf("status --lang %s differs (-want +got):\n%s", lang, diff)
		}
	}
}

const statusEN = `
suitekeeper v1.2.3 at http://SERVER, up 2d2h, 1234 events stored (bolt, 12.3 MiB)

SUITE     KEY                    TICKET            PENDING  ACTIVE  DISABLED  FAILED  RELIEVED  LAST EVENT
考勤打卡  suite4xxxxxxxxxxxxxxx  fresh, 2h13m old        1    1200         2       5        40  12h30m ago
-         suite5                 missing                 0       0         0       0         0  never
crm       suite6                 stale, 7h old           0       0         0       0         0  never

6 things need a person:

CRITICAL ticket_missing, suite suite5, for 2h
  No suite_ticket has arrived.
  Cure: Press re-push (重新推送) beside suite_ticket on the suite's page in
  DingTalk's developer console.

WARNING code_burnt, suite suite4xxxxxxxxxxxxxxx, corp 星河科技 (ding0), corp ding1, corp 远山物流 (ding2), 2 more corps, for 2h4m
  The code of ding0 was burnt.
  Cure: Set app_id.
`

const statusZH = `
suitekeeper v1.2.3，地址 http://SERVER，已运行 2天2小时，已保存 1234 个事件（bolt，12.3 MiB）

套件      SuiteKey               票据               待激活  已激活  已停用  失败  已解除  最近事件
考勤打卡  suite4xxxxxxxxxxxxxxx  正常，2小时13分前       1    1200       2     5      40  12小时30分前
-         suite5                 缺失                    0       0       0     0       0  从未
crm       suite6                 过旧，7小时前           0       0       0     0       0  从未

6 个事项需要人工处理：

严重 ticket_missing，套件 suite5，已持续 2小时
  还没有收到过 suite_ticket。
  处理办法：打开钉钉开发者后台（https://open-dev.dingtalk.com）中该套件的“事件订
  阅”页面，点击“重新推送”。

警告 code_burnt，套件 suite4xxxxxxxxxxxxxxx，企业 星河科技 (ding0)，企业 ding1，企业 远山物流 (ding2)，另有 2 家企业，已持续 2小时4分
  授权码已失效。
  处理办法：请配置 app_id。
`

func TestStatusOfAQuietServer(t *testing.T) {
	srv := serveAdmin(t, suite.Report{StartedAt: time.Now()})
	for locale, want := range map[string][]string{
		"":            {"No suite is configured.", "Nothing needs a person."},
		"en_US.UTF-8": {"No suite is configured.", "Nothing needs a person."},
		"zh_CN.UTF-8": {"尚未配置任何套件。", "没有需要人工处理的事项。"},
	} {
		t.Setenv("LANG", locale)
		r := runCommand(t.Context(), "", "status", "--admin", srv.URL, "--token", statusToken)
		for _, line := range want {
			if !strings.Contains(r.stdout, "\n"+line+"\n") {
				t.Errorf("status with LANG=%s = %q, want the line %q", locale, r.stdout, line)
			}
		}
	}
}

func TestStatusLimitsWhatItShowsOfManyAlerts(t *testing.T) {
	var report suite.Report
	for i := range 30 {
		report.Alerts = append(report.Alerts, suite.Alert{
			Code: suite.AlertCode(fmt.Sprintf("code_%d", i/2)), Severity: suite.SeverityWarning, Corp: "ding", Since: time.Now(),
		})
	}
	srv := serveAdmin(t, report)
	r := runCommand(t.Context(), "", "status", "--admin", srv.URL, "--token", statusToken)
	if n := strings.Count(r.stdout, "WARNING"); n != 10 || !strings.HasSuffix(r.stdout, "\n… and 10 more; suitekeeper status -o json lists all of them.\n") {
		t.Errorf("status with 30 alerts of 15 kinds shows %d and ends with %q, want 10 and that 10 alerts are left", n, r.stdout[max(0, len(r.stdout)-80):])
	}
}

func TestStatusGivesProgramsTheAnswerOfTheAPI(t *testing.T) {
	srv := serveAdmin(t, troubled())
	r := runCommand(t.Context(), "", "status", "--admin", srv.URL, "--token", statusToken, "-o", "json")
	var got admin.Status
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
		t.Fatalf("status -o json = %q: %v", r.stdout, err)
	}
	c, err := admin.NewClient(admin.ClientOptions{BaseURL: srv.URL, Token: statusToken, HTTPClient: srv.Client()})
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status -o json differs from the API (-api +command):\n%s", diff)
	}
}

// Names and messages come from other machines; none may steer the terminal.
func TestStatusPrintsNoControlCharacters(t *testing.T) {
	evil := "a\x1b[2J\u202eb\r\nc"
	srv := serveAdmin(t, suite.Report{
		Suites: []suite.SuiteReport{{Key: suite.SuiteKey(evil), Name: evil, Ticket: suite.TicketReport{State: suite.TicketState(evil)}}},
		Alerts: []suite.Alert{{
			Code: suite.AlertCode(evil), Severity: suite.Severity(evil), Suite: suite.SuiteKey(evil), Corp: suite.CorpID(evil), CorpName: evil,
			Message: suite.Text{EN: evil}, Cure: suite.Text{EN: evil},
		}},
	})
	r := runCommand(t.Context(), "", "status", "--admin", srv.URL, "--token", statusToken)
	if strings.ContainsAny(r.stdout, "\x1b\r\u202e") {
		t.Errorf("status = %q, want no control characters", r.stdout)
	}
	if n := strings.Count(r.stdout, "a\uFFFD[2J\uFFFDb  c"); n != 10 {
		t.Errorf("status shows the strange text %d times in %q, want 10", n, r.stdout)
	}
}

func TestStatusFindsTheTokenOfAServerOnThisMachine(t *testing.T) {
	srv := serveAdmin(t, suite.Report{})
	address := strings.TrimPrefix(srv.URL, "http://")
	for name, text := range map[string]string{
		"data/admin.token":  statusToken + "\n",
		"other/admin.token": statusToken,
		"token":             statusToken + "\n",
		"wrong":             "wrong-" + statusToken,
		"named.yaml": "data: ./nowhere\nadmin:\n  listen: " + address +
			"\n  tokens:\n    - {name: crm, token: app-" + statusToken + ", role: app}\n    - {name: ops, token_file: token, role: operator}\n",
		"made.yaml": "data: ./other\nadmin: {listen: \"" + address + "\"}\n",
	} {
		writeStatusFile(t, name, text)
	}
	tests := []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"file", nil, []string{"--admin", srv.URL, "--token-file", "token"}},
		{"environment", map[string]string{"SUITEKEEPER_ADMIN": srv.URL, "SUITEKEEPER_ADMIN_TOKEN": statusToken}, nil},
		{"flags beat the environment", map[string]string{"SUITEKEEPER_ADMIN": "http://127.0.0.1:1", "SUITEKEEPER_ADMIN_TOKEN": "wrong"},
			[]string{"--admin", srv.URL, "--token", statusToken}},
		{"working directory", nil, []string{"--admin", srv.URL}},
		{"data folder", nil, []string{"--admin", srv.URL, "--data", "other"}},
		{"data folder of the environment", map[string]string{"SUITEKEEPER_DATA": "other", "SUITEKEEPER_ADMIN_LISTEN": address}, nil},
		{"token in the configuration, not one for apps", nil, []string{"--config", "named.yaml"}},
		{"data folder of the configuration", nil, []string{"--config", "made.yaml"}},
		{"flag beats the configuration", nil, []string{"--config", "made.yaml", "--data", "data"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			r := runCommand(t.Context(), "", append([]string{"status"}, tt.args...)...)
			if r.status != 0 || !strings.Contains(r.stdout, "v1.2.3") {
				t.Errorf("status %q = %d, errors %q, want the server's status", tt.args, r.status, r.stderr)
			}
		})
	}
}

func TestStatusReachesTheAddressThatTheServerListensOn(t *testing.T) {
	tests := []struct {
		listen, cert, want string
	}{
		{"127.0.0.1:8081", "", "http://127.0.0.1:8081"},
		{":8081", "", "http://127.0.0.1:8081"},
		{"0.0.0.0:8081", "", "http://127.0.0.1:8081"},
		{"[::]:8081", "tls.crt", "https://127.0.0.1:8081"},
		{"[::1]:8081", "", "http://[::1]:8081"},
		{"ops.example.com:8081", "tls.crt", "https://ops.example.com:8081"},
	}
	for _, tt := range tests {
		c := keeper.Config{TLS: keeper.TLSConfig{CertFile: tt.cert}}
		if got := c.LocalURL(tt.listen); got != tt.want {
			t.Errorf("LocalURL(%q) with certificate %q = %q, want %q", tt.listen, tt.cert, got, tt.want)
		}
	}
}

// A token found by itself must not go to whatever address stands in a variable.
func TestStatusSendsNoLocalTokenElsewhere(t *testing.T) {
	serveAdmin(t, suite.Report{})
	writeStatusFile(t, "data/admin.token", statusToken)
	r := runCommand(t.Context(), "", "status", "--admin", "http://suitekeeper.invalid:8081")
	if r.status != 1 || !strings.Contains(r.stderr, "no admin token") {
		t.Errorf("status of another machine = %d, errors %q, want 1 and that no token was given", r.status, r.stderr)
	}
}

func TestStatusTellsWhatToDoAboutErrors(t *testing.T) {
	srv := serveAdmin(t, suite.Report{})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	t.Cleanup(page.Close)
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	t.Cleanup(broken.Close)
	tests := []struct {
		name, url, token string
		message, hint    string
	}{
		{"nobody listens", "http://127.0.0.1:1", statusToken, "no answer from http://127.0.0.1:1: ", "is 'suitekeeper serve' running?"},
		{"wrong token", srv.URL, "wrong", "answered 401", "Use one of admin.tokens"},
		{"wrong role", srv.URL, "app-" + statusToken, "crm has the role app", "Use a token with such a role"},
		{"wrong path", srv.URL + "/callback", statusToken, "answered 404", "not the one for callbacks"},
		{"another server", page.URL, statusToken, "not one of suitekeeper's admin API", "not the one for callbacks"},
		{"broken server", broken.URL, statusToken, "answered 500", "look at the log"},
		{"http to https", strings.Replace(secure.URL, "https", "http", 1), statusToken, "answered 400", "https://"},
		{"https to http", strings.Replace(srv.URL, "http", "https", 1), statusToken, "speaks no TLS", "http://"},
		{"unknown authority", secure.URL, statusToken, "no safe connection", "SSL_CERT_FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := runCommand(t.Context(), "", "status", "--admin", tt.url, "--token", tt.token)
			if r.status != 1 || r.stdout != "" {
				t.Errorf("status = %d, output %q, want 1 and none", r.status, r.stdout)
			}
			if message, hint, _ := strings.Cut(r.stderr, "\nhint: "); !strings.Contains(message, tt.message) || !strings.Contains(hint, tt.hint) {
				t.Errorf("errors = %q, want %q and the hint %q", r.stderr, tt.message, tt.hint)
			}
			if strings.Contains(r.stderr, "canary") {
				t.Errorf("errors = %q, want no token", r.stderr)
			}
		})
	}
}

func writeStatusFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
