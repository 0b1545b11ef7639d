package main_test

import (
	"context"
	"encoding/json"
	"fmt"
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

// demoFaults are the faults that last until the developer console's own button
// ends them, with their alerts.
var demoFaults = []struct {
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
}

// TestFaultsOfTheDemoShowAndAreCured presses every button of the developer
// console that starts a fault, sees its alert, and presses what cures it. Tickets
// stop for one suite while the other has all else.
func TestFaultsOfTheDemoShowAndAreCured(t *testing.T) {
	d := newDemonstration(t, "--corps", "3")
	left := d.faults("demo")
	start := func(name string, fault dingtalktest.Standing, alerts ...suite.AlertCode) {
		i := slices.Index(left, fault)
		if i < 0 {
			t.Fatalf("the console has no button that starts %s", fault)
		}
		left = slices.Delete(left, i, i+1)
		d.act(name, "start/"+string(fault))
		d.until(name, string(fault)+" shows", alerts...)
	}
	d.until("demo-new", "it has no ticket", suite.AlertTicketMissing)
	start("demo-new", dingtalktest.TicketAged, suite.AlertTicketStale)
	d.act("demo-new", "end/"+string(dingtalktest.TicketAged))
	d.until("demo-new", "the ticket is a new one")
	d.act("demo-new", "start/"+string(dingtalktest.TicketStopped))

	d.until("demo", "nothing is wrong")
	for _, tt := range demoFaults {
		start("demo", tt.fault, tt.alerts...)
		d.act("demo", "end/"+string(tt.fault))
		d.until("demo", string(tt.fault)+" is cured")
	}
	start("demo", dingtalktest.CodeBurnt, suite.AlertCodeBurnt)
	d.act("demo", "end_faults")
	d.until("demo", "everything is well")
	d.burst("demo")
	d.withdraw("demo")

	left = slices.DeleteFunc(left, func(f dingtalktest.Standing) bool { return f == dingtalktest.TicketStopped })
	if len(left) > 0 {
		t.Errorf("the buttons that start %v were not pressed", left)
	}
	d.until("demo-new", "the ticket is stale", suite.AlertTicketStale)
	d.act("demo-new", "end/"+string(dingtalktest.TicketStopped))
	d.until("demo-new", "tickets come again")
}

// faults are those that the developer console can start for a suite.
func (d *demonstration) faults(name string) (list []dingtalktest.Standing) {
	d.Helper()
	page := d.ask(http.MethodGet, d.dingTalk, nil)
	_, page, _ = strings.Cut(page, `id="`+d.key(name)+`"`)
	page, _, _ = strings.Cut(page, "</section>")
	for _, m := range regexp.MustCompile(`value="start/([a-z_]+)"`).FindAllStringSubmatch(page, -1) {
		list = append(list, dingtalktest.Standing(m[1]))
	}
	return list
}

// burst presses the button that pushes 200 events at once, which all must come
// and no alert.
func (d *demonstration) burst(name string) {
	d.Helper()
	before := d.report().Store.Events
	d.act(name, "burst")
	d.waitFor("200 events are here", func(r report) bool { return r.Store.Events >= before+200 })
	d.until(name, "a burst is no fault")
}

// withdraw has all corps of a suite withdraw, and authorise again.
func (d *demonstration) withdraw(name string) {
	d.Helper()
	key, corps := d.key(name), 0
	all := func(status string) func(report) bool {
		return func(r report) bool {
			i := slices.IndexFunc(r.Suites, func(s reportSuite) bool { return s.SuiteKey == key })
			got := r.Suites[i].Authorizations
			sum := 0
			for _, n := range got {
				sum += n
			}
			corps = max(corps, sum)
			return got[status] == corps
		}
	}
	d.waitFor("all corps are active", all("active"))
	if corps < 3 {
		d.Fatalf("%d corps are active, want those of the demo and of the faults", corps)
	}
	d.act(name, "relieve_all")
	d.waitFor("all corps are relieved", all("relieved"))
	d.until(name, "a withdrawal is no fault")
	d.act(name, "authorize_all")
	d.waitFor("all corps are active again", all("active"))
	d.until(name, "everything is well")
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
	d.ask(http.MethodPost, d.dingTalk+"act", url.Values{"suite": {d.key(name)}, "do": {do}})
}

// key is that of the suite of that name.
func (d *demonstration) key(name string) string {
	d.Helper()
	page := d.ask(http.MethodGet, d.dingTalk, nil)
	key := regexp.MustCompile(`aria-label="[^"]* ` + name + `" id="([^"]+)"`).FindStringSubmatch(page)
	if key == nil {
		d.Fatalf("the developer console shows no suite %s", name)
	}
	return key[1]
}

// until waits until these are the receiver's alerts that concern the suite.
func (d *demonstration) until(name, what string, want ...suite.AlertCode) {
	d.Helper()
	key := d.key(name)
	slices.Sort(want)
	d.waitFor(fmt.Sprintf("%s: %s, alerts %v", name, what, want), func(r report) bool {
		var got []suite.AlertCode
		for _, a := range r.Alerts {
			if a.SuiteKey == key || a.SuiteKey == "" {
				got = append(got, suite.AlertCode(a.Code))
			}
		}
		slices.Sort(got)
		return slices.Equal(slices.Compact(got), want)
	})
}

// waitFor waits until the receiver reports what is wanted.
func (d *demonstration) waitFor(what string, want func(report) bool) {
	d.Helper()
	deadline := time.After(2 * patience) // a hundred pushes take a while on a busy machine
	for {
		r := d.report()
		if want(r) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			d.Fatalf("waited in vain until %s; the receiver reports %+v", what, r)
		}
	}
}

func (d *demonstration) report() (r report) {
	d.Helper()
	d.must(json.Unmarshal([]byte(d.ask(http.MethodGet, strings.TrimSuffix(d.console, "/console/")+"/api/v1/status", nil)), &r))
	return r
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
