package boltstore

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

// What bbolt writes to disk, in the byte order of the machine. A page begins
// with its number, its kind, how many elements it has and how many further
// pages it goes on over. The elements of a page follow, and then the keys and
// values that they point to.
const (
	pageHeaderSize = 16
	elementSize    = 16
	bucketSize     = 16 // root page and sequence number, as a value in a leaf

	kindBranch   = 0x01
	kindLeaf     = 0x02
	kindFreelist = 0x10

	flagBucket = 0x01 // on a leaf's element whose value is a bucket

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	metaSize    = 64

	noFreelist = ^uint64(0)
)

// flaw says what is wrong with a data file, for people.
type flaw string

func (f flaw) Error() string { return string(f) }

func flawf(format string, args ...any) error { return flaw(fmt.Sprintf(format, args...)) }

var order = binary.NativeEndian

// meta is what the first two pages hold: the state of the file after a commit,
// the newer one in one of them and the one before in the other.
type meta struct {
	pageSize uint32
	root     uint64 // page of the root bucket
	freelist uint64 // page of the list of free pages
	pages    uint64 // how many the file has
	commit   uint64
}

// end is where the last of the pages ends.
func (m meta) end() int64 { return int64(m.pages) * int64(m.pageSize) }

// parseMeta reads a meta page; ok is false for one that is not as it was
// written.
func parseMeta(page []byte) (m meta, ok bool) {
	if len(page) < pageHeaderSize+metaSize {
		return meta{}, false
	}
	b := page[pageHeaderSize:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	if order.Uint32(b) != metaMagic || order.Uint32(b[4:]) != metaVersion || order.Uint64(b[56:]) != sum.Sum64() {
		return meta{}, false
	}
	return meta{
		pageSize: order.Uint32(b[8:]),
		root:     order.Uint64(b[16:]),
		freelist: order.Uint64(b[32:]),
		pages:    order.Uint64(b[40:]),
		commit:   order.Uint64(b[48:]),
	}, true
}

// IsDataFile tells by the first bytes of a file, 20 or more, whether it is a
// data file, or was one.
func IsDataFile(begin []byte) bool {
	return len(begin) >= pageHeaderSize+4 && order.Uint32(begin[pageHeaderSize:]) == metaMagic
}

// page is the bytes of one page with those that it goes on over.
type page []byte

func (p page) id() uint64      { return order.Uint64(p) }
func (p page) kind() uint16    { return order.Uint16(p[8:]) }
func (p page) count() int      { return int(order.Uint16(p[10:])) }
func (p page) overflow() int64 { return int64(order.Uint32(p[12:])) }

// fits tells whether the page is as long as its elements alone need.
func (p page) fits() bool { return len(p) >= pageHeaderSize+p.count()*elementSize }

// child is an element of a branch: the first key below it, and its page.
type child struct {
	key  []byte
	page uint64
}

func (p page) child(i int) (child, bool) {
	e := p[pageHeaderSize+i*elementSize:]
	key, ok := cut(e, int(order.Uint32(e)), int(order.Uint32(e[4:])))
	return child{key, order.Uint64(e[8:])}, ok
}

// record is an element of a leaf.
type record struct {
	key, value []byte
	flags      uint32
}

func (p page) record(i int) (record, bool) {
	e := p[pageHeaderSize+i*elementSize:]
	start, keySize, valueSize := int(order.Uint32(e[4:])), int(order.Uint32(e[8:])), int(order.Uint32(e[12:]))
	both, ok := cut(e, start, keySize+valueSize)
	if !ok {
		return record{}, false
	}
	return record{both[:keySize], both[keySize:], order.Uint32(e)}, true
}

// cut returns the size bytes of b from start on, if it has them.
func cut(b []byte, start, size int) ([]byte, bool) {
	if start < 0 || size < 0 || start > len(b) || size > len(b)-start {
		return nil, false
	}
	return b[start : start+size], true
}

// bitmap is a set of pages.
type bitmap []uint64

func newBitmap(pages uint64) bitmap { return make(bitmap, pages/64+1) }

func (m bitmap) has(page uint64) bool { return m[page/64]&(1<<(page%64)) != 0 }

func (m bitmap) add(page uint64) { m[page/64] |= 1 << (page % 64) }
