package admin_test

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// The tokens of the test server. They are also the canaries that must not
// come out of it again.
const (
	viewerToken   = "canary-viewer-9b1deb4d3b7d"
	operatorToken = "canary-operator-4bad9bdd2b0d"
	appToken      = "canary-app-7b3dcb6d9e1f"
	wrongToken    = "canary-wrong-0a1b2c3d4e5f"
)

// keeper tells a status, or fails to. It knows nothing else.
type keeper struct {
	admin.Keeper
	report suite.Report
	err    error
}

func (k keeper) Status(context.Context) (suite.Report, error) { return k.report, k.err }

// keeperFunc tells its status by a function.
type keeperFunc struct {
	admin.Keeper
	status func(context.Context) (suite.Report, error)
}

func (f keeperFunc) Status(ctx context.Context) (suite.Report, error) { return f.status(ctx) }

// options are those of a server with two suites, one well and one in trouble.
func options() admin.Options {
	return admin.Options{
		Keeper: keeper{report: sampleReport()},
		Tokens: []admin.Token{
			{Name: "screen", SHA256: sha256.Sum256([]byte(viewerToken)), Role: admin.RoleViewer},
			{Name: "ops", SHA256: sha256.Sum256([]byte(operatorToken)), Role: admin.RoleOperator},
			{Name: "crm", SHA256: sha256.Sum256([]byte(appToken)), Role: admin.RoleApp},
		},
		Store:   func() admin.StoreInfo { return admin.StoreInfo{Engine: "bolt", SizeBytes: 65536} },
		Metrics: prometheus.NewRegistry(),
		Version: "v1.2.3",
	}
}

func sampleReport() suite.Report {
	shanghai := time.FixedZone("CST", 8*3600) // so that UTC is the API's doing
	at := func(h, m int) time.Time { return time.Date(2026, 8, 1, h, m, 0, 123456789, shanghai) }
	return suite.Report{
		StartedAt: at(9, 0),
		Events:    42,
		Suites: []suite.SuiteReport{
			{
				Key: "suite4xxxxxxxxxxxxxxx", Name: "考勤", CallbackURL: "https://isv.example.com/callback/suite4xxxxxxxxxxxxxxx",
				Ticket: suite.TicketReport{State: suite.TicketFresh, IssuedAt: at(9, 30), ReceivedAt: at(9, 31), Age: 133 * time.Minute, NextExpectedAt: at(14, 30)},
				Authorizations: map[suite.Status]int{
					suite.StatusPending: 1, suite.StatusActive: 2, suite.StatusDisabled: 3, suite.StatusFailed: 4, suite.StatusRelieved: 5,
				},
				LastEventAt:     at(11, 0),
				PushesPerMinute: []int{0, 3, 1},
			},
			{Key: "suite5yyyyyyyyyyyyyyy", Ticket: suite.TicketReport{State: suite.TicketMissing}},
		},
		Alerts: []suite.Alert{
			{
				Code: suite.AlertTicketMissing, Severity: suite.SeverityCritical, Suite: "suite5yyyyyyyyyyyyyyy",
				Message: suite.Text{EN: "No ticket.", ZH: "没有票据。"}, Cure: suite.Text{EN: "Press re-push.", ZH: "点击“重新推送”。"},
				Since: at(9, 0),
			},
			{
				Code: suite.AlertCodeBurnt, Severity: suite.SeverityWarning, Suite: "suite4xxxxxxxxxxxxxxx", Corp: "ding123", CorpName: "苹果",
				Message: suite.Text{EN: "The code was burnt.", ZH: "授权码已失效。"}, Cure: suite.Text{EN: "Set app_id.", ZH: "配置 app_id。"},
				Since: at(10, 0),
			},
		},
		Work: suite.WorkReport{Running: 1, Waiting: 2, Held: 3, Failed: 4},
		Disk: suite.DiskReport{FreeBytes: 1 << 40, TotalBytes: 1 << 41},
	}
}

// server is where calls go.
type server struct {
	URL    string
	client *http.Client
}

// serve starts a server that ends with the test.
func serve(t testing.TB, o admin.Options) *server {
	t.Helper()
	h, err := admin.New(o)
	if err != nil {
		t.Fatalf("New(…) = %v, want no error", err)
	}
	return serveHandler(t, h)
}

func serveHandler(t testing.TB, h http.Handler) *server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.Client().CloseIdleConnections()
		srv.Close()
	})
	return &server{srv.URL, srv.Client()}
}

// inMemory is a server without sockets, for synctest.
func inMemory(h http.Handler) *server {
	return &server{"http://admin.test", &http.Client{Transport: dingtalktest.Transport{Handler: h}}}
}

// reply is an answer that was read to its end.
type reply struct {
	*http.Response
	body string
}

// call makes one request, with a token unless that is empty.
func call(t testing.TB, srv *server, method, path, token string) reply {
	t.Helper()
	return callWith(t, srv, method, path, bearer(token), "")
}

func bearer(token string) http.Header {
	h := http.Header{}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

// callWith makes one request. Every answer, whatever it is about, must be one
// that the document describes.
func callWith(t testing.TB, srv *server, method, path string, header http.Header, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	req.Header = header
	resp, err := srv.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	got := reply{resp, string(text)}
	if err := described(t.Context(), got); err != nil {
		t.Errorf("%s %s = %d %s\nnot as the document describes: %v", method, path, got.StatusCode, got.body, err)
	}
	return got
}
