package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// replay reads the entries one after another. The last one may have been torn by
// a crash: it was never acknowledged then. One that is torn and has others behind
// it, which were written when it was flushed already, is damage.
func replay(data []byte, at position) (changes, error) {
	left := changes{}
	if at.keys == 0 {
		return left, nil // see journal.takes
	}
	var session uint64
	for number := uint32(0); ; number++ {
		e, content, ok := parseEntry(data)
		if !ok {
			if err := noneBehind(data, at, number, session); err != nil {
				return nil, err
			}
			return left, nil
		}
		if e.base != at || e.number != number || number > 0 && e.session != session {
			return left, nil
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
