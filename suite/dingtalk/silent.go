package dingtalk

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"

	"suitekeeper/suite"
)

// silent is the error of a call that got no answer, from what the network said
// without the URL. What often happens is told apart, so that it can be said in
// the reader's language; the network's own words stay with it for the log.
func (k call) silent(err error) error {
	said := err.Error()
	var name *net.DNSError
	var trust *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		return k.broken(suite.SayNoAnswerName, said, name.Name)
	case errors.As(err, &trust):
		return k.broken(suite.SayNoAnswerTrust, said)
	case errors.Is(err, syscall.ECONNREFUSED):
		return k.broken(suite.SayNoAnswerRefused, said, peer(err))
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return k.broken(suite.SayNoAnswerRoute, said)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return k.broken(suite.SayNoAnswerEnded, said)
	default:
		return k.broken(suite.SayNoAnswer, said)
	}
}

// peer is the address that a connection was to be made to.
func peer(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return op.Addr.String()
	}
	return "?"
}
