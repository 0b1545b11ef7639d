package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

const killCycles = 100

// TestKill9LosesNothing kills the real binary 100 times at moments of chance,
// while events are pushed concurrently and corps authorise, with a DingTalk
// that answers slowly. Then it reads the store with code of its own: every
// event that was acknowledged must be there, and every permanent code that
// DingTalk handed out. A code that a crash burnt has been asked for again, so
// in the end every corp is active.
func TestKill9LosesNothing(t *testing.T) {
	v := newVictim(t)
	pushing, stopPushing := context.WithCancel(t.Context())
	var pushers sync.WaitGroup
	for i := range 8 {
		pushers.Go(func() { v.push(pushing, i) })
	}
	corps := 0
	for cycle := range killCycles {
		v.start(t)
		for range 3 {
			corps++
			must(t, v.platform.Authorize(v.suite.Key, dingtalktest.Authorization{CorpID: fmt.Sprintf("ding%04d", corps)}))
		}
		if cycle%10 == 0 {
			must(t, v.platform.PushTicket(v.suite.Key))
		}
		// The moment of the kill is what the test is about, so here is a wait
		// for nothing in particular.
		time.Sleep(rand.N(250 * time.Millisecond))
		v.kill()
	}
	stopPushing()
	pushers.Wait()
	v.start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := v.platform.Wait(ctx, v.allActivated); err != nil {
		t.Errorf("not every corp was activated two minutes after the last start; alerts: %s", v.status(t))
	}
	v.waitForCounts(t, corps)
	v.stop(t)
	v.compare(t)
}

// victim is the real binary, started and killed again and again, and the
// DingTalk that it talks to.
type victim struct {
	binary, config, data string
	callback, admin      string
	platform             *dingtalktest.Platform
	suite                dingtalktest.Suite
	cmd                  *exec.Cmd
	log                  *bytes.Buffer
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	dir := t.TempDir()
	v := &victim{
		binary: filepath.Join(dir, "suitekeeper"), config: filepath.Join(dir, "suitekeeper.yaml"), data: filepath.Join(dir, "data"),
		callback: freeAddress(t), admin: freeAddress(t),
	}
	if out, err := exec.Command("go", "build", "-o", v.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	retries := make([]time.Duration, 200) // of 0.2 s: a killed receiver is away longer than two tries
	for i := range retries {
		retries[i] = 10 * time.Second
	}
	v.platform = dingtalktest.New(dingtalktest.Options{
		Scale: 0.02, Retries: retries, Latency: 60 * time.Millisecond, KeepLast: 1_000_000, TokenTTL: 2 * time.Hour,
	})
	v.suite = dingtalktest.Suite{
		Key: "suitekill9", Secret: "kill9secret", Token: "kill9token0123456789x", Name: "kill9",
		EncodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
		CallbackURL:    "http://" + v.callback + "/callback", Apps: []dingtalktest.App{{ID: 77, Name: "kill9"}},
	}
	must(t, v.platform.AddSuite(v.suite))
	api, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{Handler: v.platform, ReadHeaderTimeout: time.Minute}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(api) })
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() { _ = v.platform.Run(ctx) })
	t.Cleanup(func() {
		v.kill()
		cancel()
		server.Close()
		running.Wait()
	})
	must(t, os.WriteFile(v.config, fmt.Appendf(nil, `
listen: %s
admin: {listen: %s}
data: %s
dingtalk: {oapi_url: "http://%s", api_url: "http://%s"}
suites:
  - {key: %s, secret: %s, token: %s, aes_key: %s, app_id: 77}
`, v.callback, v.admin, v.data, api.Addr(), api.Addr(), v.suite.Key, v.suite.Secret, v.suite.Token, v.suite.EncodingAESKey), 0o600))
	return v
}

