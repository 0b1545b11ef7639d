package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// vault takes backups and rotates keys as it is told to.
type vault struct {
	keeper    *suite.Keeper // which audits, if it is there
	content   []byte
	err       error // after the content
	hold      <-chan struct{}
	rotation  admin.KeyRotation
	rotateErr error
}

var backupManifest = admin.BackupManifest{
	Format: 1, Program: "v1.2.3", CreatedAt: time.Date(2026, 8, 1, 1, 0, 0, 0, time.UTC), Schema: 1, Records: 3, Bytes: 99,
	SHA256: "0f", Collections: map[string]int{"auth": 1, "event": 2},
}

func (v vault) Backup(ctx context.Context, a suite.Actor, w io.Writer, recipients []string) (admin.BackupManifest, error) {
	if v.keeper != nil {
		if err := v.keeper.RecordBackup(ctx, a, "for the master key"); err != nil {
			return admin.BackupManifest{}, err
		}
	}
	// Who writes texts may find methods that they did not look for.
	if _, err := io.WriteString(w, strings.Join(recipients, " ")); err != nil {
		return admin.BackupManifest{}, err
	}
	if _, err := w.Write(v.content); err != nil {
		return admin.BackupManifest{}, err
	}
	select {
	case <-v.hold:
	case <-ctx.Done():
		return admin.BackupManifest{}, ctx.Err()
	}
	return backupManifest, v.err
}

func (v vault) RotateKey(ctx context.Context, a suite.Actor) (admin.KeyRotation, error) {
	if v.keeper != nil {
		if err := v.keeper.RecordKeyRotation(ctx, a); err != nil {
			return admin.KeyRotation{}, err
		}
	}
	return v.rotation, v.rotateErr
}

func (v vault) KeyRotation() admin.KeyRotation { return v.rotation }

// released lets a vault end at once.
var released = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func serveVault(t *testing.T, v admin.Backups) *server {
	t.Helper()
	o := options()
	o.Backups = v
	return serve(t, o)
}

func TestBackupComesWholeWithItsManifest(t *testing.T) {
	content := bytes.Repeat([]byte("sealed"), 1<<20)
	client := newClient(t, serveVault(t, vault{content: content, hold: released}), operatorToken)
	for _, recipients := range [][]string{nil, {"age1a", "age1b"}} {
		var got bytes.Buffer
		m, err := client.Backup(t.Context(), &got, recipients)
		if err != nil || fmt.Sprint(m) != fmt.Sprint(backupManifest) {
			t.Errorf("Backup(%q) = %+v, %v, want %+v", recipients, m, err, backupManifest)
		}
		if want := strings.Join(recipients, " ") + string(content); got.String() != want {
			t.Errorf("Backup(%q) wrote %d bytes, want %d", recipients, got.Len(), len(want))
		}
	}
}

func TestBackupThatFailsIsNoBackup(t *testing.T) {
	for name, content := range map[string][]byte{"early": []byte("x"), "late": bytes.Repeat([]byte("x"), 1<<20)} {
		srv := serveVault(t, vault{content: content, hold: released, err: errors.New("disk failed")})
		var got bytes.Buffer
		if _, err := newClient(t, srv, operatorToken).Backup(t.Context(), &got, nil); !errors.Is(err, admin.ErrBackupCutOff) && err == nil {
			t.Errorf("Backup that fails %s = %v, want an error", name, err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/api/v1/backup", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = bearer(operatorToken)
		resp, err := srv.client.Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Errorf("a client that knows no trailers reads a backup that fails %s to its end, want the connection broken off", name)
		}
	}
}

// refusing refuses before it writes anything.
type refusing struct{ error }

func (r refusing) Backup(context.Context, suite.Actor, io.Writer, []string) (admin.BackupManifest, error) {
	return admin.BackupManifest{}, r.error
}

func TestBackupIsRefusedWithACure(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		code   string
	}{
		{admin.ErrNoBackupKey, 409, "no_backup_key"},
		{fmt.Errorf("backup.recipients: %w", admin.ErrBadRecipient), 422, "invalid_request"},
		{errors.New("canary"), 500, "internal"},
	} {
		srv := serveVault(t, refusing{tt.err})
		wantProblem(t, call(t, srv, http.MethodPost, "/api/v1/backup", operatorToken), tt.status, tt.code)
		var got bytes.Buffer
		_, err := newClient(t, srv, operatorToken).Backup(t.Context(), &got, nil)
		var refused *admin.Error
		if !errors.As(err, &refused) || refused.Code != tt.code || got.Len() > 0 {
			t.Errorf("Backup = %v with %d bytes, want the problem %s and nothing", err, got.Len(), tt.code)
		}
	}
	wantProblem(t, call(t, serveVault(t, nil), http.MethodPost, "/api/v1/backup", operatorToken), 404, "not_found")
}

func TestBackupEndsWithTheServer(t *testing.T) {
	o := options()
	stopping := make(chan struct{})
	o.Stopping = stopping
	o.Backups = vault{content: []byte("begun"), hold: make(chan struct{})} // which never ends by itself
	client := newClient(t, serve(t, o), operatorToken)
	close(stopping)
	if _, err := client.Backup(t.Context(), io.Discard, nil); err == nil {
		t.Error("Backup from a server that stops = nil, want an error")
	}
}

func TestRotationIsStartedAndFollowed(t *testing.T) {
	o := options()
	o.DataKey = vault{rotation: admin.KeyRotation{Running: true, Total: 10, Done: 3}}
	client := newClient(t, serve(t, o), operatorToken)
	for name, ask := range map[string]func(context.Context) (admin.KeyRotation, error){"RotateKey": client.RotateKey, "KeyRotation": client.KeyRotation} {
		if got, err := ask(t.Context()); err != nil || !got.Running || got.Total != 10 || got.Done != 3 {
			t.Errorf("%s = %+v, %v, want 3 of 10", name, got, err)
		}
	}
	o.DataKey = vault{rotateErr: fmt.Errorf("rotate: %w", admin.ErrRotationRuns)}
	wantProblem(t, call(t, serve(t, o), http.MethodPost, "/api/v1/keys/rotate", operatorToken), 409, "rotation_runs")
	o.DataKey = nil
	wantProblem(t, call(t, serve(t, o), http.MethodPost, "/api/v1/keys/rotate", operatorToken), 404, "not_found")
	wantProblem(t, call(t, serve(t, o), http.MethodGet, "/api/v1/keys", viewerToken), 404, "not_found")
}
