package backup

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// How hard it is to try passphrases, as the binary logarithm of scrypt's work.
// A master key is random, so that trying is hopeless anyway; a person's
// passphrase takes a second and 256 MB. What would take over 1 GB is refused.
const (
	masterKeyWork  = 10
	passphraseWork = 18
	maxWork        = 20
)

// masterKeySize is that of the keys that wrap data keys.
const masterKeySize = 32

// ForMasterKey returns what encrypts a backup with a master key of 32 bytes.
func ForMasterKey(key []byte) (age.Recipient, error) {
	if len(key) != masterKeySize {
		return nil, fmt.Errorf("backup: the master key has %d bytes, want %d", len(key), masterKeySize)
	}
	return forPassphrase(masterPassphrase(key), masterKeyWork)
}

// ForPassphrase returns what encrypts a backup with a passphrase.
func ForPassphrase(passphrase string) (age.Recipient, error) {
	return forPassphrase(passphrase, passphraseWork)
}

func forPassphrase(passphrase string, work int) (age.Recipient, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(work)
	return r, nil
}

// ParseRecipients reads recipients as age-keygen prints them, age1….
func ParseRecipients(list []string) ([]age.Recipient, error) {
	if len(list) == 0 {
		return nil, nil
	}
	recipients, err := age.ParseRecipients(strings.NewReader(strings.Join(list, "\n")))
	if err != nil || len(recipients) != len(list) {
		return nil, errors.New("not a recipient of age: they begin with age1, as age-keygen prints them")
	}
	return recipients, nil
}

// FromMasterKey returns what opens the backups that ForMasterKey encrypts.
func FromMasterKey(key []byte) (age.Identity, error) { return FromPassphrase(masterPassphrase(key)) }

// FromPassphrase returns what opens a backup that was encrypted with a
// passphrase.
func FromPassphrase(passphrase string) (age.Identity, error) {
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	i.SetMaxWorkFactor(maxWork)
	return i, nil
}

func masterPassphrase(key []byte) string { return base64.StdEncoding.EncodeToString(key) }

// Witness lets the writer of a backup read it once more, to verify it, whomever
// it is encrypted for. It is made for one backup.
type Witness struct{ fileKey []byte }

// Identity opens the backup that was written with the witness.
func (w *Witness) Identity() age.Identity { return age.NewInjectedFileKeyIdentity(w.fileKey) }

// witnessed is a recipient that shows the key of the file to a witness.
type witnessed struct {
	age.Recipient
	witness *Witness
}

// WrapWithLabels implements age.RecipientWithLabels, which says with which
// others a recipient goes together.
func (r witnessed) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	r.witness.fileKey = append([]byte(nil), fileKey...)
	if labelled, ok := r.Recipient.(age.RecipientWithLabels); ok {
		return labelled.WrapWithLabels(fileKey)
	}
	stanzas, err := r.Wrap(fileKey)
	return stanzas, nil, err
}

// Lock is what a backup is encrypted with.
type Lock string

// The locks.
const (
	LockMasterKey  Lock = "master key"
	LockPassphrase Lock = "passphrase"
	LockRecipient  Lock = "recipient"
)

// LockOf tells what the backup is encrypted with, as its beginning says, which
// is not proven before it is read. It returns ErrNotBackup for other files.
func LockOf(src io.Reader) (Lock, error) {
	header, err := age.ExtractHeader(src)
	if err != nil {
		return "", ErrNotBackup
	}
	for line := range strings.Lines(string(header)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) != 4 || fields[0] != "->" || fields[1] != "scrypt":
		case fields[3] == fmt.Sprint(masterKeyWork):
			return LockMasterKey, nil
		default:
			return LockPassphrase, nil
		}
	}
	return LockRecipient, nil
}
