package suite_test

import (
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

func TestRejectionsKeepsTheLast200AndCountsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if r := w.keeper.Rejections(); len(r.Rejections) != 0 || len(r.Counts) != 0 {
			t.Errorf("Rejections = %+v, want none", r)
		}
		began := time.Now()
		for i := range 250 {
			reason, key := suite.RejectSignature, suite.SuiteKey(testSuite)
			if i%5 == 0 {
				reason, key = suite.RejectCiphertext, "suiteunknown"
			}
			w.keeper.Reject(suite.Rejection{At: began.Add(time.Duration(i)), Suite: key, Reason: reason})
		}
		r := w.keeper.Rejections()
		if len(r.Rejections) != 200 || r.Counts[suite.RejectSignature] != 200 || r.Counts[suite.RejectCiphertext] != 50 {
			t.Fatalf("%d rejections, counts %v, want 200, and counts of all 250", len(r.Rejections), r.Counts)
		}
		for i, rej := range r.Rejections {
			if want := began.Add(time.Duration(249 - i)); !rej.At.Equal(want) {
				t.Fatalf("rejection %d is of %s, want %s: the newest first", i, rej.At, want)
			}
			if rej.Suite != testSuite && rej.Suite != "" {
				t.Errorf("rejection names suite %s, which is not configured", rej.Suite)
			}
		}
	})
}
