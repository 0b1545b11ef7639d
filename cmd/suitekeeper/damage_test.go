package main_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store/boltstore"
)

// A receiver that starts anew serves before it has read the whole data file.
// What the disk did to it meanwhile stops the receiver, and is known to the next
// start.
func TestDamageFoundWhileServingStopsTheReceiver(t *testing.T) {
	s := keeper.SuiteConfiguration{Key: "suitedamage012345678", Secret: "damagesecret0123456789", Token: "damagetoken0123456789",
		AESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"}
	r := newTestReceiver(t, "http://127.0.0.1:1", s)
	r.start()
	if a, err := r.push(s, `{"EventType":"check_url"}`); err != nil || a.status != 200 {
		t.Fatalf("push = %+v, %v, want it accepted", a, err)
	}
	r.stop()
	rotFingerprints(t, filepath.Join(r.cfg.Data, "suitekeeper.db"))

	callbacks, operators := r.listen(), r.listen()
	defer operators.Close()
	defer callbacks.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := keeper.RunReceiver(ctx, r.cfg, zap.NewNop(), callbacks, operators)
	if !errors.Is(err, boltstore.ErrDamaged) || ctx.Err() != nil {
		t.Errorf("the receiver over a damaged file ended with %v, want %v", err, boltstore.ErrDamaged)
	}
	if entries, err := filepath.Glob(filepath.Join(r.cfg.Data, "*.sound")); err != nil || len(entries) != 0 {
		t.Errorf("beside the damaged file there is %v, %v: the next start would not read it first", entries, err)
	}
}

// rotFingerprints flips a bit in the key of each fingerprint and leaves the times
// of the file alone, as a failing disk does.
func rotFingerprints(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	data, err := os.ReadFile(path)
	must(t, err)
	sound, damaged := []byte("print\x00suitedamage"), []byte("print\x00suitedamagd")
	if !bytes.Contains(data, sound) {
		t.Fatal("the data file holds no fingerprint")
	}
	must(t, os.WriteFile(path, bytes.ReplaceAll(data, sound, damaged), 0o600))
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
}
