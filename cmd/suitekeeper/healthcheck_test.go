package main_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheckAsksWhereServeListens(t *testing.T) {
	well := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	})
	server := httptest.NewServer(well) // at an address that no default names
	t.Cleanup(server.Close)
	plain, secure := server.Listener.Addr().String(), secureServer(t, well, x509.Certificate{DNSNames: []string{"isv.example.com"}})
	_, port, _ := strings.Cut(plain, ":")
	encrypted := writeConfig(t, "listen: "+secure.address+"\ntls: {cert_file: "+secure.certFile+", key_file: "+secure.keyFile+"}")
	for name, test := range map[string]struct {
		environ []string
		args    []string
	}{
		"file":                        {nil, []string{"--config", writeConfig(t, "listen: "+plain)}},
		"every interface":             {nil, []string{"--config", writeConfig(t, `listen: ":`+port+`"`)}},
		"environment":                 {[]string{"SUITEKEEPER_LISTEN", plain}, nil},
		"flag over environment":       {[]string{"SUITEKEEPER_LISTEN", "127.0.0.1:1"}, []string{"--listen", plain}},
		"TLS":                         {nil, []string{"--config", encrypted}},
		"environment over file's TLS": {[]string{"SUITEKEEPER_LISTEN", secure.address}, []string{"--config", encrypted}},
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
