package suite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/suite"
)

func TestEveryRejectionIsExplained(t *testing.T) {
	for _, reason := range []suite.RejectReason{
		suite.RejectSignature, suite.RejectCiphertext, suite.RejectSuiteKey, suite.RejectNotJSON, suite.RejectSource,
	} {
		r := suite.Rejection{Suite: testSuite, RemoteAddr: "192.0.2.1", Reason: reason, Detail: "DETAIL"}
		message, cure := r.Explain()
		for _, text := range []string{message.EN, message.ZH, cure.EN, cure.ZH} {
			if text == "" || strings.Contains(text, "{") {
				t.Errorf("Explain of %s = %+v, %+v, want four texts with everything filled in", reason, message, cure)
				break
			}
		}
		if !strings.Contains(message.EN, testSuite) {
			t.Errorf("Explain of %s = %q, want the suite in it", reason, message.EN)
		}
	}
}

func TestUnavailableIsWhatMayWorkLater(t *testing.T) {
	for err, want := range map[error]bool{
		store.ErrBusy: true, store.ErrFailed: true, store.ErrUnknownOutcome: true, store.ErrClosed: true,
		store.ErrNotFound: false, suite.ErrNotFound: false, errors.New("other"): false,
	} {
		if got := suite.Unavailable(fmt.Errorf("retry: %w", err)); got != want {
			t.Errorf("Unavailable(%v) = %v, want %v", err, got, want)
		}
	}
}
