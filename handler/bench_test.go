package handler_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"suitekeeper/handler"
	"suitekeeper/suite"
)

// discard is a response whose bytes nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func (d *discard) SetReadDeadline(time.Time) error { return nil }

type taker struct{}

func (taker) Receive(context.Context, suite.Push) (suite.Receipt, error) {
	return suite.Receipt{Reply: "success", Type: "suite_ticket", Outcome: suite.OutcomeApplied, Events: 1}, nil
}
func (taker) Reject(suite.Rejection)         {}
func (taker) Overloaded(suite.SuiteKey, int) {}

// BenchmarkPush is what the handler costs by itself: no network, no store.
func BenchmarkPush(b *testing.B) {
	f := newFixture(b, func(o *handler.Options) {
		o.Receiver = taker{}
		o.Logger = zap.NewNop()
	})
	e := seal(b, suiteOptions, `{"AuthCode":"6b4294d637a0387eb36e6785451ff845","EventType":"tmp_auth_code","AuthCorpId":"ding5bfeb97afcccb984"}`)
	u := &url.URL{Path: "/callback/" + suiteKey, RawQuery: query(e)}
	text := body(e)
	b.ReportAllocs()
	for b.Loop() {
		reader := strings.NewReader(text)
		r := &http.Request{Method: "POST", URL: u, Body: io.NopCloser(reader), ContentLength: int64(len(text)), RemoteAddr: "192.0.2.1:1234"}
		f.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}
