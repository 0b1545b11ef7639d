package boltstore

// WithReserve returns the options with less address space for the file to grow
// in: what lies beyond it must be mapped anew.
func (o Options) WithReserve(bytes int64) Options {
	o.addresses = bytes
	return o
}

// Entry encodes an entry of a journal, on top of a commit.
func Entry(session, commit uint64, number uint32, c map[string][]byte) []byte {
	return entry{session: session, base: position{commit: commit, keys: 1}, number: number}.encode(nil, c)
}

// EntryOf does so with content that need not make sense.
func EntryOf(session, commit uint64, number uint32, content []byte) []byte {
	e := entry{session: session, base: position{commit: commit, keys: 1}, number: number}
	return e.seal(append(make([]byte, entryHeader), content...))
}

// Replay reads the bytes of a journal on top of a commit.
func Replay(journal []byte, commit uint64) (map[string][]byte, error) {
	return replay(journal, position{commit: commit, keys: 1})
}

// LoseJournal makes the DB one that has none.
func (db *DB) LoseJournal() { db.journal = nil }
