package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"suitekeeper/store"
)

// format is the version of what stands inside of age's format.
const format = 1

// Manifest says what is in a backup.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"`    // version of the program that made it
	CreatedAt time.Time `json:"created_at"` // the moment of the snapshot
	Schema    int       `json:"schema"`     // version of the store's schema
	Records   int       `json:"records"`
	Bytes     int64     `json:"bytes"` // of keys and values
	SHA256    string    `json:"sha256"`
	// Collections counts the records by collection.
	Collections map[string]int `json:"collections"`
	// Skipped counts the records that could not be read and were left out.
	Skipped int `json:"skipped,omitempty"`
}

// tally counts and hashes records as they are written or read.
type tally struct {
	records     int
	bytes       int64
	sum         hash.Hash
	collections map[string]int
	frame       []byte // reused
}

func newTally() *tally { return &tally{sum: sha256.New(), collections: map[string]int{}} }

// add counts a record, and returns it as it stands in the file, valid until the
// next.
func (t *tally) add(p store.Pair) []byte {
	t.frame = binary.AppendUvarint(t.frame[:0], uint64(len(p.Key)))
	t.frame = append(t.frame, p.Key...)
	t.frame = binary.AppendUvarint(t.frame, uint64(len(p.Value)))
	t.frame = append(t.frame, p.Value...)
	t.sum.Write(t.frame)
	t.records++
	t.bytes += int64(len(p.Key) + len(p.Value))
	t.collections[collectionOf(p.Key)]++
	return t.frame
}

// collectionOf is the name of the collection that a key belongs to.
func collectionOf(key []byte) string {
	name, _, _ := bytes.Cut(key, []byte{0})
	return string(name)
}

// into puts the counts into a manifest.
func (t *tally) into(m *Manifest) {
	m.Records, m.Bytes, m.Collections = t.records, t.bytes, t.collections
	m.SHA256 = hex.EncodeToString(t.sum.Sum(nil))
}
