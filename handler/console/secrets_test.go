package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestRevealedSecretIsShownOnce(t *testing.T) {
	corp := "/console/authorizations/" + string(suiteA) + "/" + string(corpActive)
	event := "/console/events/" + eventID(3).String()
	for path, secret := range map[string]string{corp: canaryCode, event: "CANARY-auth-code-0001"} {
		b := signedIn(t, newConsole(t, options(newSample(time.Now()))), operatorToken)
		got := b.post(path+"/reveal", nil)
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, secret) {
			t.Errorf("POST %s/reveal = %d, want 200 with the secret", path, got.StatusCode)
		}
		if cc := got.Header.Get("Cache-Control"); cc != "no-store" {
			t.Errorf("POST %s/reveal has Cache-Control %q, want no-store", path, cc)
		}
		if strings.Contains(got.body, "data-live") {
			t.Errorf("POST %s/reveal shows a page that would be sent anew, without the secret", path)
		}
		for _, again := range []string{path, path + "/reveal"} {
			if got := b.get(again); strings.Contains(got.body, secret) {
				t.Errorf("GET %s shows the secret again", again)
			}
		}
	}
}

func TestNoPageShowsSecrets(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	o := options(newSample(time.Now()))
	o.Logger = zap.New(core)
	h := newConsole(t, o)
	for _, token := range []string{viewerToken, operatorToken} {
		b := signedIn(t, h, token)
		for path := range pagePaths {
			body := strings.ToLower(b.get(path).body)
			for _, secret := range []string{"canary", b.cookies["suitekeeper"]} {
				if strings.Contains(body, strings.ToLower(secret)) {
					t.Errorf("GET %s shows %q", path, secret)
				}
			}
		}
	}
	newBrowser(t, h).post("/console/sign-in", map[string][]string{"token": {wrongToken}})
	for _, line := range logs.All() {
		for _, f := range line.Context {
			if strings.Contains(f.String, "canary") || strings.Contains(line.Message, "canary") {
				t.Errorf("the log says %q %v", line.Message, line.ContextMap())
			}
		}
	}
	if logs.Len() == 0 {
		t.Error("a wrong sign-in is not in the log")
	}
}
