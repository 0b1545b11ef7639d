package main_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// front is what stands before a receiver: a proxy that does something else
// than it should to callbacks.
func front(t *testing.T, r *testReceiver, callback http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/callback") {
			callback(w, req)
			return
		}
		http.NotFound(w, req)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// through passes a callback on, and changes the answer.
func through(r *testReceiver, change func([]byte) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		target, err := url.Parse(r.callback)
		if err != nil {
			panic(err)
		}
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.ModifyResponse = func(resp *http.Response) error {
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			body = change(body)
			resp.Body = io.NopCloser(bytes.NewReader(body))
			resp.Header.Set("Content-Length", fmt.Sprint(len(body)))
			resp.ContentLength = int64(len(body))
			return err
		}
		proxy.ServeHTTP(w, req)
	}
}

func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestDoctorTellsWhatIsWrongWithTheCallbackURL(t *testing.T) {
	r, _ := newPatient(t)
	rename := func(body []byte) []byte { return bytes.Replace(body, []byte("timeStamp"), []byte("timestamp"), 1) }
	tests := []struct {
		name     string
		callback http.HandlerFunc
		want     string
		says     string
	}{
		{"passed on", through(r, func(b []byte) []byte { return b }), "url_right", " ms"},
		{"redirect", func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "https://isv.example.com"+req.URL.RequestURI(), http.StatusMovedPermanently)
		}, "url_redirect", "redirects to https://isv.example.com/callback/suitedoctor000000001;"},
		{"page", answering(200, "text/html", "<html>"), "url_page", "page for browsers"},
		{"page that says to be JSON", answering(200, "application/json", " <html>"), "url_page", "page for browsers"},
		{"not found by a proxy", http.NotFound, "url_not_found", "404"},
		{"sign-in", answering(401, "text/plain", "no"), "url_forbidden", "401"},
		{"firewall", answering(403, "text/html", "blocked"), "url_forbidden", "403"},
		{"no backend", answering(502, "text/html", "<html>"), "url_gateway", "502"},
		{"no backend in time", answering(504, "text/html", "<html>"), "url_gateway", "504"},
		{"strange status", answering(500, "text/plain", "oops"), "url_status", "500"},
		{"path lost on the way", func(w http.ResponseWriter, req *http.Request) {
			req.URL.Path = "/"
			through(r, func(b []byte) []byte { return b })(w, req)
		}, "url_other_path", "another path"},
		{"query lost on the way", func(w http.ResponseWriter, req *http.Request) {
			req.URL.RawQuery = ""
			through(r, func(b []byte) []byte { return b })(w, req)
		}, "url_altered", "400"},
		{"store that takes nothing", answering(503, "application/json", `{"code":"unavailable","message":"m"}`), "url_unavailable", "in time"},
		{"field with the wrong name", through(r, rename), "url_wrong_answer", "the S must be a capital"},
		{"empty answer", through(r, func([]byte) []byte { return nil }), "url_wrong_answer", "empty body"},
		{"connection cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "url_broken_off", "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := doctor(t, r.config(front(t, r, tt.callback).URL, ""))
			if !d.has(tt.want) || !strings.Contains(d.stdout, tt.says) {
				t.Errorf("doctor found %q, want %s with %q; it said %s", d.codes("error"), tt.want, tt.says, d.stdout)
			}
			if strings.Contains(d.stdout, "signature=") {
				t.Errorf("doctor = %s, want no signature in it", d.stdout)
			}
		})
	}
}

func TestDoctorTakesALateAnswerForAWrongOne(t *testing.T) {
	r, _ := newPatient(t)
	a, err := r.push(doctorSuite, `{"EventType":"check_url"}`)
	r.must(err)
	for took, want := range map[time.Duration]string{time.Second: "url_right", 1300 * time.Millisecond: "url_slow"} {
		if got, err := keeper.DiagnoseLate(doctorSuite, a.header, []byte(a.body), took); err != nil || got != want {
			t.Errorf("an answer after %v is %s, %v, want %s", took, got, err, want)
		}
	}
}

func TestDoctorSeesTheOperatorsSideUnderThePublicURL(t *testing.T) {
	r, _ := newPatient(t)
	if d := doctor(t, r.config(r.admin, "")); !d.has("admin_public") {
		t.Errorf("doctor found %q, want admin_public", d.codes("warning"))
	}
}

