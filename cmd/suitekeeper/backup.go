package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/durable"
	"suitekeeper/suite"
)

// backupCommand is one call of backup.
type backupCommand struct {
	askFlags
	recipients     []string
	passphraseFile string
	skipDamaged    bool

	cmd        *cobra.Command
	file       string
	passphrase suite.Secret
	line       progress
}

func newBackupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Take an encrypted backup, while the server runs",
		Long: "Take a backup of everything that a server has stored, at one moment, while it runs: events, tickets,\n" +
			"authorisations with their permanent codes. The file is encrypted: for the recipients of age given, with a\n" +
			"passphrase, or else as the configuration of the server says (backup.recipients, master_key). Whoever has the\n" +
			"file and that key needs nothing else to restore it, on any machine: the data key is not in it, a restore\n" +
			"makes a new one. The configuration is not in it either. FILE must not exist; - stands for standard output.\n\n" +
			"--data DIR takes the backup of a server that is stopped. It needs an operator's token where a server runs.\n\n" + whereHelp,
		Example: "  suitekeeper backup suitekeeper-$(date +%F).backup\n" +
			"  suitekeeper backup - --recipient age1… | ssh elsewhere 'cat > suitekeeper.backup'\n" +
			"  suitekeeper backup saved.backup --data ./data --passphrase-file passphrase --skip-damaged",
		Args: cobra.ExactArgs(1),
	}
	b := &backupCommand{askFlags: addAskFlags(cmd), cmd: cmd}
	set := cmd.Flags()
	set.StringArrayVar(&b.recipients, "recipient", nil, "encrypt for this recipient, age1… as age-keygen prints it; may be given again")
	set.StringVar(&b.passphraseFile, "passphrase-file", "", "encrypt with the passphrase in this file")
	set.BoolVar(&b.skipDamaged, "skip-damaged", false, "with --data: leave out what cannot be read")
	cmd.MarkFlagsMutuallyExclusive("recipient", "passphrase-file")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		b.file = args[0]
		return b.run()
	}
	return cmd
}

func (b *backupCommand) run() error {
	if err := b.check(); err != nil {
		return err
	}
	b.line = progressOn(b.cmd.ErrOrStderr(), os.Getenv)
	var m admin.BackupManifest
	take, err := b.source()
	if err == nil {
		m, err = b.save(take)
	}
	b.line.clear()
	if err != nil || b.file == "-" {
		return err
	}
	r := backupResult{File: b.file, SizeBytes: fileSize(b.file), BackupManifest: m}
	if err := b.show(b.cmd, r, func(v view) string { return v.backup(r) }); err != nil {
		return err
	}
	if m.Skipped > 0 {
		return withHint(errorf(suite.Text{EN: "records that could not be read and are not in the backup: %d", ZH: "无法读取、未写入备份的记录：%d 条"}, m.Skipped), suite.Text{EN: "'suitekeeper verify' names them", ZH: "可用 'suitekeeper verify' 列出这些记录"})
	}
	return nil
}

// check finds what cannot work before anything is asked or written.
func (b *backupCommand) check() (err error) {
	if len(b.recipients) > 0 {
		if _, err := backup.ParseRecipients(b.recipients); err != nil {
			return &usageError{fmt.Errorf("--recipient: %w", err)}
		}
	}
	if b.passphraseFile != "" {
		if b.passphrase, err = readSecret(b.passphraseFile); err != nil {
			return fmt.Errorf("--passphrase-file: %w", err)
		}
		if b.passphrase == "" {
			return fmt.Errorf("--passphrase-file: %s is empty", b.passphraseFile)
		}
	}
	switch {
	case b.file == "-" && isTerminal(b.cmd.OutOrStdout()):
		return withHint(usagef(suite.Text{EN: "a backup is nothing for a terminal", ZH: "备份不能输出到终端"}), suite.Text{EN: "name a file, or give it to another program with |", ZH: "请指定文件，或用 | 交给其他程序"})
	case b.file == "-" && *b.form == outputJSON:
		return usagef(suite.Text{
			EN: "with - nothing but the backup goes to standard output: leave -o json out",
			ZH: "使用 - 时标准输出只有备份内容：请去掉 -o json",
		})
	case b.file != "-" && exists(b.file):
		return withHint(errorf(suite.Text{EN: "%s is there already", ZH: "%s 已存在"}, b.file), suite.Text{EN: "a backup replaces no file: choose another name", ZH: "备份不会覆盖已有文件：请换一个文件名"})
	case b.skipDamaged && b.data == "":
		return withHint(usagef(suite.Text{EN: "--skip-damaged is for the folder of a stopped server", ZH: "--skip-damaged 只能用于已停止的服务器的数据目录"}), suite.Text{EN: "stop the server, and give --data", ZH: "请先停止服务器，再指定 --data"})
	}
	return nil
}

// taker writes a backup into an empty file, or to standard output.
type taker func(ctx context.Context, w io.Writer) (admin.BackupManifest, error)

// save has a backup written under the name that it is to have.
func (b *backupCommand) save(take taker) (m admin.BackupManifest, err error) {
	ctx := b.cmd.Context()
	if b.file == "-" {
		return take(ctx, b.cmd.OutOrStdout())
	}
	err = durable.Create(b.file, func(temp string) error {
		f, err := os.OpenFile(temp, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		m, err = take(ctx, f)
		return errors.Join(err, f.Close())
	})
	if errors.Is(err, fs.ErrExist) {
		return m, withHint(errorf(suite.Text{EN: "%s was made by somebody else meanwhile", ZH: "%s 已被其他程序创建"}, b.file), suite.Text{EN: "choose another name", ZH: "请换一个文件名"})
	}
	return m, err
}

// source returns what takes the backup: the server, or the folder of one that
// is stopped.
func (b *backupCommand) source() (taker, error) {
	environ := os.Environ()
	if b.data == "" || b.url != "" || ourVariables(environ)[envAdmin] != "" {
		return b.running(environ)
	}
	cfg, err := b.configured(environ)
	if err != nil {
		return nil, err
	}
	_, engine, err := openStoppedDisk(b.cmd.Context(), cfg)
	if errors.Is(err, boltstore.ErrLocked) && !b.skipDamaged {
		return b.running(environ)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(err, suite.Text{EN: "is %s the data folder of a server?", ZH: "请确认 %s 是服务器的数据目录"}, cfg.Data)
	}
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w io.Writer) (admin.BackupManifest, error) {
		m, err := b.fromFolder(ctx, w, cfg, engine)
		return m, errors.Join(err, engine.Close())
	}, nil
}

// backupResult is what -o json prints of a backup.
type backupResult struct {
	File      string `json:"file"`
	SizeBytes int64  `json:"size_bytes"`
	admin.BackupManifest
}
