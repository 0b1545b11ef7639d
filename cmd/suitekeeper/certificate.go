package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"suitekeeper/suite"
)

var errOtherCertificate = errorf(suite.Text{
	EN: "the server shows another certificate than the one of tls.cert_file",
	ZH: "服务器出示的证书与 tls.cert_file 不同",
})

// own returns settings for a connection to the server of this configuration on
// this machine, where its certificate is known, and need not be for the address
// that it listens on. It is nil without TLS and without a readable certificate.
func (c TLSConfig) own() *tls.Config {
	if !c.Enabled() {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil
	}
	return &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // the very certificate is asked for instead
		VerifyConnection: func(s tls.ConnectionState) error {
			if !bytes.Equal(s.PeerCertificates[0].Raw, pair.Certificate[0]) {
				return errOtherCertificate
			}
			return nil
		},
	}
}

// certificateCure says what to do when a connection to address, given with
// flag, failed because of the server's certificate; nothing when it did not.
func certificateCure(err error, flag, address string) suite.Text {
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &certificate) {
		return suite.Text{}
	}
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &host):
		if other := addressFor(host.Certificate, address); other != "" {
			return both(suite.Text{EN: "give %s with a host name that the server's certificate is for, as %s", ZH: "%s 请使用服务器证书中的域名，例如 %s"}, flag, other)
		}
		return both(suite.Text{EN: "give %s with a host name that the server's certificate is for", ZH: "%s 请使用服务器证书中的域名"}, flag)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return suite.Text{
			EN: "give the server a certificate that is valid now, or set this machine's clock",
			ZH: "请为服务器更换有效期内的证书，或校准本机时钟",
		}
	case errors.As(err, &unknown):
		return suite.Text{
			EN: "the certificate is the server's own or of a private authority, or the server does not send its whole chain; to trust it, name its file (PEM) in SSL_CERT_FILE, or add it to the authorities that this machine trusts",
			ZH: "该证书为自签名或由私有机构签发，或服务器没有发送完整的证书链；要信任它，请在 SSL_CERT_FILE 中指定其 PEM 文件，或将其加入本机信任的证书颁发机构",
		}
	}
	return suite.Text{EN: "give the server another certificate", ZH: "请为服务器更换证书"}
}

// plainHost is a host name without a wildcard and without anything strange: it
// comes from another machine and is printed.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]{1,253}$`)

// addressFor is address with a host that c is for in place of its own, or
// nothing when c names none that a URL can hold.
func addressFor(c *x509.Certificate, address string) string {
	i := slices.IndexFunc(c.DNSNames, plainHost.MatchString)
	u, err := url.Parse(address)
	if i < 0 || err != nil {
		return ""
	}
	if port := u.Port(); port != "" {
		u.Host = net.JoinHostPort(c.DNSNames[i], port)
	} else {
		u.Host = c.DNSNames[i]
	}
	return u.Redacted()
}

// speaksNoTLS reports whether err comes from asking for TLS where a server
// speaks none.
func speaksNoTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
