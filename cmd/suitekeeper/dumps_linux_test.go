package main_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServerShowsNothingThroughTheSystem starts the command as a service would,
// and looks at what the system shows of it to others: its arguments, its
// environment, and what is left when it crashes.
func TestServerShowsNothingThroughTheSystem(t *testing.T) {
	allowCoreFiles(t)
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.Chmod(dir, 0o755)) // for nobody
	binary := filepath.Join(dir, "suitekeeper")
	must(t, os.Link(builtBinary(t), binary))
	data := filepath.Join(dir, "data")
	must(t, os.Mkdir(data, 0o700))
	operators := freeAddress(t)
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--admin-listen", operators, "--data", data)
	cmd.Dir = dir
	cmd.Env = []string{
		"GOTRACEBACK=crash", // so that it dumps its memory when it is told to abort
		"SUITEKEEPER_SUITE_KEY=suitea", "SUITEKEEPER_SUITE_SECRET=hunter2", "SUITEKEEPER_SUITE_TOKEN=aTokenOfMoreThanTwentyLetters",
		"SUITEKEEPER_SUITE_AES_KEY=kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
	}
	if os.Geteuid() == 0 {
		must(t, os.Chown(data, nobody, nobody))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var log logbook
	cmd.Stderr = &log
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	waitFor(t, "http://"+operators+"/readyz", &log)

	proc := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	if limits := read(t, proc+"limits"); !regexp.MustCompile(`Max core file size +0 +0 `).MatchString(limits) {
		t.Errorf("limits of the server = %s, want no core files", limits)
	}
	// What holds the memory of a process that must not be dumped belongs to
	// root, whoever the process belongs to.
	for _, name := range []string{"environ", "mem", "maps"} {
		info, err := os.Stat(proc + name)
		must(t, err)
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 {
			t.Errorf("%s%s belongs to user %d, so that every process of that user can read it", proc, name, uid)
		}
	}
	if got, want := strings.Split(strings.TrimSuffix(read(t, proc+"cmdline"), "\x00"), "\x00"), cmd.Args; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("arguments of the server = %q, want %q", got, want)
	}
	// It still sees itself, as its metrics need.
	if res, err := http.Get("http://" + operators + "/metrics"); err != nil {
		t.Error(err)
	} else if page, err := readAnswer(res, nil); err != nil || !regexp.MustCompile(`(?m)^process_open_fds [1-9]`).MatchString(page.body) {
		t.Errorf("the metrics tell nothing of open files, %v", err)
	}

	must(t, cmd.Process.Signal(syscall.SIGABRT))
	<-ended
	if state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !state.Signaled() || state.CoreDump() {
		t.Errorf("the server ended with %v, want it aborted without a core dump", cmd.ProcessState)
	}
	if found := log.String(); !strings.Contains(found, "SIGABRT") || strings.Contains(found, "hunter2") {
		t.Errorf("the server said %.2000q at its end, want where it was and no secret", found)
	}
}

// allowCoreFiles lets the processes that the test starts write core files.
func allowCoreFiles(t *testing.T) {
	t.Helper()
	var was syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_CORE, &was))
	must(t, syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: was.Max, Max: was.Max}))
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &was) })
}

// waitFor waits until a page is answered with 200.
func waitFor(t *testing.T, url string, log *logbook) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s does not answer; log:\n%s", url, log.tail())
		}
	}
}
