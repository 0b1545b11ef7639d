package main_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	keeper "suitekeeper/cmd/suitekeeper"
)

// TestTheWatchdogSeesWhatHangs has the store of a working receiver hang, and
// its workers end.
func TestTheWatchdogSeesWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, err := keeper.Defaults()
		if err != nil {
			t.Fatal(err)
		}
		cfg.Data, cfg.Suites = t.TempDir(), []keeper.SuiteConfiguration{sampleSuite}
		r, err := keeper.OpenReceiver(t.Context(), cfg, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		worked := make(chan error, 1)
		go func() { worked <- r.Work(ctx) }()
		want := func(complaint string) {
			t.Helper()
			err := r.Works(t.Context(), time.Second)
			if (err == nil) != (complaint == "") || (err != nil && !strings.Contains(err.Error(), complaint)) {
				t.Errorf("works = %v, want %q", err, complaint)
			}
		}
		want("")
		release := r.HangStore()
		want("the store runs no update")
		release()
		want("")
		cancel()
		if err := <-worked; err != nil {
			t.Error(err)
		}
		want("the workers do not answer")
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		want("the store runs no update")
	})
}
