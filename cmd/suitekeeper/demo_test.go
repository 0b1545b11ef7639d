package main_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// TestFaultsOfTheDemoShowAndAreCured presses every button of the developer
// console that starts a fault, sees its alert, and presses what cures it.
func TestFaultsOfTheDemoShowAndAreCured(t *testing.T) {
	d := newDemonstration(t, "--corps", "1")
	d.until("only the suite without a ticket has an alert", suite.AlertTicketMissing)
	start := func(name string, fault dingtalktest.Standing, alerts ...suite.AlertCode) {
		d.act(name, "start/"+string(fault))
		d.until(string(fault)+" shows", alerts...)
	}
	start("demo-new", dingtalktest.TicketAged, suite.AlertTicketStale)
	d.act("demo-new", "end/"+string(dingtalktest.TicketAged))
	d.until("the ticket is a new one")
	for _, tt := range []struct {
		fault  dingtalktest.Standing
		alerts []suite.AlertCode
	}{
		{dingtalktest.TicketRefused, []suite.AlertCode{suite.AlertTicketRejected}},
		{dingtalktest.AddressRefused, []suite.AlertCode{suite.AlertAddressNotWhitelisted}},
		{dingtalktest.SecretChanged, []suite.AlertCode{suite.AlertSuiteSecretWrong}},
		{dingtalktest.AESKeyChanged, []suite.AlertCode{suite.AlertPushesRejectedAESKey}},
		{dingtalktest.TokenChanged, []suite.AlertCode{suite.AlertPushesRejectedSignature}},
		{dingtalktest.SuiteKeyChanged, []suite.AlertCode{suite.AlertPushesRejectedSuiteKey}},
		{dingtalktest.ClockOff, []suite.AlertCode{suite.AlertClockSkew}},
		{dingtalktest.AnswersSpoilt, []suite.AlertCode{suite.AlertAnswerNotAccepted}},
		{dingtalktest.TicketGivenUp, []suite.AlertCode{suite.AlertAnswerNotAccepted, suite.AlertTicketGivenUp}},
	} {
		start("demo", tt.fault, tt.alerts...)
		d.act("demo", "end/"+string(tt.fault))
		d.until(string(tt.fault) + " is cured")
	}
	start("demo", dingtalktest.CodeBurnt, suite.AlertCodeBurnt)
	d.act("demo", "end_faults")
	d.until("everything is well")
}

// TestDemoOfTheBinaryIsThereSoon starts the built binary as a newcomer does, reads
// what it tells, and ends it with Ctrl-C.
func TestDemoOfTheBinaryIsThereSoon(t *testing.T) {
	var terminal logbook
	cmd := exec.Command(builtBinary(t), "demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = &terminal, &terminal
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended
		_ = cmd.Wait()
	})
	active := regexp.MustCompile(`(?m)^ *([0-9.]+)s +demo +3 corps are active`)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for late := time.After(patience); !active.MatchString(terminal.String()); {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("no three corps became active:\n%s", terminal.tail())
		}
	}
	if after, err := strconv.ParseFloat(active.FindStringSubmatch(terminal.String())[1], 64); err != nil || after > 10 {
		t.Errorf("three corps were active after %v s, %v, want at most 10", after, err)
	}
	must(t, cmd.Process.Signal(os.Interrupt))
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C the demo ended with %v", err)
	}
	for _, line := range []string{`DingTalk +check_update_suite_url: pushed and accepted`, `DingTalk +suite_ticket: pushed and accepted`,
		`DingTalk +activate_suite dingdemo00000003: `, `demo +stopped$`} {
		if !regexp.MustCompile(`(?m)^ *[0-9.]+s +` + line).MatchString(terminal.String()) {
			t.Errorf("the demo did not tell %q:\n%s", line, terminal.tail())
		}
	}
}

// demonstration is a demo in which nothing happens by itself once its corps are
// active, and what it says on the terminal.
type demonstration struct {
	testing.TB
	terminal                 logbook
	console, token, dingTalk string
}

// newDemonstration runs a demo until the test ends.
func newDemonstration(t *testing.T, args ...string) *demonstration {
	t.Helper()
	d := &demonstration{TB: t}
	ctx, cancel := context.WithCancel(context.Background())
	status := make(chan int, 1)
	args = append([]string{"demo", "--rate", "0", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)
	go func() { status <- keeper.Run(ctx, args, nil, &d.terminal, &d.terminal) }()
	t.Cleanup(func() {
		cancel()
		if got := <-status; got != 0 || t.Failed() {
			t.Errorf("the demo ended with %d, want 0; it printed\n%s", got, d.terminal.String())
		}
	})
	consoles := d.reads(`http://[0-9.:]+/console/`, 2)
	d.console, d.dingTalk = consoles[0], consoles[1]
	d.token = d.reads(`\b[A-Z2-7]{52}\b`, 1)[0]
	return d
}

// reads waits until the terminal shows the pattern so many times.
func (d *demonstration) reads(pattern string, times int) []string {
	d.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		if found := want.FindAllString(d.terminal.String(), times); len(found) == times {
			return found
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			d.Fatalf("the demo does not print %s", pattern)
		}
	}
}

// act presses a button of the developer console.
func (d *demonstration) act(name, do string) {
	d.Helper()
	page := d.ask(http.MethodGet, d.dingTalk, nil)
	key := regexp.MustCompile(`aria-label="[^"]* ` + name + `" id="([^"]+)"`).FindStringSubmatch(page)
	if key == nil {
		d.Fatalf("the developer console shows no suite %s", name)
	}
	d.ask(http.MethodPost, d.dingTalk+"act", url.Values{"suite": {key[1]}, "do": {do}})
}

// until waits until these are the receiver's alerts.
func (d *demonstration) until(what string, want ...suite.AlertCode) {
	d.Helper()
	slices.Sort(want)
	deadline := time.After(2 * patience) // a hundred pushes take a while on a busy machine
	for {
		var r report
		d.must(json.Unmarshal([]byte(d.ask(http.MethodGet, strings.TrimSuffix(d.console, "/console/")+"/api/v1/status", nil)), &r))
		var got []suite.AlertCode
		for _, a := range r.Alerts {
			got = append(got, suite.AlertCode(a.Code))
		}
		slices.Sort(got)
		if got = slices.Compact(got); slices.Equal(got, want) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			d.Fatalf("waited in vain until %s: alerts %v, want %v", what, got, want)
		}
	}
}

// ask asks one of the two consoles' listeners.
func (d *demonstration) ask(method, address string, form url.Values) string {
	d.Helper()
	header := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if !strings.HasPrefix(address, d.dingTalk) {
		header = append(header, "Authorization", "Bearer "+d.token)
	}
	client := testReceiver{TB: d.TB, client: http.DefaultClient}
	a, err := client.do(method, address, form.Encode(), header...)
	d.must(err)
	if a.status != http.StatusOK {
		d.Fatalf("%s %s = %d: %s", method, address, a.status, a.body)
	}
	return a.body
}

func (d *demonstration) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}
