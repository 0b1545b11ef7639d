package sealed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"suitekeeper/store/durable"
)

// masterKeySize is that of AES-256.
const masterKeySize = 32

// The key file is a Tink keyset in Tink's JSON form, in clear or encrypted with
// AES-256-GCM under the master key. A keyset may hold several keys: it
// encrypts with its primary one and decrypts with any.

// makeKeyFile makes a new key and puts it on disk, unless there is a key file
// by now.
func makeKeyFile(o KeyOptions) error {
	handle, err := keyset.NewHandle(keyTemplate())
	if err != nil {
		return err
	}
	file, err := formatKeyFile(handle, o)
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(o.Path)); err != nil {
		return err
	}
	if err := durable.WriteFile(o.Path, file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// keyTemplate is the kind of a data key. XChaCha20-Poly1305 draws nonces of 192
// bits. Those of AES-GCM have 96, too few to draw at random for more than some
// 2^32 records with one key, which a busy store seals within weeks.
func keyTemplate() *tinkpb.KeyTemplate { return aead.XChaCha20Poly1305KeyTemplate() }

// formatKeyFile returns the text of a key file.
func formatKeyFile(handle *keyset.Handle, o KeyOptions) ([]byte, error) {
	master, err := masterKey(o)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	writer := keyset.NewJSONWriter(&file)
	if master == nil {
		err = insecurecleartextkeyset.Write(handle, writer)
	} else {
		err = handle.Write(writer, master)
	}
	return file.Bytes(), err
}

// readKeyFile returns an error that is fs.ErrNotExist when there is no key
// file.
func readKeyFile(o KeyOptions) (*keyset.Handle, error) {
	master, err := masterKey(o)
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(o.Path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if !o.ReadOnly {
		if err := durable.RemoveLeftovers(o.Path); err != nil {
			return nil, fmt.Errorf("tidy up beside the key file: %w", err)
		}
	}
	handle, err := parseKeyFile(file, master)
	switch {
	case errors.Is(err, ErrMasterKey):
		return nil, fmt.Errorf("%w: %s", err, o.Path)
	case err != nil:
		return nil, fmt.Errorf("%w: the key file %s is damaged; nothing was changed: put it back from a backup", ErrKeyLost, o.Path)
	}
	return handle, nil
}

// parseKeyFile returns ErrMasterKey with what to do. Its other errors may hold
// parts of the file and are not to be shown.
func parseKeyFile(file []byte, master tink.AEAD) (*keyset.Handle, error) {
	var form struct {
		EncryptedKeyset string `json:"encryptedKeyset"`
	}
	if err := json.Unmarshal(file, &form); err != nil {
		return nil, err
	}
	wrapped := form.EncryptedKeyset != ""
	reader := keyset.NewJSONReader(bytes.NewReader(file))
	switch {
	case wrapped && master == nil:
		return nil, fmt.Errorf("%w, which is wrapped: give the master key that it was made with", ErrMasterKey)
	case !wrapped && master != nil:
		return nil, fmt.Errorf("%w: wrap it, or start without a master key", ErrNotWrapped)
	case !wrapped:
		return insecurecleartextkeyset.Read(reader)
	}
	handle, err := keyset.Read(reader, master)
	if err != nil {
		return nil, fmt.Errorf("%w: give the master key that it was made with, or put the key file back if it was changed", ErrMasterKey)
	}
	return handle, nil
}

// masterKey returns nil when none was given.
func masterKey(o KeyOptions) (tink.AEAD, error) {
	switch len(o.MasterKey) {
	case 0:
		return nil, nil
	case masterKeySize:
		return subtle.NewAESGCM(o.MasterKey)
	}
	return nil, fmt.Errorf("sealed: MasterKey has %d bytes, want %d", len(o.MasterKey), masterKeySize)
}
