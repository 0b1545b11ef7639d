package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"github.com/spf13/pflag"

	"suitekeeper/store/backup"
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
		return nil, usagef("--identity and --passphrase-file are both given")
	case f.identity != "":
		return readIdentities(f.identity)
	case f.passphraseFile != "":
		return readPassphrase(f.passphraseFile)
	}
	if key := cfg.MasterKeyBytes(); key != nil && lock == backup.LockMasterKey {
		identity, err := backup.FromMasterKey(key)
		return []age.Identity{identity}, err
	}
	return nil, withHint(fmt.Errorf("the backup is encrypted, and nothing that opens it was given: it needs %s", lockWords[lock]), "%s", lockHints[lock])
}

var lockWords = map[backup.Lock]string{
	backup.LockMasterKey:  "the master key of the server that made it",
	backup.LockPassphrase: "a passphrase",
	backup.LockRecipient:  "the secret key of a recipient",
}

var lockHints = map[backup.Lock]string{
	backup.LockMasterKey:  "give the configuration of that server with --config, or the file with its master key as --passphrase-file",
	backup.LockPassphrase: "give the file with the passphrase as --passphrase-file",
	backup.LockRecipient:  "give the file that age-keygen made as --identity",
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
		return nil, withHint(fmt.Errorf("--identity: %s holds no secret key of age", path), "the file must be as age-keygen makes it, with a line that begins with AGE-SECRET-KEY-")
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
		return nil, fmt.Errorf("--passphrase-file: %s is empty", path)
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
		return withHint(fmt.Errorf("%s: %w: it needs %s", file, err, lockWords[lock]), "%s", lockHints[lock])
	case errors.Is(err, backup.ErrDamaged):
		return withHint(fmt.Errorf("%s: %w", file, err), "use another backup, or another copy of this one")
	case errors.Is(err, backup.ErrNotBackup):
		return withHint(fmt.Errorf("%s: %w", file, err), "'suitekeeper backup' makes backups")
	case errors.Is(err, backup.ErrNewer):
		return withHint(fmt.Errorf("%s: %w", file, err), "use the version of suitekeeper that made it, or a newer one")
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
