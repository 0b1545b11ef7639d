package admin_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

func newClient(t *testing.T, srv *server, token string) *admin.Client {
	t.Helper()
	c, err := admin.NewClient(admin.ClientOptions{BaseURL: srv.URL, Token: token, HTTPClient: srv.client})
	if err != nil {
		t.Fatalf("NewClient(%s) = %v, want no error", srv.URL, err)
	}
	return c
}

func TestClientReadsWhatTheServerSays(t *testing.T) {
	c := newClient(t, serve(t, options()), viewerToken)
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatalf("Status() = %v, want no error", err)
	}
	suites, err := c.Suites(t.Context())
	if err != nil {
		t.Fatalf("Suites() = %v, want no error", err)
	}
	if diff := cmp.Diff(status.Suites, suites); diff != "" || len(suites) != 2 {
		t.Errorf("Suites() differs from the suites in Status() (-status +suites):\n%s", diff)
	}
	if age := suites[0].Ticket.AgeSeconds; age == nil || *age != 7980 {
		t.Errorf("age of the first ticket = %v, want 7980", age)
	}
	if suites[1].Ticket.AgeSeconds != nil || !suites[1].LastEventAt.IsZero() {
		t.Errorf("second suite = %+v, want no age and no last event", suites[1])
	}
	if a := status.Alerts[0]; a.Code != "ticket_missing" || a.MessageZH != "没有票据。" {
		t.Errorf("first alert = %+v, want the missing ticket in both languages", a)
	}
}

func TestClientFindsTheServerBelowAPath(t *testing.T) {
	h, err := admin.New(options())
	if err != nil {
		t.Fatal(err)
	}
	srv := serveHandler(t, http.StripPrefix("/keeper", h))
	for _, base := range []string{srv.URL + "/keeper", srv.URL + "/keeper/"} {
		c, err := admin.NewClient(admin.ClientOptions{BaseURL: base, Token: viewerToken, HTTPClient: srv.client})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Status(t.Context()); err != nil {
			t.Errorf("Status() of %s = %v, want no error", base, err)
		}
	}
}

func TestClientTellsWhatTheServerRefused(t *testing.T) {
	failing := options()
	failing.Keeper = keeper{err: errors.New("bad page")}
	tests := []struct {
		name    string
		options admin.Options
		token   string
		want    admin.Error
	}{
		{"unknown token", options(), wrongToken, admin.Error{Status: 401, Code: "unauthorized",
			Message: suite.Text{EN: "Who is asking is not known: the token is none of this server's.", ZH: "无法识别请求方：令牌不属于本服务器。"},
			Cure:    suite.ProblemUnauthorized.Entry().Cure}},
		{"another role", options(), appToken, admin.Error{Status: 403, Code: "forbidden",
			Message: suite.Text{EN: "That is not allowed: the token crm has the role app, and this is for viewer / operator.", ZH: "没有权限：令牌 crm 的角色是 app，而该操作只允许 viewer / operator。"},
			Cure:    suite.ProblemForbidden.Entry().Cure}},
		{"failure", failing, viewerToken, admin.Error{Status: 500, Code: "internal", Message: suite.ProblemInternal.Entry().Message, Cure: suite.ProblemInternal.Entry().Cure}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(t, serve(t, tt.options), tt.token).Status(t.Context())
			var got *admin.Error
			if !errors.As(err, &got) || *got != tt.want {
				t.Errorf("Status() = %v, want %+v", err, tt.want)
			}
		})
	}
}

func TestClientFollowsNoRedirect(t *testing.T) {
	var asked atomic.Int32
	elsewhere := serveHandler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	srv := serveHandler(t, http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	_, err := newClient(t, srv, viewerToken).Status(t.Context())
	var got *admin.Error
	if !errors.As(err, &got) || got.Status != 307 {
		t.Errorf("Status() of a redirecting server = %v, want an error with status 307", err)
	}
	if asked.Load() != 0 {
		t.Error("the client followed the redirect, with its token")
	}
}

func TestClientKnowsWhatIsNotTheAdminAPI(t *testing.T) {
	tests := []struct {
		name, contentType, body string
	}{
		{"page", "text/html", "<html>"},
		{"no type", "", "x"},
		{"broken JSON", "application/json", `{"suites":[`},
		{"JSON of another shape", "application/json", `["suites"]`},
		{"endless", "application/json", strings.Repeat(" ", 33<<20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = w.Write([]byte(tt.body))
			}))
			if _, err := newClient(t, srv, viewerToken).Status(t.Context()); !errors.Is(err, admin.ErrNotAdmin) {
				t.Errorf("Status() = %v, want ErrNotAdmin", err)
			}
		})
	}
}

func TestClientTakesOnlyTheStatusOfStrangeErrors(t *testing.T) {
	for _, contentType := range []string{"text/html", "application/problem+json"} {
		srv := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<html>"))
		}))
		_, err := newClient(t, srv, viewerToken).Status(t.Context())
		var got *admin.Error
		if !errors.As(err, &got) || *got != (admin.Error{Status: 502, Message: suite.Text{EN: "Bad Gateway", ZH: "Bad Gateway"}}) {
			t.Errorf("Status() of a broken proxy = %v, want an error 502 with its status alone", err)
		}
	}
}

func TestClientStopsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	o := options()
	o.Keeper = keeperFunc{status: func(ctx context.Context) (suite.Report, error) {
		close(arrived)
		<-ctx.Done()
		return suite.Report{}, ctx.Err()
	}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-arrived; cancel() }()
	if _, err := newClient(t, serve(t, o), viewerToken).Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Status() = %v, want %v", err, context.Canceled)
	}
}

func TestClientSaysThatNobodyListens(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := newClient(t, &server{closed.URL, closed.Client()}, viewerToken).Status(t.Context())
	if !errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(err.Error(), "canary") {
		t.Errorf("Status() = %v, want %v without the token", err, syscall.ECONNREFUSED)
	}
}

func TestNewClientRefusesWithoutQuotingSecrets(t *testing.T) {
	here := "http://127.0.0.1:8081"
	tests := []struct{ name, base, token string }{
		{"token with a line break", here, viewerToken + "\n"},
		{"token with a blank", here, "canary token"},
		{"token beyond ASCII", here, "canary-口令"},
		{"no token", here, ""},
		{"password in the URL", "http://ops:canary@127.0.0.1", viewerToken},
		{"query in the URL", "http://127.0.0.1?token=canary", viewerToken},
		{"no URL", "canary", viewerToken},
		{"unreadable URL", "http://canary\x7f", viewerToken},
		{"another scheme", "ftp://canary", viewerToken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := admin.NewClient(admin.ClientOptions{BaseURL: tt.base, Token: tt.token})
			if err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("NewClient(%s) = %v, want an error without secrets", tt.name, err)
			}
		})
	}
}
