package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// What an inspection takes for damage, because no sound file has it.
const (
	minPageSize = 1 << 10
	maxPageSize = 1 << 24
	maxDepth    = 64 // of a tree, which has hundreds of children on a page
)

// pagesPerCheck is how many pages an inspection reads between two looks at its
// context.
const pagesPerCheck = 256

// summary is what an inspection finds in a sound file.
type summary struct {
	keys keySum
	// recorded is the sum that the last commit left, 0 where none did: in an
	// empty file, and in one that was written before sums were kept.
	recorded keySum
	commit   uint64 // the newest
}

// inspection reads the whole structure of a data file: every page is used just
// once or free, all keys are in order and can be found, and they are those that
// were put. What the values hold it does not look at.
//
// bbolt itself trusts its file. It has no checksums but in the first two pages,
// so that a page with a wrong count hides its records, and a wrong list of free
// pages has sound ones overwritten. And it reads through a memory map, where a
// wrong pointer ends the process. So the inspection comes before bbolt, if it
// can, and reads with plain reads. It keeps two bits of memory for each page.
type inspection struct {
	ctx  context.Context
	file *os.File
	meta meta

	used    bitmap
	free    bitmap
	buffers [maxDepth + 1]page // of the pages on the way down
	last    []byte             // the key before
	read    int                // pages
	rest    func() error       // nil, or called now and then
}

// newInspection begins the inspection of a file as it was after a commit. Its
// errors, and those of inspections, are flaws when the file is not sound; others
// are those of reading it and of ctx.
func newInspection(ctx context.Context, file *os.File, m meta) (*inspection, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if have := uint64(info.Size()) / uint64(m.pageSize); have < m.pages {
		return nil, flawf("it was cut short to %d bytes of %d", info.Size(), m.pages*uint64(m.pageSize))
	}
	x := &inspection{ctx: ctx, file: file, meta: m, used: newBitmap(m.pages), free: newBitmap(m.pages)}
	x.used.add(0)
	x.used.add(1)
	return x, nil
}

// all reads the whole structure.
func (x *inspection) all() (summary, error) {
	found, err := x.buckets()
	if err == nil {
		err = x.freelist()
	}
	if err == nil {
		err = x.complete()
	}
	return found, err
}

// ends reads where the trees begin, and the list of free pages, which is all
// that is read of the structure before bbolt does.
func (x *inspection) ends() (summary, error) {
	bucket, err := x.bucket()
	if err == nil {
		err = x.freelist()
	}
	if err != nil {
		return summary{}, err
	}
	return summary{recorded: bucket.keys()}, nil
}

// newestMeta reads the first two pages. Both have to be sound: each is written
// within one sector, which a disk writes whole or not at all. When one is not,
// it may be the newer, and the other would take back the last commit.
func newestMeta(file io.ReaderAt) (meta, error) {
	first, err := readMeta(file, 0, 0)
	if err != nil {
		return meta{}, err
	}
	if first.pageSize == 0 {
		return meta{}, flaw("its first page is not as it was written")
	}
	second, err := readMeta(file, int64(first.pageSize), 1)
	switch {
	case err != nil:
		return meta{}, err
	case second.pageSize != first.pageSize:
		return meta{}, flaw("its second page is not as it was written")
	case second.commit > first.commit:
		return second, nil
	}
	return first, nil
}

// readMeta returns an empty meta for a page that is not sound, and for one that
// belongs to the other place: bbolt writes even commits to the first page, and
// odd ones to the second.
func readMeta(file io.ReaderAt, at int64, parity uint64) (meta, error) {
	b := make([]byte, pageHeaderSize+metaSize)
	if _, err := file.ReadAt(b, at); err != nil {
		return meta{}, cannotReadPage(err)
	}
	m, ok := parseMeta(b)
	if !ok || m.pageSize < minPageSize || m.pageSize > maxPageSize || m.commit%2 != parity {
		return meta{}, nil
	}
	return m, nil
}

func cannotReadPage(err error) error {
	if errors.Is(err, io.EOF) {
		return flaw("it was cut short")
	}
	return fmt.Errorf("read a page: %w", err)
}

// bucketRecord is what the root bucket holds of a bucket.
type bucketRecord []byte

func (b bucketRecord) root() uint64 { return order.Uint64(b) }
func (b bucketRecord) keys() keySum { return keySum(order.Uint64(b[8:])) }
func (b bucketRecord) inline() page { return page(b[bucketSize:]) }

// bucket walks the root bucket, and returns the one bucket that is in it.
func (x *inspection) bucket() (bucket bucketRecord, err error) {
	err = x.tree(x.meta.root, keyRange{}, 0, func(r record) error {
		if r.flags != flagBucket || !bytes.Equal(r.key, bucketName) || len(r.value) < bucketSize {
			return flaw("it was not made by suitekeeper, or its first bucket is damaged")
		}
		bucket = bytes.Clone(r.value)
		return nil
	})
	if err == nil && bucket == nil {
		err = flaw("it was not made by suitekeeper")
	}
	return bucket, err
}