// start starts the binary and waits until it takes pushes.
func (v *victim) start(t *testing.T) {
	t.Helper()
	v.log = new(bytes.Buffer)
	v.cmd = exec.Command(v.binary, "serve", "--config", v.config)
	v.cmd.Stderr = v.log
	must(t, v.cmd.Start())
	deadline := time.Now().Add(20 * time.Second)
	for {
		if res, err := http.Get("http://" + v.callback + "/healthz"); err == nil {
			res.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			v.kill()
			t.Fatalf("the receiver did not come up:\n%s", v.log)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (v *victim) kill() {
	if v.cmd != nil {
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait()
		v.cmd = nil
	}
}

// stop ends the binary as a supervisor does.
func (v *victim) stop(t *testing.T) {
	t.Helper()
	must(t, v.cmd.Process.Signal(os.Interrupt))
	if err := v.cmd.Wait(); err != nil {
		t.Errorf("a clean stop ended with %v:\n%s", err, v.log)
	}
	v.cmd = nil
}

// push pushes events without end, each different, a few at a time.
func (v *victim) push(ctx context.Context, pusher int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, _ = v.platform.PushEvent(v.suite.Key, fmt.Appendf(nil,
			`{"EventType":"user_add_org","CorpId":"dingstaff%d","UserId":["u%d"],"TimeStamp":%d}`, pusher, i, time.Now().UnixMilli()))
	}
}

func (v *victim) allActivated() bool {
	s, _ := v.platform.Suite(v.suite.Key)
	for _, c := range s.Corps {
		if c.ActivatedAt.IsZero() {
			return false
		}
	}
	return v.platform.Counts().Queued == 0
}

func (v *victim) status(t *testing.T) []byte {
	t.Helper()
	out, err := exec.Command(v.binary, "status", "-o", "json", "--admin", "http://"+v.admin,
		"--token-file", filepath.Join(v.data, "admin.token")).CombinedOutput()
	if err != nil {
		t.Errorf("status: %v\n%s", err, out)
	}
	return out
}

// waitForCounts waits until the receiver says that all corps are active.
func (v *victim) waitForCounts(t *testing.T, corps int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		out := v.status(t)
		var status struct {
			Suites []struct {
				Authorizations map[string]int `json:"authorizations"`
			} `json:"suites"`
			Alerts []any `json:"alerts"`
		}
		must(t, json.Unmarshal(out, &status))
		if len(status.Suites) == 1 && status.Suites[0].Authorizations["active"] == corps && len(status.Alerts) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("status = %s, want %d active and no alerts", out, corps)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// compare holds what the store says against what DingTalk knows.
func (v *victim) compare(t *testing.T) {
	t.Helper()
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(v.data, "suitekeeper.db")})
	must(t, err)
	defer disk.Close()
	engine, err := sealed.Open(t.Context(), disk, sealed.KeyOptions{Path: filepath.Join(v.data, "suitekeeper.key")})
	must(t, err)
	payloads, codes := map[string]int{}, map[string]string{}
	must(t, engine.View(t.Context(), func(r store.Reader) error {
		for e, err := range store.NewCollection[[]byte]("event", rawCodec{}).Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			payloads[payloadOf(e.Value)]++
		}
		type auth struct {
			Corp   string
			Code   string `json:"permanent_code"`
			Status string
		}
		for e, err := range store.NewCollection("auth", store.JSON[auth]()).Scan(r, nil, nil, false) {
			if err != nil {
				return err
			}
			codes[e.Value.Corp] = e.Value.Status + " " + e.Value.Code
		}
		return nil
	}))

	acknowledged := 0
	for _, p := range v.platform.Pushes() {
		if !p.OK {
			continue
		}
		acknowledged++
		if n := payloads[string(p.Message)]; n != 1 {
			t.Errorf("an acknowledged %s is stored %d times, want once", p.Event, n)
		}
	}
	s, _ := v.platform.Suite(v.suite.Key)
	again := 0
	for _, c := range s.Corps {
		if want := "active " + c.PermanentCode; codes[c.ID] != want {
			t.Errorf("%s is stored as %q, want %q", c.ID, codes[c.ID], want)
		}
		if len(c.Codes) > 1 {
			again++
		}
	}
	t.Logf("%d kills: %d acknowledged pushes of %d events, all stored; %d corps, all active, of which %d had a burnt code and got a new one",
		killCycles, acknowledged, len(payloads), len(s.Corps), again)
	if acknowledged < 1000 {
		t.Errorf("only %d pushes were acknowledged: the test did not test much", acknowledged)
	}
}

// payloadOf finds the payload of a stored event, which stands last.
func payloadOf(stored []byte) string {
	for i, b := range stored {
		if b == '{' && json.Valid(stored[i:]) {
			return string(stored[i:])
		}
	}
	return ""
}

// rawCodec leaves stored values as they are.
type rawCodec struct{}

func (rawCodec) Encode(v []byte) ([]byte, error)    { return v, nil }
func (rawCodec) Decode(data []byte) ([]byte, error) { return bytes.Clone(data), nil }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
