package suite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"suitekeeper/store"
)

// What lists of authorisations by state and searches by name read instead of
// the authorisations: state and name of each, in blocks in the order of the
// corp ids, and beside each block a sketch that tells what it cannot hold.
// A search looks at the sketches of a suite, about ten bytes for each corp, and
// at the few blocks that may hold what it looks for.
//
// An index with a key for each part of a name would need a dozen keys in random
// order for each corp, and would have the names in keys, which are not sealed.
var (
	authBlocks   = store.NewCollection[[]authEntry]("auth-block", blockCodec{})  // suite, corp where it begins
	authSketches = store.NewCollection[authSketch]("auth-sketch", sketchCodec{}) // the same
)

// rawBlocks are the blocks as they are stored, for those who look into many and
// decode few. Names are in them as they are compared.
var rawBlocks = store.NewCollection[[]byte]("auth-block", rawCodec{})

type rawCodec struct{}

func (rawCodec) Encode([]byte) ([]byte, error)      { return nil, errors.ErrUnsupported }
func (rawCodec) Decode(data []byte) ([]byte, error) { return data, nil }

// maxBlock is how many authorisations a block holds. A change rewrites a block,
// some 10 kB.
const maxBlock = 128

// authEntry is what lists need to know of an authorisation to find it.
type authEntry struct {
	Corp   CorpID
	Status Status
	Name   string // folded
}

// blockCodec writes the entries of a block one after the other.
type blockCodec struct{}

func (blockCodec) Encode(block []authEntry) ([]byte, error) {
	var b []byte
	for _, e := range block {
		b = append(b, byte(slices.Index(Statuses(), e.Status)))
		for _, text := range [...]string{string(e.Corp), e.Name} {
			b = binary.AppendUvarint(b, uint64(len(text)))
			b = append(b, text...)
		}
	}
	return b, nil
}

var errBlock = errors.New("block of authorisations is cut short")

func (blockCodec) Decode(data []byte) ([]authEntry, error) {
	block := make([]authEntry, 0, maxBlock)
	text := string(data) // one copy for all the entries
	known := Statuses()
	for len(data) > 0 {
		var e authEntry
		if i := int(data[0]); i < len(known) {
			e.Status = known[i]
		}
		data, text = data[1:], text[1:]
		for _, part := range [...]*string{(*string)(&e.Corp), &e.Name} {
			n, rest, ok := cutUvarint(data)
			if !ok || n > uint64(len(rest)) {
				return nil, errBlock
			}
			text = text[len(data)-len(rest):]
			*part = text[:n]
			data, text = rest[n:], text[n:]
		}
		block = append(block, e)
	}
	return block, nil
}

// blockWrite is a block to be put, with its sketch.
type blockWrite struct {
	key   []byte
	block []authEntry
}

func (b blockWrite) put(w store.Writer) error {
	if err := authBlocks.Put(w, b.key, b.block); err != nil {
		return err
	}
	return authSketches.Put(w, b.key, sketchOf(b.block))
}

// planBlocks returns the blocks of a suite that change when the entries, which
// are sorted, are put into them.
func planBlocks(r store.Reader, suite SuiteKey, entries []authEntry) ([]blockWrite, error) {
	var plan []blockWrite
	for len(entries) > 0 {
		key, end, err := blockAt(r, suite, corpID(suite, entries[0].Corp))
		if err != nil {
			return nil, err
		}
		block, err := authBlocks.Get(r, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		n := 0
		for n < len(entries) && (end == nil || bytes.Compare(corpID(suite, entries[n].Corp), end) < 0) {
			block = putEntry(block, entries[n])
			n++
		}
		entries = entries[n:]
		plan = append(plan, splitBlock(suite, key, block)...)
	}
	return plan, nil
}

// blockAt finds the block that has the place for a key: where it begins and
// where the next one does, nil if there is none. A suite's first block begins
// before every corp.
func blockAt(r store.Reader, suite SuiteKey, at []byte) (begin, end []byte, err error) {
	prefix := suiteID(suite)
	begin = corpID(suite, "")
	for s, err := range authSketches.Scan(r, prefix, successor(at), true) {
		if err != nil {
			return nil, nil, err
		}
		begin = s.Key
		break
	}
	for s, err := range authSketches.Scan(r, successor(begin), prefix.PrefixEnd(), false) {
		if err != nil {
			return nil, nil, err
		}
		return begin, s.Key, nil
	}
	return begin, nil, nil
}

// putEntry sets a corp's entry in a sorted block.
func putEntry(block []authEntry, e authEntry) []authEntry {
	i, found := slices.BinarySearchFunc(block, e, authEntry.compare)
	if found {
		block[i] = e
		return block
	}
	return slices.Insert(block, i, e)
}

// splitBlock cuts a block that has grown too large into even parts with room
// to grow. The first part stays where the block began.
func splitBlock(suite SuiteKey, key []byte, block []authEntry) []blockWrite {
	if len(block) <= maxBlock {
		return []blockWrite{{key, block}}
	}
	const filled = maxBlock * 3 / 4
	parts := (len(block) + filled - 1) / filled
	var list []blockWrite
	for i := range parts {
		part := block[len(block)*i/parts : len(block)*(i+1)/parts]
		if i > 0 {
			key = corpID(suite, part[0].Corp)
		}
		list = append(list, blockWrite{key, part})
	}
	return list
}

// matches tells whether an authorisation is in that state, and whether its corp
// id begins with the folded text or its name holds it; empty: any will do.
func (e authEntry) matches(status Status, search string) bool {
	return (status == "" || e.Status == status) &&
		(search == "" || strings.Contains(e.Name, search) || e.corpBegins(search))
}

func (e authEntry) corpBegins(search string) bool {
	return len(e.Corp) >= len(search) && strings.EqualFold(string(e.Corp[:len(search)]), search)
}
