package handler

import (
	"net/http"
	"net/netip"
)

// Proxied shows next the address of the client instead of that of a trusted
// proxy: as RemoteAddr, with port 0. It believes X-Forwarded-For as the
// listener for callbacks does.
func Proxied(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	from := sources{proxies: trusted}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if addr := from.client(r); addr.IsValid() && addr != parseHop(r.RemoteAddr) {
			seen := *r // a handler may not change the request that it was given
			seen.RemoteAddr = netip.AddrPortFrom(addr, 0).String()
			r = &seen
		}
		next.ServeHTTP(w, r)
	})
}
