package main

import (
	"context"
	"errors"
	"io"
	"os"

	"suitekeeper/handler/admin"
	"suitekeeper/store/backup"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// fromFolder takes the backup of a stopped server, and reads it again.
func (b *backupCommand) fromFolder(ctx context.Context, w io.Writer, cfg Config, engine *sealed.Engine) (admin.BackupManifest, error) {
	whom, err := b.whom(cfg)
	if err != nil {
		return admin.BackupManifest{}, err
	}
	var witness backup.Witness
	o := backup.Options{Recipients: whom.recipients, Program: currentBuild().Version, Witness: &witness, Progress: b.written}
	if b.skipDamaged {
		o.Skip = func(_ []byte, err error) bool { return errors.Is(err, sealed.ErrDamaged) }
	}
	m, err := backup.Write(ctx, w, engine, o)
	if err != nil {
		return admin.BackupManifest{}, explainStore(cfg.Data, err)
	}
	if f, ok := w.(*os.File); ok && b.file != "-" {
		err = rereadBackup(f.Name(), witness.Identity(), m)
	}
	return shownManifest(m), err
}

// whom is whom the flags name, or else the configuration.
func (b *backupCommand) whom(cfg Config) (whom backupFor, err error) {
	switch {
	case len(b.recipients) > 0:
		return forRecipients(b.recipients)
	case b.passphrase != "":
		return forPassphrase(b.passphrase.Reveal())
	}
	whom, err = cfg.backupFor()
	if errors.Is(err, errNobody) {
		err = withHint(err, backupKeyHint)
	}
	return whom, err
}

var backupKeyHint = suite.Text{
	EN: "give --recipient or --passphrase-file, or set backup.recipients or master_key in the configuration of the server",
	ZH: "请指定 --recipient 或 --passphrase-file，或在服务器配置中设置 backup.recipients 或 master_key",
}

func (b *backupCommand) written(records int) {
	b.line.show(newView(b.line.out, *b.lang).say(backupWritten, records))
}
