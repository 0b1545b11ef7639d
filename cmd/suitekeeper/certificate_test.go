package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secureServer serves 404 over TLS with a certificate that it signed itself. It
// returns the port, on loopback.
func secureServer(t *testing.T, c x509.Certificate) (port string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(1)
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, port, _ = strings.Cut(srv.Listener.Addr().String(), ":")
	return port
}

func TestHintsNameTheCureForACertificate(t *testing.T) {
	year := func(n int) time.Time { return time.Now().AddDate(n, 0, 0) }
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	private := secureServer(t, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), IPAddresses: loopback})
	expired := secureServer(t, x509.Certificate{NotBefore: year(-2), NotAfter: year(-1), IPAddresses: loopback})
	named := secureServer(t, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), DNSNames: []string{"*.example.com", "isv.example.com"}})
	unnamed := secureServer(t, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), DNSNames: []string{"*.example.com", "\x1b[2J"}})
	for _, tt := range []struct{ name, port, problem, cure string }{
		{"private authority", private, "x509: certificate signed by unknown authority", "name its file (PEM) in SSL_CERT_FILE"},
		{"expired", expired, "x509: certificate has expired or is not yet valid", "a certificate that is valid now"},
		{"another host", named, "127.0.0.1", "with a host name that the server's certificate is for, as https://isv.example.com:" + named},
		{"no name that could be given", unnamed, "127.0.0.1", "with a host name that the server's certificate is for\n"},
	} {
		at := "https://127.0.0.1:" + tt.port
		status := runCommand(t.Context(), "", "status", "--admin", at, "--token", statusToken)
		push := runCommand(t.Context(), "", "push", "check_url", "--to", at+"/callback",
			"--suite-key", pushSuite, "--token", goodToken, "--aes-key", goodAESKey)
		for command, got := range map[string]result{"status": status, "push": push} {
			problem, hint, _ := strings.Cut(got.stdout+got.stderr, "\nhint: ")
			if !strings.Contains(problem, tt.problem) || !strings.Contains(hint, tt.cure) || strings.Contains(hint, "\x1b") {
				t.Errorf("%s: %s tells %q and the hint %q, want %q and %q", tt.name, command, problem, hint, tt.problem, tt.cure)
			}
		}
	}
}

func TestPushTellsWhoSpeaksTLS(t *testing.T) {
	plain := newReceiver(t, nil)
	secure := secureServer(t, x509.Certificate{})
	for to, want := range map[string]string{
		strings.Replace(plain.URL, "http", "https", 1): "give --to with http://",
		"http://127.0.0.1:" + secure:                   "give --to with https://",
	} {
		got := runCommand(t.Context(), "", "push", "check_url", "--to", to, "--suite-key", pushSuite, "--token", goodToken, "--aes-key", goodAESKey)
		if _, hint, _ := strings.Cut(got.stderr, "\nhint: "); got.status != 1 || !strings.Contains(hint, want) {
			t.Errorf("push to %s: %+v, want the hint %q", to, got, want)
		}
	}
}
