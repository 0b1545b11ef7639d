package backup

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"filippo.io/age"

	"suitekeeper/store"
)

// What one update of Load puts at most.
const (
	loadBatch = 1000
	loadBytes = 4 << 20
)

// Load reads a backup into an engine that holds nothing; otherwise it returns
// ErrNotEmpty. Progress, which may be nil, is told how many records were put, now
// and then.
//
// After any error the engine may hold a part of the backup: it is to be dropped.
func Load(ctx context.Context, e store.Engine, src io.Reader, keys []age.Identity, progress func(records int)) (Manifest, error) {
	if err := mustBeEmpty(ctx, e); err != nil {
		return Manifest{}, err
	}
	l := &loader{ctx: ctx, engine: e, progress: progress}
	m, err := Read(src, keys, l.add)
	if err == nil {
		err = l.flush()
	}
	if err != nil {
		return Manifest{}, err
	}
	return m, nil
}

func mustBeEmpty(ctx context.Context, e store.Engine) error {
	return e.View(ctx, func(r store.Reader) error {
		for _, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			return ErrNotEmpty
		}
		return nil
	})
}

// loader puts records, many at once.
type loader struct {
	ctx      context.Context // of the Load that it lives in
	engine   store.Engine
	progress func(int)
	batch    []store.Pair
	bytes    int
	records  int
}

func (l *loader) add(p store.Pair) error {
	l.batch = append(l.batch, store.Pair{Key: bytes.Clone(p.Key), Value: bytes.Clone(p.Value)})
	l.bytes += len(p.Key) + len(p.Value)
	if len(l.batch) < loadBatch && l.bytes < loadBytes {
		return nil
	}
	return l.flush()
}

func (l *loader) flush() error {
	if len(l.batch) == 0 {
		return nil
	}
	err := l.engine.Update(l.ctx, func(w store.Writer) error {
		for _, p := range l.batch {
			if err := w.Put(p.Key, p.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put the records of the backup: %w", err)
	}
	if l.records += len(l.batch); l.progress != nil {
		l.progress(l.records)
	}
	l.batch, l.bytes = nil, 0
	return nil
}
