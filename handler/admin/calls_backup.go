package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

// manifestTrailer follows a backup that is whole. What HTTP calls the end of an
// answer does not prove that.
const manifestTrailer = "Suitekeeper-Manifest"

const backupType = "application/octet-stream"

// backupPatience is how long a reader may take for a piece of a backup. The
// store keeps what was deleted since the backup began until it ends.
const backupPatience = 30 * time.Second

// maxBackupRequest bounds the body of a request for a backup: some keys.
const maxBackupRequest = 64 << 10

type backupInput struct{ Body *BackupRequest }

func backupOperation() huma.Operation {
	op := post("backup", "/api/v1/backup", "Take an encrypted backup of the store", http.StatusOK,
		missing, conflict, badBody, slowBody, largeBody, wrongType)
	op.Description = "The answer is the backup. It is whole if the trailer " + manifestTrailer + " follows, which holds its manifest; " +
		"suitekeeper verify tells it of the file, too."
	op.MaxBodyBytes = maxBackupRequest
	op.Responses = map[string]*huma.Response{"200": {
		Description: "A file of age",
		Content:     map[string]*huma.MediaType{backupType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	return op
}

func (a *api) backup(ctx context.Context, in *backupInput) (*answer[func(huma.Context)], error) {
	if a.Backups == nil {
		return nil, noPath()
	}
	var recipients []string
	if in.Body != nil {
		recipients = in.Body.Recipients
	}
	actor := actorOf(ctx)
	return &answer[func(huma.Context)]{func(hc huma.Context) {
		ctx, done := a.untilStopping(hc.Context())
		defer done()
		a.sendBackup(ctx, humagin.Unwrap(hc).Writer, actor, recipients)
	}}, nil
}

// sendBackup answers with a backup, or with why there is none. When that shows
// only after a part was sent, it breaks the connection off, so that nobody
// takes the part for the whole.
func (a *api) sendBackup(ctx context.Context, w gin.ResponseWriter, actor suite.Actor, recipients []string) {
	s := &backupStream{to: w, control: http.NewResponseController(w)}
	m, err := a.Backups.Backup(ctx, actor, s, recipients)
	var trailer []byte
	if err == nil {
		trailer, err = json.Marshal(m)
	}
	switch {
	case err == nil:
		w.Header().Set(manifestTrailer, string(trailer))
	case !s.begun:
		writeProblem(w, a.problemOf(ctx, "backup", err))
	default:
		a.Logger.Warn("a backup was broken off", zap.Error(err))
		_ = s.control.SetWriteDeadline(time.Unix(1, 0)) // nothing more is sent, not even the end
	}
}

// backupStream is the body of the answer that is a backup.
type backupStream struct {
	to      http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// Write sends a piece. That the deadline cannot be set, as on a connection that
// has gone, leaves the server's.
func (s *backupStream) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		h := s.to.Header()
		h.Set("Content-Type", backupType)
		h.Set("Content-Disposition", `attachment; filename="suitekeeper-`+time.Now().UTC().Format("20060102T150405Z")+`.backup"`)
		h.Set("Trailer", manifestTrailer)
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(backupPatience))
	return s.to.Write(p)
}

// untilStopping returns ctx, which the end of the server ends, too. The caller
// calls done.
func (a *api) untilStopping(ctx context.Context) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-a.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-watched
	}
}

func (a *api) keys(context.Context, *none) (*answer[KeyRotation], error) {
	if a.DataKey == nil {
		return nil, noPath()
	}
	return &answer[KeyRotation]{a.DataKey.KeyRotation()}, nil
}

func (a *api) rotateKey(ctx context.Context, _ *none) (*answer[KeyRotation], error) {
	if a.DataKey == nil {
		return nil, noPath()
	}
	rotation, err := a.DataKey.RotateKey(ctx, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return &answer[KeyRotation]{rotation}, nil
}
