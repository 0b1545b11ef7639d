package backup

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"suitekeeper/store"
)

// firstLine is what stands first inside of age's format; the number of the
// format follows.
const firstLine = "suitekeeper backup "

// Options say how a backup is written.
type Options struct {
	Recipients []age.Recipient // whom it is encrypted for; at least one
	Program    string          // version of this program
	Witness    *Witness        // nil: none

	// Progress, which may be nil, is told how many records were written, now
	// and then.
	Progress func(records int)

	// Skip, which may be nil, is asked about every record that cannot be read:
	// whether the backup is to be written without it. Otherwise the error ends
	// the backup.
	Skip func(key []byte, err error) bool
}

// progressEvery is how many records are written or read between two reports.
const progressEvery = 1000

// Write writes a backup of what the engine holds at this moment. A view of the
// engine lasts as long as it takes, so dst should not be slow. After an error,
// and unless Write returned at all, what was written is no backup.
func Write(ctx context.Context, dst io.Writer, e store.Engine, o Options) (Manifest, error) {
	recipients := o.Recipients
	if len(recipients) == 0 {
		return Manifest{}, errors.New("backup: there is nobody to encrypt it for")
	}
	if o.Witness != nil {
		recipients = append([]age.Recipient{witnessed{recipients[0], o.Witness}}, recipients[1:]...)
	}
	sealed, err := age.Encrypt(dst, recipients...)
	if err != nil {
		return Manifest{}, fmt.Errorf("begin the backup: %w", err)
	}
	if _, err := fmt.Fprintf(sealed, "%s%d\n", firstLine, format); err != nil {
		return Manifest{}, fmt.Errorf("begin the backup: %w", err)
	}
	// Most of the time would go into smaller files otherwise.
	packed, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return Manifest{}, err
	}
	w := &writer{Options: o, dst: packed, tally: newTally()}
	m, err := w.write(ctx, e)
	if err == nil {
		err = errors.Join(packed.Close(), sealed.Close())
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("write the backup: %w", err)
	}
	return m, nil
}

// writer writes the records of one snapshot, and the manifest.
type writer struct {
	Options
	dst   io.Writer
	tally *tally
	skips int
}

func (w *writer) write(ctx context.Context, e store.Engine) (Manifest, error) {
	m := Manifest{Format: format, Program: w.Program}
	err := e.View(ctx, func(r store.Reader) (err error) {
		m.CreatedAt = time.Now().UTC()
		if m.Schema, err = store.SchemaVersion(r); err != nil {
			return err
		}
		var from []byte
		for more := true; more && err == nil; more = from != nil {
			from, err = w.records(r, from)
		}
		return err
	})
	if err != nil {
		return m, err
	}
	w.tally.into(&m)
	m.Skipped = w.skips
	text, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	_, err = w.dst.Write(append([]byte{0}, text...))
	return m, err
}

// records writes those from a key on. When one is skipped, it returns the key to
// go on from: a scan ends with its first error.
func (w *writer) records(r store.Reader, from []byte) (next []byte, err error) {
	for pair, err := range r.Scan(from, nil, false) {
		if err != nil {
			if len(pair.Key) == 0 || w.Skip == nil || !w.Skip(pair.Key, err) {
				return nil, err
			}
			w.skips++
			return append(append([]byte(nil), pair.Key...), 0), nil
		}
		if _, err := w.dst.Write(w.tally.add(pair)); err != nil {
			return nil, err
		}
		if w.Progress != nil && w.tally.records%progressEvery == 0 {
			w.Progress(w.tally.records)
		}
	}
	return nil, nil
}
