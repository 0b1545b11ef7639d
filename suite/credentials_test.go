package suite_test

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"

	"suitekeeper/suite"
)

func TestCheckCredentialsTellsWhatDingTalkThinksOfThem(t *testing.T) {
	const elsewhere = "192.0.2.0/24"
	tests := []struct {
		name   string
		ticket bool
		change func(*world)
		want   suite.AlertCode
	}{
		{"right", true, func(*world) {}, ""},
		{"no ticket", false, func(*world) {}, suite.AlertTicketRejected},
		{"wrong secret", true, func(w *world) { w.must(w.platform.SetSecret(testSuite, "canary-other-secret")) }, suite.AlertSuiteSecretWrong},
		{"address not on the whitelist", true, func(w *world) {
			w.must(w.platform.SetIPWhitelist(testSuite, netip.MustParsePrefix(elsewhere)))
		}, suite.AlertAddressNotWhitelisted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if tt.ticket {
					w.must(w.platform.PushTicket(testSuite))
					synctest.Wait()
				}
				tt.change(w)
				alert, err := w.keeper.CheckCredentials(t.Context(), testSuite)
				if err != nil {
					t.Fatalf("CheckCredentials(%s) = %v, want nil", testSuite, err)
				}
				if got := codeOf(alert); got != tt.want {
					t.Errorf("CheckCredentials(%s) = alert %q, want %q", testSuite, got, tt.want)
				}
			})
		})
	}
}

func codeOf(a *suite.Alert) suite.AlertCode {
	if a == nil {
		return ""
	}
	return a.Code
}

func TestCheckCredentialsOfAnotherSuiteIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if _, err := w.keeper.CheckCredentials(t.Context(), "suiteother"); !errors.Is(err, suite.ErrUnknownSuite) {
			t.Errorf("CheckCredentials(suiteother) = %v, want %v", err, suite.ErrUnknownSuite)
		}
	})
}
