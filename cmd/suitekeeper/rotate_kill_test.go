package main_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKill9DuringARotationLosesNothing kills the real binary again and again as
// its data key is rotated and events are pushed. Each start goes on by itself,
// and at the end one key is left, with which everything can be read.
func TestKill9DuringARotationLosesNothing(t *testing.T) {
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(5)
	v.awaitAllActive()
	stopPushing := v.push()
	v.wantPushes(1500)
	resumed := 0
	for range often(torture(t, 6, 100), func() bool { return resumed > 0 }) {
		v.run("keys", "rotate", "--no-wait", "--config", v.config)
		pause(80 * time.Millisecond)
		v.kill()
		before := v.keysInFile()
		v.start()
		v.wantNoComplaints()
		if before > 1 && strings.Contains(v.log.String(), "the data key is being rotated") {
			resumed++
		}
	}
	v.run("keys", "rotate", "--config", v.config) // waits for the end of the one that runs, if one does
	stopPushing()
	v.stop()
	l := v.survive()
	if n := v.keysInFile(); n != 1 {
		t.Errorf("the key file holds %d keys at the end, want 1", n)
	}
	v.run("verify", v.data)
	if resumed == 0 {
		t.Error("no kill met a rotation that was under way: the test did not test much")
	}
	t.Logf("%d starts went on with a rotation; %s", resumed, l)
}

// keysInFile counts the data keys in the key file of a victim that does not run,
// which is in clear.
func (v *victim) keysInFile() int {
	v.Helper()
	var file struct{ Key []any }
	must(v, json.Unmarshal([]byte(read(v, filepath.Join(v.data, "suitekeeper.key"))), &file))
	return len(file.Key)
}
