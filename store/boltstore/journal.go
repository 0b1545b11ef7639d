package boltstore

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"

	"suitekeeper/store/durable"
)

// JournalSuffix is what the name of the journal has behind that of its data
// file, which it belongs to. The file is complete without it after Close.
const JournalSuffix = ".journal"

const (
	journalSize  = 2 << 20
	journalBlock = 4096 // every entry begins on one, so that no write touches what others hold

	// maxUnsettled bounds the keys that are in the journal only, and so how
	// long the commit takes that puts them into the data file.
	maxUnsettled = 4096
)

// position is a state of the data file: the commit that made it, and the sum of
// its keys, which another file with as many commits would not have.
type position struct {
	commit uint64
	keys   keySum
}

// journal is the file that holds what was committed on top of the data file and
// is not in it yet. An entry of it is one commit. That costs one flush of a few
// pages that lie side by side and are there already, where bbolt needs two, of
// pages all over its file.
//
// Entries count only for the state of the data file that they were written for.
// So the next commit of that makes all of them void at once, and those after it
// are written from the beginning again. A session, a number that each Open
// draws, tells them from what else was ever written in that place.
type journal struct {
	file    *os.File
	session uint64
	base    position // that its entries are on top of
	number  uint32   // of the next entry
	end     int64    // where it goes
	buffer  []byte

	// broken is set when an entry could not be written because the disk is full,
	// on file systems that need new room for what is overwritten.
	broken bool
}

// openJournal opens the journal of a data file that is locked for writing, and
// returns what is in it on top of the file as it is. There is no journal, nil,
// where the disk has no room for one.
func openJournal(path string, at position) (*journal, changes, error) {
	path += JournalSuffix
	left, err := readJournal(path, at)
	if err != nil {
		return nil, nil, err
	}
	f, err := makeJournal(path)
	switch {
	case noSpace(err):
		return nil, left, nil
	case err != nil:
		return nil, nil, fmt.Errorf("make the journal %s: %w", path, err)
	}
	var session [8]byte
	_, _ = rand.Read(session[:]) // never fails
	return &journal{file: f, session: binary.LittleEndian.Uint64(session[:]), base: at}, left, nil
}

// makeJournal opens the journal for writing, and makes it if it is not there.
// Its bytes are written, not only allocated: flushing them later is all that a
// commit waits for, and not the file system's own journal.
func makeJournal(path string) (*os.File, error) {
	err := durable.Create(path, func(temp string) error {
		return os.WriteFile(temp, make([]byte, journalSize), 0o600)
	})
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

// restart begins anew on top of a state of the data file.
func (j *journal) restart(at position) { j.base, j.number, j.end = at, 0, 0 }

// takes tells whether there is room for an entry of what the batch changes.
func (j *journal) takes(b *batch) bool {
	return !j.broken && j.end+blocks(entryHeader+b.bytes+len(b.changes)*2*binary.MaxVarintLen32) <= journalSize
}

func blocks(bytes int) int64 {
	return (int64(bytes) + journalBlock - 1) &^ (journalBlock - 1)
}

// append writes and flushes an entry.
func (j *journal) append(c changes) error {
	j.buffer = entry{session: j.session, base: j.base, number: j.number}.encode(j.buffer[:0], c)
	_, err := j.file.WriteAt(j.buffer, j.end)
	if err == nil {
		err = flush(j.file)
	}
	if noSpace(err) {
		j.broken = true
	}
	j.number++
	j.end += int64(len(j.buffer))
	return err
}

// close closes the file. A nil journal has none.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}

// readJournal returns what the journal holds on top of a state of the data file;
// nothing when there is no journal.
func readJournal(path string, at position) (changes, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	left, err := replay(data, at)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w; restore a backup, or move this file away and do without what was acknowledged last", ErrDamaged, path, err)
	}
	return left, nil
}

// replay reads the entries one after another. The last one may have been torn by
// a crash: it was never acknowledged then. One that is torn and has others behind
// it, which were written when it was flushed already, is damage.
func replay(data []byte, at position) (changes, error) {
	left := changes{}
	var session uint64
	for number := uint32(0); ; number++ {
		e, content, ok := parseEntry(data)
		if !ok || e.base != at || e.number != number || number > 0 && e.session != session {
			return left, noneBehind(data, at, number, session)
		}
		session = e.session
		if err := left.read(content); err != nil {
			return nil, fmt.Errorf("entry %d: %w", number, err)
		}
		data = data[min(blocks(entryHeader+len(content)), int64(len(data))):]
	}
}

// noneBehind returns an error when an entry follows somewhere that has a higher
// number than the one that is missing.
func noneBehind(data []byte, at position, missing uint32, session uint64) error {
	for ; len(data) > journalBlock; data = data[journalBlock:] {
		e, _, ok := parseEntry(data[journalBlock:])
		if ok && e.base == at && e.number > missing && (missing == 0 || e.session == session) {
			return fmt.Errorf("entry %d is not as it was written, and entry %d follows", missing, e.number)
		}
	}
	return nil
}

// entryHeader is the size of what an entry begins with, in little-endian: the
// magic and the checksum of all that follows it, 4 bytes each; session, commit
// and sum of the keys, 8 bytes each; number and length of the content, 4 bytes
// each.
const entryHeader = 40

const entryMagic = "skj1"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is one commit in the journal; its content is as changes.read reads it.
type entry struct {
	session uint64
	base    position
	number  uint32
}

// encode appends the entry with such content to b, which is empty, in whole
// blocks.
func (e entry) encode(b []byte, c changes) []byte {
	b = append(b, make([]byte, entryHeader)...)
	for key, value := range c {
		b = appendChange(b, key, value)
	}
	return e.seal(b)
}

// seal writes the header in front of the content, for which b has room, and
// fills up the last block.
func (e entry) seal(b []byte) []byte {
	copy(b, entryMagic)
	le := binary.LittleEndian
	le.PutUint64(b[8:], e.session)
	le.PutUint64(b[16:], e.base.commit)
	le.PutUint64(b[24:], uint64(e.base.keys))
	le.PutUint32(b[32:], e.number)
	le.PutUint32(b[36:], uint32(len(b)-entryHeader))
	le.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return append(b, make([]byte, blocks(len(b))-int64(len(b)))...)
}

// parseEntry reads the entry that b begins with; ok is false when there is
// none that is as it was written.
func parseEntry(b []byte) (e entry, content []byte, ok bool) {
	if len(b) < entryHeader || !bytes.HasPrefix(b, []byte(entryMagic)) {
		return e, nil, false
	}
	le := binary.LittleEndian
	size := le.Uint32(b[36:])
	if uint64(size) > uint64(len(b)-entryHeader) {
		return e, nil, false
	}
	b, sum := b[:entryHeader+int(size)], le.Uint32(b[4:])
	if crc32.Checksum(b[8:], castagnoli) != sum {
		return e, nil, false
	}
	return entry{
		session: le.Uint64(b[8:]),
		base:    position{commit: le.Uint64(b[16:]), keys: keySum(le.Uint64(b[24:]))},
		number:  le.Uint32(b[32:]),
	}, b[entryHeader:], true
}
