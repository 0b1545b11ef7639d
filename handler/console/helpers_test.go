package console_test

import (
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"suitekeeper/handler/admin"
	"suitekeeper/handler/console"
)

// The tokens of the test console. They are also canaries that must not come
// out of it again.
const (
	viewerToken   = "canary-viewer-9b1deb4d3b7d"
	operatorToken = "canary-operator-4bad9bdd2b0d"
	appToken      = "canary-app-7b3dcb6d9e1f"
	wrongToken    = "canary-wrong-0a1b2c3d4e5f"
)

func tokens() []admin.Token {
	return []admin.Token{
		{Name: "screen", SHA256: sha256.Sum256([]byte(viewerToken)), Role: admin.RoleViewer},
		{Name: "ops", SHA256: sha256.Sum256([]byte(operatorToken)), Role: admin.RoleOperator},
		{Name: "crm", SHA256: sha256.Sum256([]byte(appToken)), Role: admin.RoleApp},
	}
}

// options are those of a console over k.
func options(k console.Keeper) console.Options {
	return console.Options{
		Keeper: k, Tokens: tokens(), Sessions: memstore.NewWithCleanupInterval(0), Throttle: admin.NewThrottle(),
		Store: func() admin.StoreInfo { return admin.StoreInfo{Engine: "bolt", SizeBytes: 3 << 30} },
		Zone:  time.FixedZone("CST", 8*3600), Version: "v1.2.3",
	}
}

// newConsole makes a console.
func newConsole(t testing.TB, o console.Options) http.Handler {
	t.Helper()
	h, err := console.New(o)
	if err != nil {
		t.Fatalf("New(…) = %v, want no error", err)
	}
	return h
}

// browser calls a handler as a browser does: it keeps cookies, and says where
// its requests come from. It does not follow redirects.
type browser struct {
	t       testing.TB
	handler http.Handler
	cookies map[string]string
	header  http.Header // of every request
	remote  string
}

func newBrowser(t testing.TB, h http.Handler) *browser {
	return &browser{t: t, handler: h, cookies: map[string]string{}, header: http.Header{}, remote: "192.0.2.1:4711"}
}

// signedIn is a browser with a session.
func signedIn(t testing.TB, h http.Handler, token string) *browser {
	t.Helper()
	b := newBrowser(t, h)
	if got := b.post("/console/sign-in", url.Values{"token": {token}}); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in = %d, want %d", got.StatusCode, http.StatusSeeOther)
	}
	return b
}

// reply is an answer that was read to its end.
type reply struct {
	*http.Response
	body string
}

func (b *browser) get(path string) reply { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) reply {
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) reply {
	b.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	req.Header = b.header.Clone()
	req.RemoteAddr = b.remote
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if _, given := req.Header["Sec-Fetch-Site"]; !given {
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, req)
	resp := w.Result()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return reply{resp, string(body)}
}
