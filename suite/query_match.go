package suite

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"slices"
	"unicode"

	"suitekeeper/store"
)

// How much one answer looks at. Sketches are quickest to look at; there is one
// for about a hundred authorisations. Blocks that were read count with the
// authorisations that were fetched: of those that stand alone, each takes both.
// So does the work that is left for one.
const (
	maxSketches = 20_000
	maxBlocks   = 500
	maxFetched  = MaxLimit + 50 // a full list of neighbours is not cut short
)

// candidate is an authorisation that may be wanted, or, without a corp, a
// place up to which there is none.
type candidate struct {
	key    []byte // of the authorisation
	corp   CorpID
	blocks int // read on the way to it
}

// matching lists the authorisations of a state, or that a search finds.
func (s authSearch) matching(r store.Reader) (AuthorizationList, error) {
	var list AuthorizationList
	if none, err := s.noneInState(r); none || err != nil {
		return list, err
	}
	fetched := 0
	for c, err := range s.candidates(r) {
		if err != nil {
			return AuthorizationList{}, err
		}
		if c.corp == "" || fetched+c.blocks > maxFetched || len(list.Authorizations) == s.Limit {
			list.Next = s.cursor(c.key)
			break
		}
		fetched++
		auth, err := auths.Get(r, c.key)
		if err != nil {
			return AuthorizationList{}, err
		}
		if !changeOf(auth).entry().matches(s.Status, s.Search) {
			continue // it changed so long ago that its change is not among the recent ones
		}
		a, err := s.keeper.authorization(r, auth)
		if err != nil {
			return AuthorizationList{}, err
		}
		list.Authorizations = append(list.Authorizations, a)
		if a.Exchange.State != ExchangeDone {
			fetched++
		}
	}
	return list, nil
}

// noneInState tells by the count of authorisations that there is none to look for.
func (s authSearch) noneInState(r store.Reader) (bool, error) {
	if s.Status == "" {
		return false, nil
	}
	n, err := counts.Get(r, suiteID(s.Suite))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	return n[s.Status] <= 0, nil
}

// candidates yields what may be wanted, in order: from the journal what has
// just changed, and from the blocks everything else. The last one has no corp
// if there may be more.
func (s authSearch) candidates(r store.Reader) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		recent, err := recentChanges(r, s.Suite)
		if err != nil {
			yield(candidate{}, err)
			return
		}
		changed := s.changed(recent)
		for c, err := range s.inBlocks(r) {
			if _, ok := recent[c.corp]; ok && c.corp != "" {
				continue
			}
			for err == nil && len(changed) > 0 && bytes.Compare(changed[0].key, c.key) < 0 {
				if !yield(changed[0], nil) {
					return
				}
				changed = changed[1:]
			}
			if !yield(c, err) || err != nil || c.corp == "" {
				return
			}
		}
		for _, c := range changed {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// changed picks from the journal what is wanted, sorted.
func (s authSearch) changed(recent map[CorpID]authEntry) (list []candidate) {
	for e := range maps.Values(recent) {
		key := corpID(s.Suite, e.Corp)
		if e.matches(s.Status, s.Search) && bytes.Compare(key, s.from) >= 0 {
			list = append(list, candidate{key: key, corp: e.Corp})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return bytes.Compare(a.key, b.key) })
	return list
}

// inBlocks yields what is wanted by the blocks.
func (s authSearch) inBlocks(r store.Reader) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		filter, begin, err := s.newFilter(r)
		if err != nil {
			yield(candidate{}, err)
			return
		}
		sketches, blocks := 0, 0
		for p, err := range s.keeper.sketches.from(r, s.Suite, begin) {
			switch {
			case err != nil:
				yield(candidate{}, err)
				return
			case sketches == maxSketches || blocks == maxBlocks:
				yield(candidate{key: p.key}, nil)
				return
			}
			sketches++
			if !filter.passes(p.key, p.sketch) {
				continue
			}
			blocks++
			named := s.Search != "" && !filter.mayBegin(p.key)
			if !s.inBlock(r, p.key, named, func(c candidate, err error) bool {
				c.blocks = blocks
				return yield(c, err)
			}) {
				return
			}
		}
	}
}

