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

	"suitekeeper/suite"
)

// connectionFault tells why there was no answer, and in detail what the system
// said, or in Chinese what that means. It quotes no URL: those of pushes hold
// signatures.
func connectionFault(err error) (code suite.FindingCode, detail suite.Text) {
	if request := (*url.Error)(nil); errors.As(err, &request) {
		err = request.Err
	}
	return faultOf(err), suite.Text{EN: err.Error(), ZH: silence(err)}
}

func faultOf(err error) suite.FindingCode {
	var name *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &name):
		return suite.FindingURLDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return suite.FindingURLRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return suite.FindingURLUnroutable
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return suite.FindingURLTimeout
	}
	if code := tlsFault(err); code != "" {
		return code
	}
	return suite.FindingURLBrokenOff
}

// tlsFault tells what is wrong with TLS, if that is what is wrong.
func tlsFault(err error) suite.FindingCode {
	var verification *tls.CertificateVerificationError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &name):
		return suite.FindingURLTLSName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return suite.FindingURLTLSExpired
	case errors.As(err, &verification) && chainIncomplete(verification.UnverifiedCertificates):
		return suite.FindingURLTLSChain
	case errors.As(err, &verification):
		return suite.FindingURLTLSUntrusted
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return suite.FindingURLNoTLS
	case errors.As(err, &alert):
		return suite.FindingURLTLSUntrusted
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
