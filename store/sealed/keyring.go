package sealed

import (
	"bytes"
	"encoding/binary"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keyring is the data keys of a store. It does not change.
type keyring struct {
	filed *keyset.Handle // what is in the key file
	aead  tink.AEAD      // seals with the newest key

	// all holds the keys that were in the key file since the store was opened,
	// too: a view that began before a rotation ended may still read records
	// that an older key sealed.
	all *keyset.Handle

	// mark is what every record begins with that the newest key sealed: our
	// version, Tink's, and the number of the key.
	mark []byte
}

func newKeyring(filed, all *keyset.Handle) (*keyring, error) {
	a, err := aead.New(all)
	if err != nil {
		return nil, err
	}
	newest, err := all.Primary()
	if err != nil {
		return nil, err
	}
	const tinkVersion = 1
	return &keyring{
		filed: filed, all: all, aead: a,
		mark: binary.BigEndian.AppendUint32([]byte{version, tinkVersion}, newest.KeyID()),
	}, nil
}

// current tells whether a record was sealed with the newest key.
func (k *keyring) current(value []byte) bool { return bytes.HasPrefix(value, k.mark) }

// rotating tells whether older keys are in the key file.
func (k *keyring) rotating() bool { return k.filed.Len() > 1 }

// withNewKey returns the keys with another, which is the newest.
func (k *keyring) withNewKey() (*keyring, error) {
	manager := keyset.NewManagerFromHandle(k.all)
	id, err := manager.Add(keyTemplate())
	if err == nil {
		err = manager.SetPrimary(id)
	}
	if err != nil {
		return nil, err
	}
	all, err := manager.Handle()
	if err != nil {
		return nil, err
	}
	filed, err := without(all, func(id uint32) bool { return holds(k.all, id) && !holds(k.filed, id) })
	if err != nil {
		return nil, err
	}
	return newKeyring(filed, all)
}

// withoutOldKeys returns the keys with only the newest left for the key file.
func (k *keyring) withoutOldKeys() (*keyring, error) {
	newest, err := k.all.Primary()
	if err != nil {
		return nil, err
	}
	filed, err := without(k.all, func(id uint32) bool { return id != newest.KeyID() })
	if err != nil {
		return nil, err
	}
	return newKeyring(filed, k.all)
}

// without returns the keys that drop does not name.
func without(handle *keyset.Handle, drop func(id uint32) bool) (*keyset.Handle, error) {
	manager := keyset.NewManagerFromHandle(handle)
	for i := range handle.Len() {
		entry, err := handle.Entry(i)
		if err != nil {
			return nil, err
		}
		if drop(entry.KeyID()) {
			if err := manager.Delete(entry.KeyID()); err != nil {
				return nil, err
			}
		}
	}
	return manager.Handle()
}

func holds(handle *keyset.Handle, id uint32) bool {
	for i := range handle.Len() {
		if entry, err := handle.Entry(i); err == nil && entry.KeyID() == id {
			return true
		}
	}
	return false
}