// inBlock yields what is wanted by one block. It returns false when that is
// enough. Where the block cannot have a corp id that begins with the search, it
// is decoded only if the search is in it.
func (s authSearch) inBlock(r store.Reader, key []byte, named bool, yield func(candidate, error) bool) bool {
	data, err := rawBlocks.Get(r, key)
	if err == nil && named && !bytes.Contains(data, []byte(s.Search)) {
		return true
	}
	var block []authEntry
	if err == nil {
		block, err = blockCodec{}.Decode(data)
	}
	if err != nil {
		yield(candidate{}, err)
		return false
	}
	for _, e := range block {
		if !e.matches(s.Status, s.Search) {
			continue
		}
		key := corpID(s.Suite, e.Corp)
		if bytes.Compare(key, s.from) >= 0 && !yield(candidate{key: key, corp: e.Corp}, nil) {
			return false
		}
	}
	return true
}

// blockFilter tells which blocks may hold something wanted.
type blockFilter struct {
	status uint8 // zero for any
	pieces []uint32
	begins []keyRange // where the blocks begin whose corp ids may begin with the search; nil for no search
}

// newFilter returns the filter, and the block to begin with.
func (s authSearch) newFilter(r store.Reader) (f blockFilter, begin []byte, err error) {
	if s.Status != "" {
		f.status = statusBit(s.Status)
	}
	if s.Search != "" {
		f.pieces = slices.Collect(pieces(s.Search))
		if f.begins, err = s.spans(r); err != nil {
			return f, nil, err
		}
	}
	begin, _, err = blockAt(r, s.Suite, s.from)
	return f, begin, err
}

func (f blockFilter) passes(key []byte, sketch authSketch) bool {
	if f.status != 0 && sketch.Statuses&f.status == 0 {
		return false
	}
	return len(f.pieces) == 0 || sketch.mayHold(f.pieces) || f.mayBegin(key)
}

// mayBegin tells whether a block may have corps whose ids begin with the search.
func (f blockFilter) mayBegin(key []byte) bool {
	return slices.ContainsFunc(f.begins, func(r keyRange) bool {
		return bytes.Compare(key, r.from) >= 0 && bytes.Compare(key, r.to) < 0
	})
}

// spans are the ranges in which blocks with corps begin whose ids begin with
// the search, in whatever case. For each way of writing the first characters it
// looks whether there are such corps, and goes on where there are.
func (s authSearch) spans(r store.Reader) ([]keyRange, error) {
	written := []string{""}
	for _, c := range s.Search {
		var longer []string
		for _, begin := range written {
			for _, c := range cases(c) {
				some, err := s.someBegin(r, begin+string(c))
				if err != nil {
					return nil, err
				}
				if some {
					longer = append(longer, begin+string(c))
				}
			}
		}
		written = longer
	}
	var list []keyRange
	for _, begin := range written {
		prefix := s.beginning(begin)
		block, _, err := blockAt(r, s.Suite, prefix)
		if err != nil {
			return nil, err
		}
		list = append(list, keyRange{block, prefix.PrefixEnd()})
	}
	return list, nil
}

// cases are the ways of writing a folded character.
func cases(c rune) []rune {
	if upper := unicode.ToUpper(c); upper != c {
		return []rune{upper, c}
	}
	return []rune{c}
}

// beginning is what the keys of corps begin with whose ids begin so.
func (s authSearch) beginning(corp string) store.Key {
	key := corpID(s.Suite, CorpID(corp))
	return key[:len(key)-1] // without the end of the part
}

// authKeys are the keys of the authorisations, for those who need no more.
var authKeys = store.NewCollection[struct{}]("auth", keyCodec{})

type keyCodec struct{}

func (keyCodec) Encode(struct{}) ([]byte, error)          { return nil, errors.ErrUnsupported }
func (keyCodec) Decode([]byte) (none struct{}, err error) { return none, nil }

func (s authSearch) someBegin(r store.Reader, corp string) (bool, error) {
	prefix := s.beginning(corp)
	for _, err := range authKeys.Scan(r, prefix, prefix.PrefixEnd(), false) {
		return err == nil, err
	}
	return false, nil
}
