package suite

import (
	"context"
	"fmt"
	"time"
)

// BackupReport is how scheduled backups stand.
type BackupReport struct {
	Every    time.Duration // how often one is due
	LastAt   time.Time     // of the newest that was verified; zero: there is none
	FailedAt time.Time     // of the last attempt, if that failed; zero otherwise
	Failure  Phrase        // why
}

// DamageReport is what was found damaged in the store since the start.
type DamageReport struct {
	Count  int       // reads of damaged records
	LastAt time.Time // of the last
	Record string    // its key; no secret
}

// leastBackupGrace is how much later than it is due a backup may be, at least.
const leastBackupGrace = time.Hour

// alert tells what is wrong with the backups, if anything is.
func (b BackupReport) alert(startedAt, now time.Time) (Alert, bool) {
	newest, since := b.LastAt, b.FailedAt
	if newest.IsZero() {
		newest = startedAt // time for the first
	}
	overdue := newest.Add(b.Every + max(b.Every/2, leastBackupGrace))
	switch {
	case since.IsZero() && now.Before(overdue):
		return Alert{}, false
	case since.IsZero():
		since = overdue
	}
	return newAlert(AlertBackupFailed, "", "", since, Values{Detail: b.detail(now)}), true
}

// detail says why there is no new backup, and how old the newest is.
func (b BackupReport) detail(now time.Time) Text {
	newest := Text{EN: "there is none yet", ZH: "还没有任何可用的备份"}
	if !b.LastAt.IsZero() {
		age := now.Sub(b.LastAt)
		newest = Text{EN: "the newest is " + ageEN(age) + " old", ZH: "最新的备份已有 " + ageZH(age)}
	}
	if b.FailedAt.IsZero() {
		return newest
	}
	why := b.Failure.Text()
	return Text{EN: why.EN + "; " + newest.EN, ZH: why.ZH + "；" + newest.ZH}
}

func (d DamageReport) alert() Alert {
	return newAlert(AlertRecordDamaged, "", "", d.LastAt, Values{Detail: Text{
		EN: fmt.Sprintf("the record of %q cannot be read", d.Record),
		ZH: fmt.Sprintf("%q 的记录无法读取", d.Record),
	}})
}

// safetyAlerts says what endangers the data as a whole.
func (k *Keeper) safetyAlerts(disk DiskReport, now time.Time) []Alert {
	var list []Alert
	if full := k.full(); !full.Since.IsZero() {
		list = append(list, full.alert(disk))
	} else if a, ok := k.disk.alert(disk); ok {
		list = append(list, a)
	}
	if k.backups != nil {
		if a, ok := k.backups().alert(k.startedAt, now); ok {
			list = append(list, a)
		}
	}
	if k.damage != nil {
		if d := k.damage(); d.Count > 0 {
			list = append(list, d.alert())
		}
	}
	return list
}

// RecordBackup writes down that somebody takes a backup, which holds every
// secret. On an error it must not be taken. Detail says for whom it is
// encrypted.
func (k *Keeper) RecordBackup(ctx context.Context, actor Actor, detail Phrase) error {
	return k.record(ctx, actor, AuditBackup, detail)
}

// RecordKeyRotation writes down that somebody has the data key replaced. On an
// error it must not be.
func (k *Keeper) RecordKeyRotation(ctx context.Context, actor Actor) error {
	return k.record(ctx, actor, AuditRotateKey, "")
}
