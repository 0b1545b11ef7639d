package admin

import (
	"context"
	"io"
	"time"

	"suitekeeper/suite"
)

// What taking a backup and rotating the data key may be refused with.
var (
	// ErrNoBackupKey says that the server does not know whom to encrypt the
	// backup for.
	ErrNoBackupKey = &suite.ProblemError{Problem: suite.ProblemNoBackupKey}
	// ErrBadRecipient says that something given as recipient is none.
	ErrBadRecipient = suite.BadQuery(suite.Say(suite.SayBadRecipient))
	// ErrRotationRuns says that the data key is being rotated already.
	ErrRotationRuns = &suite.ProblemError{Problem: suite.ProblemRotationRuns}
)

// Backups takes backups of the store. It is safe for concurrent use.
type Backups interface {
	// Backup writes an encrypted backup of the store to w: for the recipients
	// or, when none are given, for those of the server. It writes down who
	// takes it before anything else. Its errors may wrap those above, before
	// anything was written.
	Backup(ctx context.Context, a suite.Actor, w io.Writer, recipients []string) (BackupManifest, error)
}

// DataKey is the key that the store is encrypted with. It is safe for
// concurrent use.
type DataKey interface {
	// RotateKey writes down who wants it, and begins to replace the key.
	RotateKey(ctx context.Context, a suite.Actor) (KeyRotation, error)
	// KeyRotation tells how far that is.
	KeyRotation() KeyRotation
}

// BackupRequest is the body of POST /api/v1/backup.
type BackupRequest struct {
	Recipients []string `json:"recipients,omitempty" maxItems:"20" doc:"Whom to encrypt it for, as age-keygen prints them; none: as the server is configured"`
}

// BackupManifest says what is in a backup. It is inside of it, and in the
// trailer of the answer.
type BackupManifest struct {
	Format      int            `json:"format"`
	Program     string         `json:"program"`
	CreatedAt   time.Time      `json:"created_at"`
	Schema      int            `json:"schema"`
	Records     int            `json:"records"`
	Bytes       int64          `json:"bytes"`
	SHA256      string         `json:"sha256"`
	Collections map[string]int `json:"collections"`
	Skipped     int            `json:"skipped,omitempty"`
}

// KeyRotation tells how far a rotation of the data key is.
type KeyRotation struct {
	Running bool   `json:"running" doc:"Records that the old key sealed are being sealed anew; both keys are kept until all are"`
	Total   int    `json:"total" doc:"Records that the old key had sealed; 0 before they are counted"`
	Done    int    `json:"done" doc:"Of these, sealed anew"`
	Error   string `json:"error,omitempty" doc:"Why it does not go on, in English; it is tried again"`
}