// buckets walks the root bucket, and the one bucket that is in it.
func (x *inspection) buckets() (summary, error) {
	bucket, err := x.bucket()
	if err != nil {
		return summary{}, err
	}
	found := summary{recorded: bucket.keys()}
	x.last = nil
	add := func(r record) error {
		if r.flags != 0 {
			return flaw("a record is marked as something else")
		}
		found.keys.add(r.key)
		return nil
	}
	if root := bucket.root(); root != 0 {
		err = x.tree(root, keyRange{}, 0, add)
	} else { // so small that it stands in the root bucket
		err = x.leaf(bucket.inline(), keyRange{}, add)
	}
	if err == nil && found.recorded != 0 && found.recorded != found.keys {
		err = flaw("records are missing, or stand under other keys than they were put under")
	}
	return found, err
}

// keyRange is where the keys of a page must lie: from <= key < to. A nil to
// means that there is no end.
type keyRange struct{ from, to []byte }

func (r keyRange) has(key []byte) bool {
	return bytes.Compare(key, r.from) >= 0 && (r.to == nil || bytes.Compare(key, r.to) < 0)
}

// tree visits the records below a page, in order.
func (x *inspection) tree(id uint64, in keyRange, depth int, visit func(record) error) error {
	p, err := x.page(id, depth)
	if err != nil {
		return err
	}
	switch p.kind() {
	case kindBranch:
		return x.branch(p, in, depth, visit)
	case kindLeaf:
		return x.leaf(p, in, visit)
	}
	return flawf("page %d is of an unknown kind", id)
}

func (x *inspection) branch(p page, in keyRange, depth int, visit func(record) error) error {
	if p.count() == 0 || !p.fits() {
		return flawf("page %d has a wrong count", p.id())
	}
	next, ok := p.child(0)
	for i := range p.count() {
		c := next
		below := keyRange{c.key, in.to}
		if i+1 < p.count() {
			var more bool
			next, more = p.child(i + 1)
			ok = ok && more && bytes.Compare(c.key, next.key) < 0
			below.to = next.key
		}
		if !ok || !in.has(c.key) {
			return flawf("page %d has keys that are out of order", p.id())
		}
		if err := x.tree(c.page, below, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

func (x *inspection) leaf(p page, in keyRange, visit func(record) error) error {
	if len(p) < pageHeaderSize || p.kind() != kindLeaf || !p.fits() {
		return flaw("a page has a wrong count")
	}
	for i := range p.count() {
		r, ok := p.record(i)
		if !ok || !in.has(r.key) || (x.last != nil && bytes.Compare(x.last, r.key) >= 0) {
			return flawf("page %d has keys that are out of order", p.id())
		}
		if err := visit(r); err != nil {
			return err
		}
		x.last = append(x.last[:0], r.key...)
	}
	return nil
}

// page reads a page of a tree, which is used from then on. Its bytes are valid
// until another page of that depth is read.
func (x *inspection) page(id uint64, depth int) (page, error) {
	if depth > maxDepth {
		return nil, flawf("page %d is deeper than trees grow", id)
	}
	if err := x.pause(); err != nil {
		return nil, err
	}
	p, err := x.readPage(id, x.buffers[depth])
	if err != nil {
		return nil, err
	}
	x.buffers[depth] = p
	for i := range p.overflow() + 1 {
		if at := id + uint64(i); x.used.has(at) {
			return nil, flawf("page %d is used twice", at)
		}
		x.used.add(id + uint64(i))
	}
	return p, nil
}

// pause ends an inspection whose ctx has ended, and has it rest where it is not
// in a hurry.
func (x *inspection) pause() error {
	if x.read++; x.read%pagesPerCheck != 0 {
		return nil
	}
	if x.rest != nil {
		return x.rest()
	}
	return x.ctx.Err()
}

// readPage reads a page with those that it goes on over.
func (x *inspection) readPage(id uint64, buffer page) (page, error) {
	if id < 2 || id >= x.meta.pages {
		return nil, flawf("there is no page %d, which is referred to", id)
	}
	size := int64(x.meta.pageSize)
	p, err := x.readAt(buffer, int64(id)*size, size)
	if err != nil {
		return nil, err
	}
	if p.id() != id {
		return nil, flawf("page %d says that it is another", id)
	}
	more := p.overflow()
	if uint64(more) >= x.meta.pages-id {
		return nil, flawf("page %d goes on behind the end of the file", id)
	}
	if more > 0 {
		return x.readAt(p, int64(id)*size, (more+1)*size)
	}
	return p, nil
}

func (x *inspection) readAt(buffer page, at, size int64) (page, error) {
	if int64(cap(buffer)) < size {
		buffer = make(page, size)
	}
	buffer = buffer[:size]
	if _, err := x.file.ReadAt(buffer, at); err != nil {
		return nil, cannotReadPage(err)
	}
	return buffer, nil
}
