package store

// Count returns how many entries the collection has with from <= key < to,
// without decoding them; a nil to means up to the end of the collection.
func (c Collection[T]) Count(r Reader, from, to []byte) (int, error) {
	first, end := c.key(from), c.prefix.PrefixEnd()
	if to != nil {
		end = c.key(to)
	}
	n := 0
	for _, err := range r.Scan(first, end, false) {
		if err != nil {
			return 0, c.wrap("count", from, err)
		}
		n++
	}
	return n, nil
}
