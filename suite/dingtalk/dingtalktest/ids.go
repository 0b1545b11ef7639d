package dingtalktest

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// ids makes codes, tokens and names that look like DingTalk's. With the same
// seed it makes the same ones in the same order.
type ids struct{ rnd *rand.Rand }

func newIDs(seed uint64) *ids {
	var key [32]byte
	if seed == 0 {
		cryptorand.Read(key[:])
	} else {
		binary.LittleEndian.PutUint64(key[:], seed)
	}
	return &ids{rnd: rand.New(rand.NewChaCha8(key))}
}

// hex is prefix and 32 hexadecimal digits.
func (i *ids) hex(prefix string) string {
	return fmt.Sprintf("%s%016x%016x", prefix, i.rnd.Uint64(), i.rnd.Uint64())
}

// text is n letters and digits.
func (i *ids) text(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for k := range b {
		b[k] = alphabet[i.rnd.IntN(len(alphabet))]
	}
	return string(b)
}

// number has nine digits.
func (i *ids) number() int64 { return 100_000_000 + i.rnd.Int64N(900_000_000) }
