package handler

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClientIsTheNearestHopThatIsNoTrustedProxy(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		name      string
		remote    string
		forwarded []string
		want      string
	}{
		{"no proxy", "192.0.2.1:1234", nil, "192.0.2.1"},
		{"a stranger's header", "192.0.2.1:1234", []string{"203.119.0.1"}, "192.0.2.1"},
		{"one proxy", "10.0.0.1:1234", []string{"192.0.2.1"}, "192.0.2.1"},
		{"two proxies", "10.0.0.1:1234", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"a forged hop on the left", "10.0.0.1:1234", []string{"203.119.0.1, 192.0.2.1"}, "192.0.2.1"},
		{"a forged line before", "10.0.0.1:1234", []string{"203.119.0.1", "192.0.2.1,10.0.0.2"}, "192.0.2.1"},
		{"hop with a port", "10.0.0.1:1234", []string{"192.0.2.1:80"}, "192.0.2.1"},
		{"proxies all the way", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"proxy without the header", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"empty header", "10.0.0.1:1234", []string{""}, "10.0.0.1"},
		{"a hop that is no address", "10.0.0.1:1234", []string{"192.0.2.1, unknown"}, "10.0.0.1"},
		{"a hop behind one that is no address", "10.0.0.1:1234", []string{"unknown, 192.0.2.1"}, "192.0.2.1"},
		{"IPv6", "[fd00::1]:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with a port", "[fd00::1]:1234", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1234", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"a zone", "[fe80::1%eth0]:1234", nil, "fe80::1"},
		{"a unix socket", "@", []string{"192.0.2.1"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := (sources{proxies: proxies}).client(r).String(); got != tt.want {
			t.Errorf("%s: client of %s, %q = %s, want %s", tt.name, tt.remote, tt.forwarded, got, tt.want)
		}
		if got := (sources{}).client(r); got != parseHop(tt.remote) {
			t.Errorf("%s: client without trusted proxies = %s, want %s", tt.name, got, tt.remote)
		}
	}
}

func TestPermitsOnlyTheAllowed(t *testing.T) {
	s := sources{allowed: DingTalkSources()}
	for addr, want := range map[string]bool{
		"203.119.0.0": true, "203.119.255.255": true, "140.205.1.1": true, "106.11.1.1": true,
		"198.11.1.1": true, "59.82.1.1": true,
		"203.118.255.255": false, "192.0.2.1": false, "::1": false, "::ffff:59.83.0.0": false,
	} {
		if got := s.permits(plain(netip.MustParseAddr(addr))); got != want {
			t.Errorf("permits(%s) = %v, want %v", addr, got, want)
		}
	}
	if s.permits(netip.Addr{}) {
		t.Error("permits(no address) = true, want false")
	}
	if !(sources{}).permits(netip.Addr{}) {
		t.Error("permits(no address) = false where all may, want true")
	}
}
