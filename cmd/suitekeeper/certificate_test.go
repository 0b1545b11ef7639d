package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite"
)

// secure is a server that speaks TLS on loopback.
type secure struct {
	address           string
	certFile, keyFile string // PEM
}

// secureServer serves h with the certificate c, which it signs itself.
func secureServer(t *testing.T, h http.Handler, c x509.Certificate) secure {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(1)
	cert, err := x509.CreateCertificate(rand.Reader, &c, &c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	s := secure{srv.Listener.Addr().String(), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{
		s.certFile: {Type: "CERTIFICATE", Bytes: cert}, s.keyFile: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestHintsNameTheCureForACertificate(t *testing.T) {
	year := func(n int) time.Time { return time.Now().AddDate(n, 0, 0) }
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	nowhere := http.NotFoundHandler()
	private := secureServer(t, nowhere, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), IPAddresses: loopback})
	expired := secureServer(t, nowhere, x509.Certificate{NotBefore: year(-2), NotAfter: year(-1), IPAddresses: loopback})
	named := secureServer(t, nowhere, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), DNSNames: []string{"*.example.com", "isv.example.com"}})
	unnamed := secureServer(t, nowhere, x509.Certificate{NotBefore: year(-1), NotAfter: year(1), DNSNames: []string{"*.example.com", "\x1b[2J"}})
	for _, tt := range []struct {
		name          string
		server        secure
		problem, cure string
	}{
		{"private authority", private, "x509: certificate signed by unknown authority", "name its file (PEM) in SSL_CERT_FILE"},
		{"expired", expired, "x509: certificate has expired or is not yet valid", "a certificate that is valid now"},
		{"another host", named, "127.0.0.1", "with a host name that the server's certificate is for, as https://isv.example.com:" + named.address[len("127.0.0.1:"):]},
		{"no name that could be given", unnamed, "127.0.0.1", "with a host name that the server's certificate is for\n"},
	} {
		at := "https://" + tt.server.address
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
	secure := secureServer(t, http.NotFoundHandler(), x509.Certificate{})
	for to, want := range map[string]string{
		strings.Replace(plain.URL, "http", "https", 1): "give --to with http://",
		"http://" + secure.address:                     "give --to with https://",
	} {
		got := runCommand(t.Context(), "", "push", "check_url", "--to", to, "--suite-key", pushSuite, "--token", goodToken, "--aes-key", goodAESKey)
		if _, hint, _ := strings.Cut(got.stderr, "\nhint: "); got.status != 1 || !strings.Contains(hint, want) {
			t.Errorf("push to %s: %+v, want the hint %q", to, got, want)
		}
	}
}

// The certificate names the public host, and the server listens on loopback: on
// its machine it is enough that it is the configured one.
func TestStatusKnowsTheCertificateOfTheConfiguration(t *testing.T) {
	api := serveAdmin(t, suite.Report{}).Config.Handler
	ours := secureServer(t, api, x509.Certificate{DNSNames: []string{"isv.example.com"}})
	other := secureServer(t, api, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	for _, tt := range []struct {
		listen string
		status int
		said   string
	}{
		{ours.address, 0, "v1.2.3"},
		{other.address, 1, "the server shows another certificate than the one of tls.cert_file\nhint: if the certificate was renewed, have the server reload it"},
	} {
		config := writeConfig(t, "admin: {listen: "+tt.listen+", tokens: [{name: ops, role: operator, token: "+statusToken+"}]}\n"+
			"tls: {cert_file: "+ours.certFile+", key_file: "+ours.keyFile+"}")
		got := runCommand(t.Context(), "", "status", "--config", config)
		if got.status != tt.status || !strings.Contains(got.stdout+got.stderr, tt.said) {
			t.Errorf("status of %s = %+v, want %d and %q", tt.listen, got, tt.status, tt.said)
		}
	}
	if got := runCommand(t.Context(), "", "status", "--admin", "https://"+ours.address, "--token", statusToken); got.status != 1 {
		t.Errorf("status of a server that is no configuration's = %+v, want that its certificate is refused", got)
	}
}