func TestDoctorTellsARefusedSourceFromAWrongPush(t *testing.T) {
	platform := newDingTalk(t, dingtalktest.Options{Seed: 1}, nil)
	platform.register(t, doctorSuite, dingtalktest.HTTP)
	r := newTestReceiver(t, platform.url, doctorSuite)
	r.cfg.AllowedSources = []string{"192.0.2.0/24"}
	r.start()
	closed := "allowed_sources: [192.0.2.0/24]\n"
	d := doctor(t, r.config(r.callback, closed))
	if !d.has("url_sources") || d.has("url_rejected") || !strings.Contains(d.stdout, "because it came from 127.0.0.1: allowed_sources does not let that in") {
		t.Errorf("doctor found %q, want url_sources that names the address; it said %s", d.codes("unknown"), d.stdout)
	}
	if d := doctor(t, r.config(r.callback, closed), "--token", "wrong-token-of-nobody"); !d.has("url_sources_unsure") {
		t.Errorf("doctor whom the server tells nothing found %q, want url_sources_unsure", d.codes("unknown"))
	}
	if d := doctor(t, r.config(front(t, r, http.NotFound).URL, closed)); !d.has("url_not_found") {
		t.Errorf("doctor found %q, want url_not_found", d.codes("error"))
	}
	r.stop()
	r.cfg.AllowedSources = []string{"127.0.0.0/8"}
	r.start()
	open := "allowed_sources: [127.0.0.0/8]\n"
	if d := doctor(t, r.config(r.callback, open)); !d.has("url_right") {
		t.Errorf("doctor from an allowed source found %q and %q, want url_right", d.codes("error"), d.codes("unknown"))
	}
	r.cfg.Suites[0].Token = "changedTokenOfManyLetters"
	if d := doctor(t, r.config(r.callback, open)); !d.has("url_rejected") || d.has("url_sources") {
		t.Errorf("doctor with another token found %q and %q, want url_rejected", d.codes("error"), d.codes("unknown"))
	}
}

func TestDoctorTellsConnectionFaultsApart(t *testing.T) {
	root, rootKey := newCertificate(t, nil, nil, func(c *x509.Certificate) { c.IsCA = true; c.Subject.CommonName = "test root" })
	signed := func(change func(*x509.Certificate)) tls.Certificate {
		leaf, key := newCertificate(t, root, rootKey, change)
		return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
	}
	self, selfKey := newCertificate(t, nil, nil, func(*x509.Certificate) {})
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	tests := []struct {
		name, url string
		want      suite.FindingCode
	}{
		{"nobody listens", "http://127.0.0.1:1", "url_refused"},
		{"no TLS", strings.Replace(plain.URL, "http", "https", 1), "url_no_tls"},
		{"self-signed", serveTLS(t, tls.Certificate{Certificate: [][]byte{self.Raw}, PrivateKey: selfKey}), "url_tls_untrusted"},
		{"without its chain", serveTLS(t, signed(func(*x509.Certificate) {})), "url_tls_chain"},
		{"for another name", serveTLS(t, signed(func(c *x509.Certificate) { c.IPAddresses = nil })), "url_tls_name"},
		{"expired", serveTLS(t, signed(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })), "url_tls_expired"},
	}
	for _, tt := range tests {
		_, err := http.Get(tt.url)
		if got, detail := keeper.ConnectionFault(err); got != tt.want || detail.EN == "" || detail.ZH == "" {
			t.Errorf("%s: ConnectionFault(%v) = %s, want %s", tt.name, err, got, tt.want)
		}
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for want, err := range map[suite.FindingCode]error{
		"url_dns":        &url.Error{Op: "Post", URL: "https://isv.invalid?signature=canary", Err: &net.DNSError{Err: "no such host", Name: "isv.invalid", IsNotFound: true}},
		"url_timeout":    &url.Error{Op: "Post", URL: "https://isv.invalid?signature=canary", Err: late.Err()},
		"url_broken_off": &url.Error{Op: "Post", URL: "https://isv.invalid?signature=canary", Err: io.EOF},
	} {
		if got, detail := keeper.ConnectionFault(err); got != want || strings.Contains(detail.EN+detail.ZH, "canary") {
			t.Errorf("ConnectionFault(%v) = %s, %s, want %s without the URL", err, got, detail, want)
		}
	}
}

func TestDoctorWarnsOfACertificateThatEndsSoon(t *testing.T) {
	for days, want := range map[int]string{3: "certificate_ends", 40: "certificate_valid"} {
		c := &x509.Certificate{NotAfter: time.Now().AddDate(0, 0, days)}
		if got := keeper.CertificateFinding(c); got != want {
			t.Errorf("a certificate that ends in %d days is %s, want %s", days, got, want)
		}
	}
}

// newCertificate makes a certificate for 127.0.0.1, signed by parent or, where
// that is nil, by itself.
func newCertificate(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, change func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true,
	}
	change(c)
	if parent == nil {
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func serveTLS(t *testing.T, c tls.Certificate) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{c}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}
