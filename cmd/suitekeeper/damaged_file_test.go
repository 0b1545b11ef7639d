package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDamagedFileIsRefusedOrServedRightly damages the data file of a receiver
// that has stopped, and starts the real binary over it. It must refuse the file,
// naming it and the cure, and do the same again when its supervisor starts it
// again, or serve it: then every permanent code that it hands out is the right
// one, and it does not end by itself.
func TestDamagedFileIsRefusedOrServedRightly(t *testing.T) {
	rounds, seed := torture(t, 12, 100), rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	v := newVictim(t, builtBinary(t), filepath.Join(t.TempDir(), "data"), 0)
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	v.authorize(8)
	v.awaitAllActive()
	v.stop()
	path := filepath.Join(v.data, "suitekeeper.db")
	sound, err := os.ReadFile(path)
	must(t, err)
	used := len(bytes.TrimRight(sound, "\x00")) // damage behind that would prove nothing
	shown, refused := newProgress(t, "damaged files", rounds), 0
	for round := range rounds {
		damaged, what := bytes.Clone(sound), fmt.Sprintf("round %d of seed %d", round, seed)
		if at := random.IntN(used); round%4 == 0 {
			damaged = damaged[:at]
		} else {
			for range 1 << random.IntN(4) {
				damaged[random.IntN(used)] ^= 1 << random.IntN(8)
			}
		}
		must(t, os.WriteFile(path, damaged, 0o600))
		if v.refuses(what) {
			refused++
			if !v.refuses(what) {
				t.Errorf("%s: the second start took what the first refused", what)
			}
		}
		shown.done(round + 1)
	}
	t.Logf("%d damaged files, seed %d: %d refused with the file's name and the cure, %d served", rounds, seed, refused, rounds-refused)
	if refused == 0 || refused == rounds {
		t.Error("all files ended alike: the test does not test much")
	}
}

// refuses starts the binary and reports whether it refused the file. When it
// served, it has handed out what it has and been stopped.
func (v *victim) refuses(what string) bool {
	v.Helper()
	v.launch()
	ended := make(chan error, 1)
	go func() { ended <- v.cmd.Wait() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			v.wantRefusal(what)
			v.cmd = nil
			return true
		case <-look.C:
			if !v.ready() {
				continue
			}
		}
		break
	}
	v.wantRightCodes(what)
	select {
	case <-ended:
		v.Errorf("%s: the receiver served and then ended by itself:\n%s", what, v.log.tail())
	default:
		must(v, v.cmd.Process.Signal(os.Interrupt))
		if err := <-ended; err != nil {
			v.Errorf("%s: a clean stop ended with %v:\n%s", what, err, v.log.tail())
		}
	}
	if text := v.log.String(); strings.Contains(text, "goroutine ") {
		v.Errorf("%s: the receiver panicked:\n%s", what, v.log.tail())
	}
	v.cmd = nil
	return false
}

// wantRefusal wants exit status 1, and words for people.
func (v *victim) wantRefusal(what string) {
	v.Helper()
	text, code := v.log.String(), v.cmd.ProcessState.ExitCode()
	if code != 1 || !strings.Contains(text, filepath.Join(v.data, "suitekeeper.")) ||
		!strings.Contains(text, "suitekeeper restore") || strings.Contains(text, "goroutine ") {
		v.Errorf("%s: status %d, want 1 with the name of the file and how to restore it:\n%s", what, code, v.log.tail())
	}
}

// wantRightCodes has every permanent code revealed: it is the right one, or an
// error.
func (v *victim) wantRightCodes(what string) {
	v.Helper()
	token, err := os.ReadFile(filepath.Join(v.data, "admin.token"))
	must(v, err)
	s, _ := v.dingTalk.Suite(v.suite.Key)
	for _, c := range s.Corps {
		url := fmt.Sprintf("http://%s/api/v1/suites/%s/authorizations/%s/reveal", v.admin, v.suite.Key, c.ID)
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, nil)
		must(v, err)
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		res, err := http.DefaultClient.Do(req)
		must(v, err)
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		must(v, err)
		var answer struct {
			Code string `json:"permanent_code"`
		}
		if res.StatusCode == http.StatusOK && (json.Unmarshal(body, &answer) != nil || answer.Code != c.PermanentCode) {
			v.Errorf("%s: the permanent code of %s is handed out as %s, want %s", what, c.ID, body, c.PermanentCode)
		}
		if res.StatusCode != http.StatusOK && res.StatusCode < 500 {
			v.Errorf("%s: reveal of %s = %d: %s, want the code or an error of the server", what, c.ID, res.StatusCode, body)
		}
	}
}
