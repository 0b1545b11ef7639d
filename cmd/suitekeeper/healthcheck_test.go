package main_test

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wellServer answers GET /healthz with 200, at an address that no default
// names. It speaks TLS when cert and key, two files, are named.
func wellServer(t *testing.T, certFile, keyFile string) (address string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(srv.Close)
	if certFile == "" {
		srv.Start()
		return srv.Listener.Addr().String()
	}
	srv.StartTLS()
	pair := srv.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return srv.Listener.Addr().String()
}

func TestHealthcheckAsksWhereServeListens(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	plain, secure := wellServer(t, "", ""), wellServer(t, cert, key)
	_, port, _ := strings.Cut(plain, ":")
	encrypted := writeConfig(t, "listen: "+secure+"\ntls: {cert_file: "+cert+", key_file: "+key+"}")
	for name, test := range map[string]struct {
		environ []string
		args    []string
	}{
		"file":                        {nil, []string{"--config", writeConfig(t, "listen: "+plain)}},
		"every interface":             {nil, []string{"--config", writeConfig(t, `listen: ":`+port+`"`)}},
		"environment":                 {[]string{"SUITEKEEPER_LISTEN", plain}, nil},
		"flag over environment":       {[]string{"SUITEKEEPER_LISTEN", "127.0.0.1:1"}, []string{"--listen", plain}},
		"TLS":                         {nil, []string{"--config", encrypted}},
		"environment over file's TLS": {[]string{"SUITEKEEPER_LISTEN", secure}, []string{"--config", encrypted}},
		"named page, broken variable": {[]string{"SUITEKEEPER_LISTEN", "nowhere"}, []string{"--url", "http://" + plain + "/healthz"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SUITEKEEPER_LISTEN", "")
			if test.environ != nil {
				t.Setenv(test.environ[0], test.environ[1])
			}
			got := runCommand(t.Context(), "", append([]string{"healthcheck"}, test.args...)...)
			if want := (result{0, "ok\n", ""}); got != want {
				t.Errorf("healthcheck %q = %+v, want %+v", test.args, got, want)
			}
		})
	}
}
