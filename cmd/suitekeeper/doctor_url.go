package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// certificateSoon is how long before its end a certificate is worth a warning:
// what renews by itself has done so by then.
const certificateSoon = 14 * 24 * time.Hour

// checkCallback reaches the public URL as well as it can be reached from here,
// and has every suite's callback answer a signed check.
func checkCallback(ctx context.Context, x *examination) []diagnosis {
	if x.cfg.PublicURL == "" {
		return []diagnosis{found("url_missing", "")}
	}
	public, err := parseTarget(x.cfg.PublicURL)
	if err != nil { // not in a valid configuration
		return []diagnosis{found("url_missing", "")}
	}
	list := checkAddress(ctx, public)
	health, err := fetch(ctx, public.JoinPath("healthz"))
	if err != nil {
		kind, detail := connectionFault(err)
		return append(list, found("url_"+kind, "", "url", public.Redacted(), "host", public.Host, "detail", detail))
	}
	if health.TLS != nil && len(health.TLS.PeerCertificates) > 0 {
		list = append(list, certificateFinding(health.TLS.PeerCertificates[0], time.Now()))
	}
	list = append(list, checkExposure(ctx, public)...)
	if len(x.cfg.AllowedSources) > 0 {
		// A check of ours may be refused for where it comes from, and would
		// raise the alert for that.
		code := "url_sources_unreached"
		if health.ours() {
			code = "url_sources"
		}
		return append(list, found(code, "", "url", public.Redacted()))
	}
	for _, s := range x.cfg.Suites {
		list = append(list, checkSuiteURL(ctx, s, callbackURL(x.cfg.PublicURL, s.Key)))
	}
	return list
}

// checkAddress looks at the URL itself and at what its name stands for.
func checkAddress(ctx context.Context, public *url.URL) []diagnosis {
	var list []diagnosis
	if public.Scheme == "http" {
		list = append(list, found("url_clear", "", "url", public.Redacted()))
	}
	resolving, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(resolving, "ip", public.Hostname())
	if err == nil && len(addresses) > 0 && allPrivate(addresses) {
		list = append(list, found("url_private", "", "host", public.Hostname(), "address", addresses[0].Unmap().String()))
	}
	return list
}

func allPrivate(addresses []netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // of carriers' networks
	for _, a := range addresses {
		if a = a.Unmap(); !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared.Contains(a) {
			return false
		}
	}
	return true
}

// fetched is a page that was asked for.
type fetched struct {
	*http.Response
	body []byte
}

func fetch(ctx context.Context, page *url.URL) (fetched, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return fetched{}, err
	}
	resp, err := plainClient().Do(req)
	if err != nil {
		return fetched{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return fetched{resp, body}, err
}

// ours tells whether suitekeeper's listener for callbacks answered /healthz.
func (f fetched) ours() bool {
	return f.StatusCode == http.StatusOK && bytes.Equal(bytes.TrimSpace(f.body), []byte(`{"status":"ok"}`))
}

// certificateFinding warns of a certificate that ends soon.
func certificateFinding(c *x509.Certificate, now time.Time) diagnosis {
	left, date := c.NotAfter.Sub(now), c.NotAfter.UTC().Format(time.DateOnly)
	if left > certificateSoon {
		return found("certificate_valid", "", "date", date)
	}
	return found("certificate_ends", "", "date", date, "days", fmt.Sprint(int(left.Hours()/24)))
}

// checkExposure sees whether the operators' side answers under the public URL.
func checkExposure(ctx context.Context, public *url.URL) []diagnosis {
	page, err := fetch(ctx, public.JoinPath("readyz"))
	if err != nil {
		return nil // what there is to say of that is said already
	}
	var ready struct{ Status, Code any }
	// Of what is no JSON both stay empty.
	_ = json.Unmarshal(page.body, &ready)
	if ready.Status == "ready" || ready.Code == "not_ready" {
		return []diagnosis{found("admin_public", "", "url", public.JoinPath("readyz").Redacted())}
	}
	return nil
}
