package console_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"suitekeeper/suite"
)

// brokenSessions fails when it is told to.
type brokenSessions struct {
	scs.Store
	find, commit error
}

func (s *brokenSessions) Find(token string) ([]byte, bool, error) {
	if s.find != nil {
		return nil, false, s.find
	}
	return s.Store.Find(token)
}

func (s *brokenSessions) Commit(token string, data []byte, expiry time.Time) error {
	if s.commit != nil {
		return s.commit
	}
	return s.Store.Commit(token, data, expiry)
}

func TestSessionsThatCannotBeReadShowNothing(t *testing.T) {
	sessions := &brokenSessions{Store: memstore.NewWithCleanupInterval(0)}
	o := options(newSample(time.Now()))
	o.Sessions = sessions
	h := newConsole(t, o)
	b := signedIn(t, h, operatorToken)
	sessions.find = errors.New("the disk is gone")
	for _, path := range []string{"/console/", "/console/sign-in"} {
		got := b.get(path)
		if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "disk is gone") || strings.Contains(got.body, "Suites") {
			t.Errorf("GET %s = %d with %q, want 500 with an error page", path, got.StatusCode, got.body)
		}
	}
	if got := b.post("/console/repush", nil); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("POST /console/repush = %d, want 500", got.StatusCode)
	}
}

func TestSessionThatCannotBeKeptDoesNotBegin(t *testing.T) {
	sessions := &brokenSessions{Store: memstore.NewWithCleanupInterval(0), commit: errors.New("the disk is full")}
	o := options(newSample(time.Now()))
	o.Sessions = sessions
	b := newBrowser(t, newConsole(t, o))
	got := b.post("/console/sign-in", map[string][]string{"token": {operatorToken}})
	if got.StatusCode != http.StatusInternalServerError || len(b.cookies) != 0 || strings.Contains(got.body, "disk is full") {
		t.Errorf("sign-in = %d with cookies %v and %q, want 500 and none", got.StatusCode, b.cookies, got.body)
	}
}

// failing is a Keeper whose reports fail, or panic.
type failing struct {
	*sample
	err error
}

func (f failing) Status(context.Context) (suite.Report, error) {
	if f.err == nil {
		panic("CANARY-of-a-panic")
	}
	return suite.Report{}, f.err
}

func TestFaultsAreInTheLogAndNotOnThePage(t *testing.T) {
	for name, err := range map[string]error{"error": errors.New("bucket auth is gone"), "panic": nil} {
		core, logs := observer.New(zapcore.ErrorLevel)
		o := options(failing{newSample(time.Now()), err})
		o.Logger = zap.New(core)
		got := signedIn(t, newConsole(t, o), viewerToken).get("/console/")
		if got.StatusCode != http.StatusInternalServerError || strings.Contains(got.body, "bucket") || strings.Contains(got.body, "CANARY") {
			t.Errorf("%s: GET /console/ = %d with %q, want 500 without the cause", name, got.StatusCode, got.body)
		}
		if logs.Len() != 1 {
			t.Errorf("%s: the log has %v, want one line", name, logs.All())
		}
	}
}

func TestPageNamesWhatThereIsNoneOf(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), viewerToken)
	for path, want := range map[string]suite.Text{
		"/console/authorizations?suite=suitetypo": {
			EN: "Suite suitetypo is not configured. Configured: " + string(suiteA), ZH: "没有配置套件 suitetypo。已配置的套件：" + string(suiteA),
		},
		"/console/events/nothing": {EN: "There is no event nothing.", ZH: "不存在事件 nothing。"},
	} {
		for lang, text := range map[string]string{"en": want.EN, "zh": want.ZH} {
			b.cookies["suitekeeper_language"] = lang
			if got := b.get(path); got.StatusCode != http.StatusNotFound || !strings.Contains(got.body, text) {
				t.Errorf("GET %s in %s = %d with %q, want 404 and %q", path, lang, got.StatusCode, got.body, text)
			}
		}
	}
}
