package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"filippo.io/age"

	"suitekeeper/store"
)

// What a record of a backup may be as long as. It is more than any engine takes.
const (
	maxKey      = 1 << 20
	maxValue    = 1 << 30
	maxManifest = 1 << 20
	maxLine     = 64
)

// Read reads a backup to its end and calls each, which may be nil, with every
// record. Key and value are valid only until each returns. An error of each ends
// it and is returned.
//
// Only when Read returns no error was the backup whole and unchanged. Until
// then whatever each was given is not to be trusted.
func Read(src io.Reader, keys []age.Identity, each func(store.Pair) error) (Manifest, error) {
	source := &source{Reader: src}
	plain, err := age.Decrypt(source, keys...)
	if err != nil {
		return Manifest{}, source.cause(explainHeader(err))
	}
	m, err := readPlain(plain, each)
	return m, source.cause(err)
}

// explainHeader says what it means that age cannot begin to decrypt.
func explainHeader(err error) error {
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &noMatch):
		return ErrKey
	case strings.Contains(err.Error(), "MAC"):
		return fmt.Errorf("%w: its beginning was changed", ErrDamaged)
	}
	return ErrNotBackup
}

// source remembers why it could not be read, so that this is not taken for
// damage.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (s *source) cause(err error) error {
	if err != nil && s.err != nil {
		return fmt.Errorf("read the backup: %w", s.err)
	}
	return err
}

// readPlain reads what stands inside of age's format.
func readPlain(plain io.Reader, each func(store.Pair) error) (Manifest, error) {
	buffered := bufio.NewReader(plain)
	if err := readFirstLine(buffered); err != nil {
		return Manifest{}, err
	}
	packed, err := gzip.NewReader(buffered)
	if err != nil {
		return Manifest{}, damaged(err)
	}
	packed.Multistream(false)
	r := &reader{src: bufio.NewReader(packed), tally: newTally()}
	m, err := r.read(each)
	if err != nil {
		return Manifest{}, err
	}
	switch _, err := buffered.ReadByte(); {
	case errors.Is(err, io.EOF):
		return m, nil
	case err != nil:
		return Manifest{}, damaged(err)
	}
	return Manifest{}, damaged(errors.New("something stands behind its end"))
}

func damaged(err error) error { return fmt.Errorf("%w: %w", ErrDamaged, err) }

func readFirstLine(r *bufio.Reader) error {
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		b, err := r.ReadByte()
		if err != nil {
			return damaged(err)
		}
		if line = append(line, b); len(line) > maxLine {
			return ErrNotBackup
		}
	}
	version, ok := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), firstLine)
	n, err := strconv.Atoi(version)
	switch {
	case !ok || err != nil:
		return ErrNotBackup
	case n > format:
		return fmt.Errorf("%w: its format is %d, this program knows %d", ErrNewer, n, format)
	}
	return nil
}

// reader reads records and the manifest.
type reader struct {
	src        *bufio.Reader
	tally      *tally
	key, value bytes.Buffer
	last       []byte
}

func (r *reader) read(each func(store.Pair) error) (Manifest, error) {
	for {
		pair, more, err := r.next()
		if err != nil {
			return Manifest{}, damaged(err)
		}
		if !more {
			return r.manifest()
		}
		r.tally.add(pair)
		if each == nil {
			continue
		}
		if err := each(pair); err != nil {
			return Manifest{}, err
		}
	}
}

// next returns the next record; more is false behind the last.
func (r *reader) next() (pair store.Pair, more bool, err error) {
	if err := r.part(&r.key, maxKey); err != nil {
		return pair, false, err
	}
	if r.key.Len() == 0 {
		return pair, false, nil
	}
	if bytes.Compare(r.key.Bytes(), r.last) <= 0 {
		return pair, false, errors.New("its records are out of order")
	}
	r.last = append(r.last[:0], r.key.Bytes()...)
	if err := r.part(&r.value, maxValue); err != nil {
		return pair, false, err
	}
	return store.Pair{Key: r.key.Bytes(), Value: r.value.Bytes()}, true, nil
}

// part reads a key or a value. It takes memory only for what is there.
func (r *reader) part(into *bytes.Buffer, limit uint64) error {
	into.Reset()
	n, err := binary.ReadUvarint(r.src)
	if err != nil {
		return wanted(err)
	}
	if n > limit {
		return fmt.Errorf("a record of %d bytes", n)
	}
	_, err = io.CopyN(into, r.src, int64(n))
	return wanted(err)
}

// wanted says of an end that it came too early.
func wanted(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// manifest reads what stands behind the records, and compares it with them.
func (r *reader) manifest() (Manifest, error) {
	text, err := io.ReadAll(io.LimitReader(r.src, maxManifest+1))
	if err != nil {
		return Manifest{}, damaged(err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil || len(text) > maxManifest {
		return Manifest{}, damaged(errors.New("its manifest cannot be read"))
	}
	said, found := m, m
	r.tally.into(&found)
	if !reflect.DeepEqual(said, found) {
		return Manifest{}, damaged(errors.New("its records are not those of its manifest"))
	}
	return m, nil
}
