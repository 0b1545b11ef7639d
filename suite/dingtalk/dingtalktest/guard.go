package dingtalktest

import (
	"net/http"
	"net/netip"
	"slices"
	"time"
)

// as notes whose call it is, and refuses it when it comes from the wrong
// address or too often.
func (p *Platform) as(c *apiCall, s *suiteState) *refusal {
	c.suite = s
	if len(s.IPWhitelist) > 0 && !within(c.from, s.IPWhitelist) {
		no := refusedAddress(c.from, s.Key)
		return &no
	}
	if !p.withinLimit(c.endpoint, s) {
		return &refusedLimit
	}
	return nil
}

type limited struct {
	endpoint Endpoint
	suite    *suiteState
}

func (p *Platform) withinLimit(e Endpoint, s *suiteState) bool {
	limit, ok := p.o.Limits[e]
	if !ok {
		return true
	}
	key, now := limited{e, s}, time.Now()
	recent := slices.DeleteFunc(p.made[key], func(t time.Time) bool { return now.Sub(t) >= limit.Per })
	if len(recent) < limit.Calls {
		p.made[key] = append(recent, now)
		return true
	}
	p.made[key] = recent
	return false
}

// remote is the caller's address without the port.
func remote(r *http.Request) string {
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return a.Addr().Unmap().String()
	}
	return r.RemoteAddr
}

func within(from string, allowed []netip.Prefix) bool {
	a, err := netip.ParseAddr(from)
	return err == nil && slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(a) })
}
