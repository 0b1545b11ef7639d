package suite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk"
)

// safetyAlerts returns the alerts of a keeper without suites that was started
// an hour ago, by code.
func safetyAlerts(t *testing.T, backups func() suite.BackupReport, damage func() suite.DamageReport) map[suite.AlertCode]suite.Alert {
	t.Helper()
	disk, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	client, err := dingtalk.New(dingtalk.Options{OAPIURL: "http://oapi.test", APIURL: "http://api.test"})
	if err != nil {
		t.Fatal(err)
	}
	k, err := suite.New(suite.Options{Store: disk, Platform: client, Backups: backups, Damage: damage})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Hour)
	report, err := k.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[suite.AlertCode]suite.Alert{}
	for _, a := range report.Alerts {
		found[a.Code] = a
	}
	return found
}

func TestBackupsThatFailOrAreOverdueRaiseAnAlert(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(time.Hour - d) } // seen from an hour after the start
	for _, tt := range []struct {
		name   string
		report func() suite.BackupReport
		want   string // part of the message; empty: no alert
		since  time.Duration
	}{
		{"the first is not due", func() suite.BackupReport { return suite.BackupReport{Every: 24 * time.Hour} }, "", 0},
		{"a new one", func() suite.BackupReport {
			return suite.BackupReport{Every: 24 * time.Hour, LastAt: ago(24 * time.Hour)}
		}, "", 0},
		{"a little late", func() suite.BackupReport {
			return suite.BackupReport{Every: 24 * time.Hour, LastAt: ago(35 * time.Hour)}
		}, "", 0},
		{"an old one", func() suite.BackupReport {
			return suite.BackupReport{Every: 24 * time.Hour, LastAt: ago(37 * time.Hour)}
		},
			"do not work: the newest is 37 h 0 min old", time.Hour},
		{"a failed one", func() suite.BackupReport {
			return suite.BackupReport{Every: 24 * time.Hour, LastAt: ago(25 * time.Hour), FailedAt: ago(time.Minute), Failure: "disk full"}
		}, "do not work: disk full; the newest is 25 h 0 min old", time.Minute},
		{"the first failed", func() suite.BackupReport {
			return suite.BackupReport{Every: 24 * time.Hour, FailedAt: ago(time.Minute), Failure: "disk full"}
		}, "do not work: disk full; there is none yet", time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := tt.report()
				a, ok := safetyAlerts(t, func() suite.BackupReport { return r }, nil)[suite.AlertBackupFailed]
				if ok != (tt.want != "") || !strings.Contains(a.Message.EN, tt.want) {
					t.Errorf("alert for %+v = %v %q, want %q", r, ok, a.Message.EN, tt.want)
				}
				if since := time.Since(a.Since); ok && since != tt.since {
					t.Errorf("alert since %v, want %v", since, tt.since)
				}
			})
		})
	}
}

func TestDamagedRecordRaisesAnAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d suite.DamageReport
		damage := func() suite.DamageReport { return d }
		if a, ok := safetyAlerts(t, nil, damage)[suite.AlertRecordDamaged]; ok {
			t.Errorf("alert %+v without damage, want none", a)
		}
		d = suite.DamageReport{Count: 2, LastAt: time.Now(), Record: "auth\x00corp"}
		a, ok := safetyAlerts(t, nil, damage)[suite.AlertRecordDamaged]
		if !ok || !strings.Contains(a.Message.EN, `"auth\x00corp"`) || a.Severity != suite.SeverityCritical {
			t.Errorf("alert for a damaged record = %v %+v, want a critical one that names it", ok, a)
		}
	})
}
