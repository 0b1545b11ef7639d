package main_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// sampleSuite is the suite that most samples name.
var sampleSuite = keeper.SuiteConfiguration{
	Key: "suitew9h1bvc3t2rmqaym", Secret: "sampleSuiteSecret", Token: "Q1w2E3r4T5", AESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
}

// effect is what a push does to a receiver that knew nothing before.
type effect struct {
	applied, stored, quarantined int // events by outcome

	ticket string // its state, or states; empty: missing
	corp   string // the state of the one authorisation; empty: there is none
}

// eventEffects says what each sample of DingTalk's events does. Of those that
// only concern others nothing but a stored event remains.
var eventEffects = map[string]effect{
	"http/check_create_suite_url":           {stored: 1},
	"http/check_create_suite_url_bare":      {stored: 1},
	"http/check_create_suite_url_own_key":   {stored: 1},
	"http/check_create_suite_url_published": {stored: 1},
	"http/check_update_suite_url":           {stored: 1},
	"http/check_update_suite_url_2":         {stored: 1},
	"http/check_url":                        {stored: 1},

	"http/suite_ticket":                 {applied: 1, ticket: "fresh"},          // its time is a placeholder, so that of arrival counts
	"http/suite_ticket_stamp_in_string": {applied: 1, ticket: "fresh or stale"}, // as of July 2026
	"sync/suite_ticket":                 {applied: 1, ticket: "stale"},

	// Without a ticket the exchange waits. A code of the old kind does not say
	// whose authorisation it is.
	"http/tmp_auth_code":              {applied: 1, corp: "pending"},
	"http/tmp_auth_code_2":            {applied: 1, corp: "pending"},
	"http/tmp_auth_code_without_corp": {applied: 1},
	"sync/org_suite_auth":             {applied: 1, corp: "active"},
	"sync/org_suite_auth_as_object":   {applied: 1, corp: "active"},
	"sync/org_suite_auth_bare":        {applied: 1, corp: "active"},
	"sync/org_suite_auth_odd_shapes":  {applied: 1, corp: "active"},
	"sync/org_suite_change":           {applied: 1, corp: "active"},
	"http/suite_relieve":              {applied: 1, corp: "relieved"},
	"http/suite_relieve_2":            {applied: 1, corp: "relieved"},
	"sync/org_suite_relieve":          {applied: 1, corp: "relieved"},
	"sync/stamp_from_gmt_create":      {applied: 1, corp: "relieved"},

	// These show an authorisation whose code never came.
	"http/change_auth":                    {applied: 1, corp: "pending"},
	"http/change_auth_2":                  {applied: 1, corp: "pending"},
	"http/org_micro_app_stop":             {applied: 1, corp: "pending"},
	"http/org_micro_app_stop_app_only":    {applied: 1, corp: "pending"},
	"http/org_micro_app_restore":          {applied: 1, corp: "pending"},
	"http/org_micro_app_restore_app_only": {applied: 1, corp: "pending"},
	"http/org_micro_app_remove":           {applied: 1, corp: "pending"},
	"http/org_micro_app_remove_app_only":  {applied: 1, corp: "pending"},
	"sync/org_micro_app_stop":             {applied: 1, corp: "pending"},
	"sync/org_micro_app_restore":          {applied: 1, corp: "pending"},
	"sync/org_micro_app_remove":           {applied: 1, corp: "pending"},
	"sync/org_micro_app_scope_update":     {applied: 1, corp: "pending"},

	"http/check_suite_license_code": {stored: 1},
	"http/market_buy":               {stored: 1},
	"http/market_buy_cjk":           {stored: 1},
	"http/goods_tryout":             {stored: 1},
	"http/main_data_subscribe":      {stored: 1},
	"http/something_new_2030":       {stored: 1},
	"http/user_add_org":             {stored: 1},
	"http/user_modify_org":          {stored: 1},
	"http/user_leave_org":           {stored: 1},
	"http/org_dept_create":          {stored: 1},
	"http/org_dept_modify":          {stored: 1},
	"http/org_dept_remove":          {stored: 1},
	"http/org_update":               {stored: 1},
	"http/bpms_instance_change":     {stored: 1},
	"http/bpms_task_change":         {stored: 1},

	"sync/address_book":                     {stored: 17},
	"sync/org_dept_create":                  {stored: 1},
	"sync/orders":                           {stored: 4},
	"sync/other_biz_types":                  {stored: 13},
	"sync/unknown_action_of_known_biz_type": {stored: 3},
	"sync/no_rows":                          {stored: 1},
	"sync/broken_rows_between_sound_ones":   {applied: 2, quarantined: 4, ticket: "stale", corp: "relieved"},
}

// TestEveryEventHasItsEffect pushes each sample to a fresh receiver, twice: the
// first is answered with success and does what the table says, the second is
// answered alike and does nothing.
func TestEveryEventHasItsEffect(t *testing.T) {
	files, err := filepath.Glob("../../suite/testdata/events/*/*.json")
	if err != nil || len(files) != len(eventEffects) {
		t.Errorf("%d samples, %v; the table has %d", len(files), err, len(eventEffects))
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			want, ok := eventEffects[name]
			if !ok {
				t.Fatal("the table does not know this sample")
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pushSample(t, string(text), want)
		})
	}
}

func pushSample(t *testing.T, text string, want effect) {
	var named struct{ SuiteKey string }
	_ = json.Unmarshal([]byte(text), &named) // a broken row does not matter here
	s := sampleSuite
	s.Key = cmp.Or(named.SuiteKey, s.Key)
	d := newDingTalk(t, dingtalktest.Options{}, nil)
	r := newTestReceiver(t, d.url, s)
	r.start()
	for range 2 {
		a, err := r.push(s, text)
		r.must(err)
		if err := successFor(s, a); err != nil {
			t.Error(err)
		}
	}
	wantOutcomes := map[string]int{"applied": want.applied, "stored": want.stored, "quarantined": want.quarantined}
	maps.DeleteFunc(wantOutcomes, func(_ string, n int) bool { return n == 0 })
	if got := r.outcomes(s.Key); !maps.Equal(got, wantOutcomes) {
		t.Errorf("events by outcome = %v, want %v", got, wantOutcomes)
	}
	if n, sum := r.report().Store.Events, want.applied+want.stored+want.quarantined; n != sum {
		t.Errorf("%d events are stored, want %d", n, sum)
	}
	suites := r.ask("/api/v1/suites")
	wantCounts := map[string]int{}
	if want.corp != "" {
		wantCounts[want.corp] = 1
	}
	if got := suites.counts(s.Key); !maps.Equal(got, wantCounts) {
		t.Errorf("authorisations = %v, want %v", got, wantCounts)
	}
	only := suites.Suites[0]
	if !strings.Contains(cmp.Or(want.ticket, "missing"), only.Ticket.State) || only.LastEventAt == "" {
		t.Errorf("suite = %+v, want ticket %q and the time of the event", only, cmp.Or(want.ticket, "missing"))
	}
	if calls := d.Calls(); len(calls) > 0 {
		t.Errorf("DingTalk was called: %+v, want no call, for none can succeed or is needed", calls)
	}
}
