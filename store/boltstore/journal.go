package boltstore

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"suitekeeper/store/durable"
)

// JournalSuffix is what the name of the journal has behind that of its data
// file, which it belongs to. The file is complete without it after the Close of a
// DB that has not failed.
const JournalSuffix = ".journal"

const (
	journalSize  = 2 << 20
	journalBlock = 4096 // every entry begins on one, so that no write touches what others hold

	// maxUnsettled bounds the keys that are in the journal only, and with them
	// the pages of the data file that change when they are put into it.
	maxUnsettled = 2048
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
// draws, tells them from what else was ever written in that place. What Open
// finds it overwrites when it is in the data file: or it could count again one
// day, when an older data file has been put back and has had as many commits.
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
// makes it if it is not there. What it holds is void from now on. There is no
// journal, nil, where the disk has no room for one.
func openJournal(path string, at position) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		err = durable.Create(path, func(temp string) error { return os.WriteFile(temp, nil, 0o600) })
		if err == nil {
			f, err = os.OpenFile(path, os.O_RDWR, 0)
		}
	}
	if err == nil {
		err = wipe(f)
	}
	switch {
	case noSpace(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("make the journal %s: %w", path, err)
	}
	var session [8]byte
	_, _ = rand.Read(session[:]) // never fails
	return &journal{file: f, session: binary.LittleEndian.Uint64(session[:]), base: at}, nil
}

// wipe fills the journal with zeros. They are written, not only allocated:
// flushing entries later is all that a commit waits for, and not the file
// system's own journal. It closes the file when that fails, and takes from it
// what there was: whoever has no journal must not leave one.
func wipe(f *os.File) error {
	_, err := f.WriteAt(make([]byte, journalSize), 0)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(0), f.Close())
	}
	return nil
}

// restart begins anew on top of a state of the data file.
func (j *journal) restart(at position) { j.base, j.number, j.end = at, 0, 0 }

// takes tells whether there is room for an entry of what the batch changes, on
// top of what is in the journal already. On top of a data file without any key
// there is none: all new files are in that same state, and so none has anything
// of a journal that it finds.
func (j *journal) takes(b *batch, base layer) bool {
	return !j.broken && j.base.keys != 0 && len(b.changes)+len(base.changes) <= maxUnsettled &&
		j.end+blocks(entryHeader+b.bytes+len(b.changes)*2*binary.MaxVarintLen32) <= journalSize
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
