package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"suitekeeper/handler/admin"
	"suitekeeper/store/backup"
	"suitekeeper/suite"
)

// running takes the backup through the admin API.
func (b *backupCommand) running(environ []string) (taker, error) {
	if b.skipDamaged {
		return nil, withHint(usagef(suite.Text{EN: "--skip-damaged is for the folder of a stopped server", ZH: "--skip-damaged 只能用于已停止的服务器的数据目录"}), suite.Text{EN: "stop the server, and leave --admin out", ZH: "请先停止服务器，并去掉 --admin"})
	}
	server, err := b.server(environ)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w io.Writer) (m admin.BackupManifest, err error) {
		w = &counted{Writer: w, tell: b.received}
		if b.passphrase == "" {
			m, err = server.Backup(ctx, w, b.recipients)
		} else {
			m, err = withPassphrase(w, b.passphrase.Reveal(), func(w io.Writer, recipient string) (admin.BackupManifest, error) {
				return server.Backup(ctx, w, []string{recipient})
			})
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, errLocalWrite) {
			err = server.explain(err)
		}
		return m, err
	}, nil
}

// withPassphrase has the server encrypt for a key of this moment, so that the
// passphrase does not leave this machine, and encrypts with that anew.
func withPassphrase(dst io.Writer, passphrase string, take func(w io.Writer, recipient string) (admin.BackupManifest, error)) (m admin.BackupManifest, err error) {
	to, err := backup.ForPassphrase(passphrase)
	if err != nil {
		return m, err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return m, err
	}
	r, w := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		err := recrypt(dst, r, key, to)
		r.CloseWithError(err) // lets the other side end
		copied <- err
	}()
	m, err = take(w, key.Recipient().String())
	w.CloseWithError(err)
	if copying := <-copied; err == nil {
		err = copying
	}
	return m, err
}

func recrypt(dst io.Writer, src io.Reader, from age.Identity, to age.Recipient) error {
	plain, err := age.Decrypt(src, from)
	if err != nil {
		return err
	}
	sealed, err := age.Encrypt(dst, to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(sealed, plain); err != nil {
		return err
	}
	return sealed.Close()
}

func (b *backupCommand) received(bytes int64) {
	b.line.show(newView(b.line.out, *b.lang).say(backupReceived, byteSize(bytes)))
}

// errLocalWrite tells the errors of this machine's disk from those of the
// connection.
var errLocalWrite = errors.New("write the backup")

// counted tells how much was written.
type counted struct {
	io.Writer
	total int64
	tell  func(total int64)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.total += int64(n)
	c.tell(c.total)
	if err != nil {
		err = fmt.Errorf("%w: %w", errLocalWrite, err)
	}
	return n, err
}
