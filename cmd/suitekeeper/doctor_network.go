package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// connectionFault tells in a word why there was no answer, and in detail what
// the system said. It quotes no URL: those of pushes hold signatures.
func connectionFault(err error) (kind, detail string) {
	if request := (*url.Error)(nil); errors.As(err, &request) {
		err = request.Err
	}
	return faultKind(err), err.Error()
}

func faultKind(err error) string {
	var name *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &name):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unroutable"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	}
	if kind := tlsFault(err); kind != "" {
		return kind
	}
	return "broken_off"
}

// tlsFault tells what is wrong with TLS, if that is what is wrong.
func tlsFault(err error) string {
	var verification *tls.CertificateVerificationError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &name):
		return "tls_name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "tls_expired"
	case errors.As(err, &verification) && chainIncomplete(verification.UnverifiedCertificates):
		return "tls_chain"
	case errors.As(err, &verification):
		return "tls_untrusted"
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return "no_tls"
	case errors.As(err, &alert):
		return "tls_untrusted"
	}
	return ""
}

// chainIncomplete tells whether a server sent its own certificate and not that
// of who signed it. Browsers often find that by themselves; DingTalk need not.
func chainIncomplete(sent []*x509.Certificate) bool {
	return len(sent) == 1 && sent[0].Issuer.String() != sent[0].Subject.String()
}

// plainClient makes single requests, and takes a redirect as the answer.
func plainClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		Timeout:       doctorTimeout,
		CheckRedirect: noRedirect,
	}
}
