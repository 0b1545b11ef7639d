package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"github.com/spf13/pflag"

	"suitekeeper/store/backup"
	"suitekeeper/suite"
)

// openFlags are the keys that a command opens backups with.
type openFlags struct{ identity, passphraseFile string }

func addOpenFlags(set *pflag.FlagSet) *openFlags {
	f := &openFlags{}
	set.StringVar(&f.identity, "identity", "", "file with the secret key of age that the backup was encrypted for")
	set.StringVar(&f.passphraseFile, "passphrase-file", "", "file with the passphrase, or the master key, that the backup was encrypted with")
	return f
}

// keys returns what may open a backup: what the flags name or, without any, the
// master key of the configuration.
func (f *openFlags) keys(cfg Config, lock backup.Lock) ([]age.Identity, error) {
	switch {
	case f.identity != "" && f.passphraseFile != "":
		return nil, usagef(suite.Text{
			EN: "--identity and --passphrase-file are both given",
			ZH: "--identity 和 --passphrase-file 只能指定一个",
		})
	case f.identity != "":
		return readIdentities(f.identity)
	case f.passphraseFile != "":
		return readPassphrase(f.passphraseFile)
	}
	if key := cfg.MasterKeyBytes(); key != nil && lock == backup.LockMasterKey {
		identity, err := backup.FromMasterKey(key)
		return []age.Identity{identity}, err
	}
	return nil, withHint(errorf(suite.Text{
		EN: "the backup is encrypted, and nothing that opens it was given: it needs %s",
		ZH: "备份已加密，但没有提供解密所需的内容：需要%s",
	}, lockWords[lock]), lockHints[lock])
}

var lockWords = map[backup.Lock]suite.Text{
	backup.LockMasterKey:  {EN: "the master key of the server that made it", ZH: "生成该备份的服务器的主密钥"},
	backup.LockPassphrase: {EN: "a passphrase", ZH: "口令"},
	backup.LockRecipient:  {EN: "the secret key of a recipient", ZH: "任一接收者的私钥"},
}

var lockHints = map[backup.Lock]suite.Text{
	backup.LockMasterKey: {
		EN: "give the configuration of that server with --config, or the file with its master key as --passphrase-file",
		ZH: "请用 --config 指定该服务器的配置，或用 --passphrase-file 指定存有其主密钥的文件",
	},
	backup.LockPassphrase: {EN: "give the file with the passphrase as --passphrase-file", ZH: "请用 --passphrase-file 指定存有口令的文件"},
	backup.LockRecipient:  {EN: "give the file that age-keygen made as --identity", ZH: "请用 --identity 指定 age-keygen 生成的文件"},
}

// readIdentities reads secret keys of age. Its errors do not quote them.
func readIdentities(path string) ([]age.Identity, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--identity: %w", cannotRead(path, err))
	}
	defer f.Close()
	identities, err := age.ParseIdentities(io.LimitReader(f, maxConfigBytes))
	if err != nil {
		return nil, withHint(errorf(suite.Text{EN: "--identity: %s holds no secret key of age", ZH: "--identity：%s 中没有 age 私钥"}, path), suite.Text{
			EN: "the file must be as age-keygen makes it, with a line that begins with AGE-SECRET-KEY-",
			ZH: "应为 age-keygen 生成的文件，其中有一行以 AGE-SECRET-KEY- 开头",
		})
	}
	return identities, nil
}

// readPassphrase reads a passphrase. It may be a master key, in any form that
// the configuration takes.
func readPassphrase(path string) ([]age.Identity, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, fmt.Errorf("--passphrase-file: %w", err)
	}
	passphrase, err := backup.FromPassphrase(text.Reveal())
	if err != nil {
		return nil, errorf(suite.Text{EN: "--passphrase-file: %s is empty", ZH: "--passphrase-file：%s 为空"}, path)
	}
	keys := []age.Identity{passphrase}
	if key, ok := decodeMasterKey(text.Reveal()); ok {
		master, err := backup.FromMasterKey(key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, master)
	}
	return keys, nil
}

// explainBackup adds to the errors of reading a backup what to do about them.
func explainBackup(err error, file string, lock backup.Lock) error {
	switch {
	case errors.Is(err, backup.ErrKey):
		return withHint(errorf(suite.Text{EN: "%s: %w: it needs %s", ZH: "%s：%w：需要%s"}, file, err, lockWords[lock]), lockHints[lock])
	case errors.Is(err, backup.ErrDamaged):
		return withHint(fmt.Errorf("%s: %w", file, err), suite.Text{EN: "use another backup, or another copy of this one", ZH: "请使用其他备份，或此备份的其他副本"})
	case errors.Is(err, backup.ErrNotBackup):
		return withHint(fmt.Errorf("%s: %w", file, err), suite.Text{EN: "'suitekeeper backup' makes backups", ZH: "备份由 'suitekeeper backup' 生成"})
	case errors.Is(err, backup.ErrNewer):
		return withHint(fmt.Errorf("%s: %w", file, err), suite.Text{
			EN: "use the version of suitekeeper that made it, or a newer one",
			ZH: "请使用生成该备份的 suitekeeper 版本或更新的版本",
		})
	}
	return err
}

// backupFileOf opens a backup, and tells what it is encrypted with. The caller
// closes it.
func backupFileOf(path string) (*os.File, backup.Lock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", cannotRead(path, err)
	}
	lock, err := backup.LockOf(f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, "", explainBackup(err, path, lock)
	}
	return f, lock, nil
}
