package handler_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"suitekeeper/handler"
)

func TestProxiedShowsTheClient(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	tests := []struct {
		name, remote, forwarded string
		trusted                 []netip.Prefix
		want                    string
	}{
		{"trusted proxy", "127.0.0.1:5000", "192.0.2.1", proxy, "192.0.2.1:0"},
		{"chain", "127.0.0.1:5000", "198.51.100.9, 192.0.2.1, 127.0.0.2", proxy, "192.0.2.1:0"},
		{"IPv6", "127.0.0.1:5000", "2001:db8::1", proxy, "[2001:db8::1]:0"},
		{"anybody else", "192.0.2.7:5000", "192.0.2.1", proxy, "192.0.2.7:5000"},
		{"proxy that says nothing", "127.0.0.1:5000", "", proxy, "127.0.0.1:5000"},
		{"proxy that says nonsense", "127.0.0.1:5000", "canary", proxy, "127.0.0.1:5000"},
		{"no trusted proxies", "127.0.0.1:5000", "192.0.2.1", nil, "127.0.0.1:5000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			h := handler.Proxied(tt.trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.remote
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got != tt.want || r.RemoteAddr != tt.remote {
				t.Errorf("RemoteAddr of %s for %q = %s, want %s and the request unchanged", tt.remote, tt.forwarded, got, tt.want)
			}
		})
	}
}
