package dingtalk_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// broken is a network that fails.
type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestSilenceIsToldApartInChinese(t *testing.T) {
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: err}
	}
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer dropping.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	defer secure.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	through := func(err error) dingtalk.Options {
		return dingtalk.Options{OAPIURL: "https://oapi.invalid", HTTPClient: &http.Client{Transport: broken{err}}}
	}
	for name, tt := range map[string]struct {
		options dingtalk.Options
		zh, en  string
	}{
		"nobody listens":      {dingtalk.Options{OAPIURL: closed.URL}, "没有应答：" + closed.Listener.Addr().String() + " 拒绝连接", "connection refused"},
		"broken off":          {dingtalk.Options{OAPIURL: dropping.URL}, "没有应答：连接被中断", "EOF"},
		"own certificate":     {dingtalk.Options{OAPIURL: secure.URL}, "没有应答：TLS 证书校验失败", "certificate"},
		"no such name":        {through(dial(&net.DNSError{Err: "no such host", Name: "oapi.invalid", IsNotFound: true})), "没有应答：域名 oapi.invalid 解析失败", "no such host"},
		"no way to the net":   {through(dial(syscall.ENETUNREACH)), "没有应答：网络不可达", "unreachable"},
		"no way to the host":  {through(dial(syscall.EHOSTUNREACH)), "没有应答：网络不可达", "no route"},
		"reset":               {through(dial(syscall.ECONNRESET)), "没有应答：连接被中断", "reset"},
		"pipe broken":         {through(syscall.EPIPE), "没有应答：连接被中断", "broken pipe"},
		"cut":                 {through(io.ErrUnexpectedEOF), "没有应答：连接被中断", "unexpected EOF"},
		"refused, by nobody":  {through(fmt.Errorf("proxy: %w", syscall.ECONNREFUSED)), "没有应答：? 拒绝连接", "proxy"},
		"in words of its own": {through(errors.New("strange proxy")), "没有应答：strange proxy", "strange proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, tt.options).SuiteToken(t.Context(), credentials)
			var fault *suite.PlatformError
			if !errors.As(err, &fault) || fault.Fault != suite.FaultTransient {
				t.Fatalf("SuiteToken = %v, want a fault that passes", err)
			}
			if said := fault.Message.Text(); said.ZH != tt.zh || !strings.HasPrefix(said.EN, "no answer: ") || !strings.Contains(said.EN, tt.en) {
				t.Errorf("SuiteToken says %+v, want %q in Chinese, and %q in English", said, tt.zh, tt.en)
			}
		})
	}
}
