package main_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMadeTokenLeavesNothingBehind starts over a folder in which a crash left
// the files that the token was made from.
func TestMadeTokenLeavesNothingBehind(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	before := r.adminToken()
	leftover := filepath.Join(r.cfg.Data, "admin.token.new-123")
	r.must(os.WriteFile(leftover, []byte("half a tok"), 0o600))
	r.restart()
	if after := r.adminToken(); after != before || r.get(r.admin+"/api/v1/status", before).status != 200 {
		t.Errorf("the token after a restart is %q, want the %q that it was", after, before)
	}
	if _, err := os.Stat(leftover); !os.IsNotExist(err) {
		t.Errorf("Stat(%s) = %v, want it to be gone", leftover, err)
	}
}
