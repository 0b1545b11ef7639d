package admin_test

import (
	"testing"
	"testing/synctest"

	"suitekeeper/suite"
)

func TestCheckTellsWhatDingTalkThinksOfASuite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		got, err := w.client(operatorToken).Check(t.Context(), testSuite)
		if err != nil || !got.Accepted || got.Alert != nil {
			t.Errorf("Check(%s) = %+v, %v, want that it is accepted", testSuite, got, err)
		}
		w.must(w.platform.SetSecret(testSuite, "canary-other-secret"))
		got, err = w.client(operatorToken).Check(t.Context(), testSuite)
		if err != nil || got.Accepted || got.Alert == nil || got.Alert.Code != string(suite.AlertSuiteSecretWrong) || got.Alert.CureZH == "" {
			t.Errorf("Check(%s) with a wrong secret = %+v, %v, want the alert suite_secret_wrong in both languages", testSuite, got, err)
		}
		wantProblem(t, w.call("POST", "/api/v1/suites/nobody/check", operatorToken), 404, "unknown_suite")
	})
}
