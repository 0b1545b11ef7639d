package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrBackupCutOff says that a backup did not come whole.
var ErrBackupCutOff = errors.New("the backup was cut off before its end")

// Backup has the server take a backup, and copies it to w. Without recipients
// it is encrypted as the server is configured. When it returns an error, what
// w was given is no backup.
func (c *Client) Backup(ctx context.Context, w io.Writer, recipients []string) (BackupManifest, error) {
	req, err := c.newRequest(ctx, request{method: http.MethodPost, path: path("backup"), body: BackupRequest{Recipients: recipients}})
	if err != nil {
		return BackupManifest{}, err
	}
	req.Header.Set("Accept", backupType+", "+problemType)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(c.http.Timeout, cancel) // as long as something comes it may take longer
	defer idle.Stop()
	client := c.http
	client.Timeout = 0
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return BackupManifest{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return BackupManifest{}, readError(resp)
	}
	if mediaType(resp) != backupType {
		return BackupManifest{}, fmt.Errorf("%w: it is of type %q", ErrNotAdmin, mediaType(resp))
	}
	if err := copyBackup(w, resp.Body, func() { idle.Reset(c.http.Timeout + backupPatience) }); err != nil {
		return BackupManifest{}, err
	}
	return readManifest(resp)
}

// copyBackup tells the errors of w from those of the connection.
func copyBackup(w io.Writer, body io.Reader, came func()) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := body.Read(buffer)
		came()
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBackupCutOff, err)
		}
	}
}

func readManifest(resp *http.Response) (m BackupManifest, err error) {
	trailer := resp.Trailer.Get(manifestTrailer)
	if trailer == "" {
		return m, ErrBackupCutOff
	}
	if err := json.Unmarshal([]byte(trailer), &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrNotAdmin, err)
	}
	return m, nil
}

// RotateKey has the server replace its data key, in the background: ask for
// KeyRotation to see how far it is.
func (c *Client) RotateKey(ctx context.Context) (KeyRotation, error) {
	return read[KeyRotation](ctx, c, request{method: http.MethodPost, path: path("keys", "rotate")})
}

// KeyRotation tells how far a rotation of the data key is.
func (c *Client) KeyRotation(ctx context.Context) (KeyRotation, error) {
	return read[KeyRotation](ctx, c, request{path: path("keys")})
}
