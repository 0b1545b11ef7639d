//go:build unix

package main_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

// TestStartClosesDataToOtherUsers opens folder and files as a careless copy
// might, and wants them closed, with words, before anything is served.
func TestStartClosesDataToOtherUsers(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	r.start()
	r.stop()
	files := []string{"", "suitekeeper.db", "suitekeeper.key", "admin.token"}
	for _, name := range files {
		must(t, os.Chmod(filepath.Join(r.cfg.Data, name), 0o755))
	}
	r.start()
	r.stop()
	for i, name := range files {
		want := fs.FileMode(0o600)
		if i == 0 {
			want = 0o700
		}
		if got := modeOf(t, filepath.Join(r.cfg.Data, name)); got != want {
			t.Errorf("%q has the mode %v after a start, want %v", name, got, want)
		}
	}
	for _, want := range []string{
		"others could look into the data folder; it is for its owner only now",
		"others could read the data key; the file is for its owner only now. If anybody may have done so, run 'suitekeeper keys rotate'",
		"others could read a file of the data folder; it is for its owner only now",
	} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// TestFolderOfOthersIsNotClosed has a data folder that holds something else,
// too. Its mode is somebody's choice, unless everybody can put files into it.
func TestFolderOfOthersIsNotClosed(t *testing.T) {
	r := newTestReceiver(t, "http://127.0.0.1:1", sampleSuite)
	must(t, os.Mkdir(r.cfg.Data, 0o755))
	must(t, os.WriteFile(filepath.Join(r.cfg.Data, "holiday.jpg"), nil, 0o600))
	r.start()
	r.stop()
	if got := modeOf(t, r.cfg.Data); got != 0o755 || !strings.Contains(r.log.String(), "others can look into the data folder") {
		t.Errorf("a folder of others has the mode %v after a start, want it as it was, and a warning", got)
	}
	must(t, os.Chmod(r.cfg.Data, 0o777))
	log := keeper.NewLogger(keeper.LogConfiguration{Level: "error", Format: "console"}, &r.log)
	err := keeper.RunReceiver(t.Context(), r.cfg, log, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "every user of this machine could put other files in the place of its own") {
		t.Errorf("start in a folder of others with mode 0777 = %v, want it refused", err)
	}
}

// TestDataThatCannotBeClosedIsRefused starts the command as a user to whom the
// open folder does not belong. Only root can arrange that: what others make is
// their own, and is closed.
func TestDataThatCannotBeClosedIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	for _, open := range []string{filepath.Dir(dir), dir} {
		must(t, os.Chmod(open, 0o755))
	}
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chmod(data, 0o777)) // which the umask would have cut down
	binary := filepath.Join(dir, "suitekeeper")
	must(t, os.Link(builtBinary(t), binary))
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data", data)
	cmd.Dir = dir
	cmd.Env = []string{"SUITEKEEPER_SUITE_KEY=suitea", "SUITEKEEPER_SUITE_SECRET=hunter2", "SUITEKEEPER_SUITE_TOKEN=aTokenOfMoreThanTwentyLetters",
		"SUITEKEEPER_SUITE_AES_KEY=kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	want := fmt.Sprintf("suitekeeper: the data folder %s has the mode -rwxrwxrwx: every user of this machine could put other files in the place of its own\n"+
		"hint: chmod 700 %s, or set data to a folder of its own\n", data, data)
	if err == nil || !strings.HasSuffix(string(out), want) {
		t.Errorf("serve in an open folder of root = %v:\n%s\nwant:\n%s", err, out, want)
	}
	if left := names(t, data); len(left) > 0 {
		t.Errorf("the refused start left %q", left)
	}
}

// nobody is a user without rights, as the server should have one.
const nobody = 65534

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Mode().Perm()
}
