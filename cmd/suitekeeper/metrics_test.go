package main_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// goldenMetrics are the metrics that dashboards and alerts of others rely on.
// A change is noted in CHANGELOG.md. That of the log of serve is tested with it:
// TestPushesAreAnsweredWhileNobodyReadsTheLog.
const goldenMetrics = `# HELP suitekeeper_activation_seconds Time from the arrival of a tmp_auth_code to the activation of the app. DingTalk asks for less than 5 s.
# HELP suitekeeper_alerts What needs a person now, by alert code.
# HELP suitekeeper_authorizations Authorisations by state.
# HELP suitekeeper_backup_failures_total Scheduled backups that failed.
# HELP suitekeeper_backup_last_success_timestamp_seconds When the newest scheduled backup that was verified was made, as Unix time; 0 while there is none.
# HELP suitekeeper_backup_seconds How long the newest scheduled backup of this process took, with verifying it.
# HELP suitekeeper_backup_size_bytes Size of the newest scheduled backup of this process.
# HELP suitekeeper_commit_failures_total Commits that failed. After the first the process stops taking pushes and ends.
# HELP suitekeeper_commit_seconds Time to write and flush one commit.
# HELP suitekeeper_commit_updates Updates that shared one commit.
# HELP suitekeeper_events_total Events stored, by what they did: applied, stale, stored or quarantined. Repeats are not counted.
# HELP suitekeeper_exchanges_total Exchanges of a tmp_auth_code for a permanent code, by result: ok, or the class of the fault.
# HELP suitekeeper_push_duration_seconds Time from the arrival of a push to its answer. DingTalk waits 1.2 seconds.
# HELP suitekeeper_pushes_total Pushes by suite and by what was answered: accepted, or the code of the refusal.
# HELP suitekeeper_rejections_total Pushes answered 403, by the true reason.
# HELP suitekeeper_ticket_age_seconds Age of the suite_ticket by its own time; absent while there is none.
# TYPE suitekeeper_activation_seconds histogram
# TYPE suitekeeper_alerts gauge
# TYPE suitekeeper_authorizations gauge
# TYPE suitekeeper_backup_failures_total counter
# TYPE suitekeeper_backup_last_success_timestamp_seconds gauge
# TYPE suitekeeper_backup_seconds gauge
# TYPE suitekeeper_backup_size_bytes gauge
# TYPE suitekeeper_commit_failures_total counter
# TYPE suitekeeper_commit_seconds histogram
# TYPE suitekeeper_commit_updates histogram
# TYPE suitekeeper_events_total counter
# TYPE suitekeeper_exchanges_total counter
# TYPE suitekeeper_push_duration_seconds histogram
# TYPE suitekeeper_pushes_total counter
# TYPE suitekeeper_rejections_total counter
# TYPE suitekeeper_ticket_age_seconds gauge
`

// TestMetricsAreThoseOfTheListAndOfTheREADME scrapes a receiver without a ticket,
// which is an alert, and again when a corp is active.
func TestMetricsAreThoseOfTheListAndOfTheREADME(t *testing.T) {
	d := newDingTalk(t, dingtalktest.Options{}, nil)
	d.register(t, sampleSuite, dingtalktest.HTTP)
	d.run(t)
	r := newTestReceiver(t, d.url, sampleSuite)
	r.cfg.Backup.Dir, r.cfg.MasterKey = t.TempDir(), suite.Secret(strings.Repeat("5a", 32))
	r.start()
	d.pointTo(r)
	lines := map[string]bool{}
	scrape := func() {
		for line := range strings.Lines(r.get(r.admin+"/metrics", "").body) {
			if _, ours, _ := strings.Cut(line, " suitekeeper_"); ours != "" && line[0] == '#' {
				lines[line] = true
			}
		}
	}
	scrape()
	r.must(d.PushTicket(sampleSuite.Key))
	r.must(d.Authorize(sampleSuite.Key, dingtalktest.Authorization{CorpID: "ding01"}))
	r.until("the corp is active", func() bool { return r.report().counts(sampleSuite.Key)["active"] == 1 })
	scrape()
	got := strings.Join(slices.Sorted(maps.Keys(lines)), "")
	if diff := cmp.Diff(goldenMetrics, got); diff != "" {
		t.Errorf("the metrics of /metrics differ (- want, + got):\n%s", diff)
	}
	for _, file := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(file)
		r.must(err)
		for _, name := range regexp.MustCompile(`suitekeeper_\w+`).FindAllString(got, -1) {
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("%s does not name the metric %s", file, name)
			}
		}
	}
}
