package suite

import (
	"errors"
	"iter"
	"slices"
	"unicode/utf8"
)

// authSketch tells of a block which states it holds, and which pieces of names
// it may hold.
type authSketch struct {
	Statuses uint8 // a bit for each of Statuses()
	Pieces   []byte
}

// sketchSize is how many bytes the pieces of a block's names are marked in. The
// names of a full block mark some tenth of the bits, so a search for two
// Chinese characters passes over nine in ten of the blocks that do not hold
// them, one for four over all but a few.
const sketchSize = 1024

func sketchOf(block []authEntry) authSketch {
	s := authSketch{Pieces: make([]byte, sketchSize)}
	for _, e := range block {
		s.Statuses |= statusBit(e.Status)
		for bit := range pieces(e.Name) {
			s.Pieces[bit/8] |= 1 << (bit % 8)
		}
	}
	return s
}

func statusBit(status Status) uint8 { return 1 << (slices.Index(Statuses(), status) + 1) }

// mayHold tells whether a name with that text in it may be in the block, given
// the pieces of the text.
func (s authSketch) mayHold(bits []uint32) bool {
	for _, bit := range bits {
		if s.Pieces[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

// pieces yields a number below 8*sketchSize for each piece of a text: every
// character, every two that follow each other, and, of the few characters that
// ASCII has, every three. All pieces of a text are pieces of the texts that
// hold it.
func pieces(text string) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		var before, last rune
		for _, r := range text {
			switch {
			case !yield(pieceBit(0, 0, r)),
				last != 0 && !yield(pieceBit(0, last, r)),
				before != 0 && max(before, last, r) < utf8.RuneSelf && !yield(pieceBit(before, last, r)):
				return
			}
			before, last = last, r
		}
	}
}

// pieceBit spreads pieces over the sketch. It is part of the stored form.
func pieceBit(a, b, c rune) uint32 {
	x := uint64(a)<<42 | uint64(b)<<21 | uint64(c)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint32(x^x>>31) % (8 * sketchSize)
}

type sketchCodec struct{}

func (sketchCodec) Encode(s authSketch) ([]byte, error) {
	return append([]byte{s.Statuses}, s.Pieces...), nil
}

func (sketchCodec) Decode(data []byte) (authSketch, error) {
	if len(data) != 1+sketchSize {
		return authSketch{}, errors.New("sketch of a block has the wrong size")
	}
	return authSketch{Statuses: data[0], Pieces: append([]byte(nil), data[1:]...)}, nil
}
