package sealed

import (
	"context"
	"errors"
	"fmt"

	"suitekeeper/store/durable"
)

// ErrRotating says that a rotation has not ended: there are records yet that an
// older data key sealed. Reseal goes on with it.
var ErrRotating = errors.New("the data key is being rotated")

// Rotation tells how far a rotation of the data key is.
type Rotation struct {
	Running bool // the key file holds older keys, too
	Total   int  // records that older keys had sealed when Reseal began; 0 before it has counted them
	Done    int  // of these
}

// Rotation tells how far the rotation is; after it has ended, how many records
// the last one of this process sealed anew.
func (e *Engine) Rotation() Rotation {
	var r Rotation
	if p := e.progress.Load(); p != nil {
		r = *p
	}
	r.Running = e.keys.Load().rotating()
	return r
}

// Rotate puts a new data key beside the old one into the key file. When it
// returns nil, everything that is put from then on is sealed with the new key.
// What the old one sealed can be read as before, and is sealed anew by Reseal.
//
// It returns ErrRotating when an earlier rotation has not ended. After any
// other error the store goes on, with the old key or with the new.
func (e *Engine) Rotate(ctx context.Context) error {
	if err := e.addKey(); err != nil {
		return err
	}
	// An update under way may have sealed something with the old key and be
	// committed later than this. Updates happen one after another, so there
	// are none left when this one has ended.
	return e.putKeyCheck(ctx)
}

func (e *Engine) addKey() error {
	e.changing.Lock()
	defer e.changing.Unlock()
	keys := e.keys.Load()
	if keys.rotating() {
		return ErrRotating
	}
	next, err := keys.withNewKey()
	if err != nil {
		return fmt.Errorf("make a new data key: %w", err)
	}
	if err := e.replaceKeyFile(next, e.options); err != nil {
		return err
	}
	e.keys.Store(next)
	e.progress.Store(&Rotation{})
	return nil
}

// forgetOldKeys takes the older keys out of the key file.
func (e *Engine) forgetOldKeys() error {
	e.changing.Lock()
	defer e.changing.Unlock()
	next, err := e.keys.Load().withoutOldKeys()
	if err != nil {
		return fmt.Errorf("drop the old data key: %w", err)
	}
	if err := e.replaceKeyFile(next, e.options); err != nil {
		return err
	}
	e.keys.Store(next)
	return nil
}

// Wrap writes the key file anew, wrapped by another master key of 32 bytes.
// Copies of the old key file are not changed by that: rotate the data key if
// somebody may have one.
func (e *Engine) Wrap(master []byte) error {
	e.changing.Lock()
	defer e.changing.Unlock()
	o := e.options
	o.MasterKey = master
	if len(master) == 0 {
		return errors.New("sealed: Wrap needs a master key")
	}
	if err := e.replaceKeyFile(e.keys.Load(), o); err != nil {
		return err
	}
	e.options = o
	return nil
}

// replaceKeyFile puts the keys on disk, and makes sure that they can be read
// there. The caller holds changing.
func (e *Engine) replaceKeyFile(keys *keyring, o KeyOptions) error {
	file, err := formatKeyFile(keys.filed, o)
	if err == nil {
		err = durable.Replace(o.Path, file)
	}
	if err != nil {
		return fmt.Errorf("replace the key file %s: %w", o.Path, err)
	}
	_, err = readKeyFile(o)
	return err
}
