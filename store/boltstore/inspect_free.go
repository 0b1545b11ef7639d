package boltstore

// freelist reads the list of free pages. bbolt takes new pages from it, so a
// page in use that it named would be overwritten.
func (x *inspection) freelist() error {
	if x.meta.freelist == noFreelist {
		return nil
	}
	p, err := x.page(x.meta.freelist, 0)
	if err != nil {
		return err
	}
	ids, ok := p.freePages()
	if !ok {
		return flaw("its list of free pages makes no sense")
	}
	for len(ids) > 0 {
		id := order.Uint64(ids)
		if id < 2 || id >= x.meta.pages || x.used.has(id) || x.free.has(id) {
			return flawf("its list of free pages names page %d, which is not free", id)
		}
		x.free.add(id)
		ids = ids[8:]
	}
	return nil
}

// freePages returns the numbers of the free pages, eight bytes each. Where
// there are more than the header can count, the first number is how many.
func (p page) freePages() (ids []byte, ok bool) {
	if p.kind() != kindFreelist {
		return nil, false
	}
	ids = p[pageHeaderSize:]
	n := uint64(p.count())
	if n == 0xFFFF {
		n, ids = order.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return nil, false
	}
	return ids[:n*8], true
}

// complete finds pages that are neither used nor free: something that referred
// to them does so no more.
func (x *inspection) complete() error {
	if x.meta.freelist == noFreelist {
		return nil
	}
	for id := range x.meta.pages {
		if !x.used.has(id) && !x.free.has(id) {
			return flawf("page %d is neither in use nor free", id)
		}
	}
	return nil
}
