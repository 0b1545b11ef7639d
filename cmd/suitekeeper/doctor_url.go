package main

import (
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

	"suitekeeper/suite"
)

// certificateSoon is how long before its end a certificate is worth a warning:
// what renews by itself has done so by then.
const certificateSoon = 14 * 24 * time.Hour

// checkCallback reaches the public URL as well as it can be reached from here,
// and has every suite's callback answer a signed check.
func checkCallback(ctx context.Context, x *examination) []diagnosis {
	if x.cfg.PublicURL == "" {
		return []diagnosis{found(suite.FindingURLMissing, "")}
	}
	public, err := parseTarget(x.cfg.PublicURL)
	if err != nil { // not in a valid configuration
		return []diagnosis{found(suite.FindingURLMissing, "")}
	}
	list := checkAddress(ctx, public)
	health, err := fetch(ctx, public.JoinPath("healthz"))
	if err != nil {
		code, detail := connectionFault(err)
		return append(list, found(code, "", "url", public.Redacted(), "host", public.Host, "detail", detail))
	}
	if health.TLS != nil && len(health.TLS.PeerCertificates) > 0 {
		list = append(list, certificateFinding(health.TLS.PeerCertificates[0], time.Now()))
	}
	list = append(list, checkExposure(ctx, public)...)
	return append(list, x.checkSuiteURLs(ctx)...)
}

// checkAddress looks at the URL itself and at what its name stands for.
func checkAddress(ctx context.Context, public *url.URL) []diagnosis {
	var list []diagnosis
	if public.Scheme == "http" {
		list = append(list, found(suite.FindingURLClear, "", "url", public.Redacted()))
	}
	resolving, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(resolving, "ip", public.Hostname())
	if err == nil && len(addresses) > 0 && allPrivate(addresses) {
		list = append(list, found(suite.FindingURLPrivate, "", "host", public.Hostname(), "address", addresses[0].Unmap().String()))
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

// certificateFinding warns of a certificate that ends soon.
func certificateFinding(c *x509.Certificate, now time.Time) diagnosis {
	left, date := c.NotAfter.Sub(now), c.NotAfter.UTC().Format(time.DateOnly)
	if left > certificateSoon {
		return found(suite.FindingCertificateValid, "", "date", date)
	}
	return found(suite.FindingCertificateEnds, "", "date", date, "days", fmt.Sprint(int(left.Hours()/24)))
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
		return []diagnosis{found(suite.FindingAdminPublic, "", "url", public.JoinPath("readyz").Redacted())}
	}
	return nil
}
