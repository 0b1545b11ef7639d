package handler

import (
	"net/http"
	"net/netip"
	"strings"
)

// DingTalkSources returns the address ranges that DingTalk publishes for its
// pushes, for [Options.AllowedSources]. The slice is the caller's.
func DingTalkSources() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("203.119.0.0/16"),
		netip.MustParsePrefix("203.119.128.0/17"),
		netip.MustParsePrefix("140.205.0.0/16"),
		netip.MustParsePrefix("106.11.0.0/16"),
		netip.MustParsePrefix("198.11.0.0/16"),
		netip.MustParsePrefix("59.82.0.0/16"),
	}
}

// sources tells where a request comes from and whether it may.
type sources struct {
	proxies []netip.Prefix
	allowed []netip.Prefix // empty: all
}

// permits tells whether addr may push. The zero Addr may only where all may.
func (s sources) permits(addr netip.Addr) bool {
	return len(s.allowed) == 0 || contains(s.allowed, addr)
}

// permitsPeer tells whether all may push that comes straight from addr, whatever
// its headers say.
func (s sources) permitsPeer(addr netip.Addr) bool {
	return len(s.allowed) == 0 || s.permits(addr) && !contains(s.proxies, addr)
}

// client returns the address of the peer or, where that is a trusted proxy, of
// the nearest hop before it that is none. Whatever stands further left in
// X-Forwarded-For was written by somebody we do not trust. It is the zero Addr
// when the peer has no IP address.
func (s sources) client(r *http.Request) netip.Addr {
	addr := parseHop(r.RemoteAddr)
	if len(s.proxies) == 0 || !contains(s.proxies, addr) {
		return addr
	}
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; ; {
			comma := strings.LastIndexByte(rest, ',')
			hop := parseHop(strings.TrimSpace(rest[comma+1:]))
			if !hop.IsValid() {
				return addr
			}
			addr = hop
			if !contains(s.proxies, addr) {
				return addr
			}
			if comma < 0 {
				break
			}
			rest = rest[:comma]
		}
	}
	return addr
}

// parseHop reads an address with or without a port, as proxies write both, and
// IPv6 in brackets either way.
func parseHop(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr())
	}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(s, "]") && strings.Contains(s, ":") {
		s = inner[:len(inner)-1]
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return plain(addr)
}

// plain makes addresses comparable with prefixes: IPv4 as IPv4, no zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
