package store_test

import (
	"bytes"
	"cmp"
	"testing"
	"time"

	"pgregory.net/rapid"

	"suitekeeper/store"
)

// parts is what the keys of these tests are built of.
type parts struct {
	suite string
	at    time.Time
	id    []byte
}

func (p parts) key() store.Key { return store.Key{}.Text(p.suite).Time(p.at).Bytes(p.id) }

func (p parts) compare(q parts) int {
	return cmp.Or(cmp.Compare(p.suite, q.suite), p.at.Compare(q.at), bytes.Compare(p.id, q.id))
}

// drawParts draws from few bytes, so that equal and nearly equal parts are
// common, and from those that the encoding treats specially.
func drawParts(t *rapid.T, label string) parts {
	special := rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 0x02, 'a', 0xff}), 0, 4)
	seconds := rapid.OneOf(rapid.Int64Range(-2, 2), rapid.Int64Range(-62135596800, 253402300799))
	return parts{
		suite: string(special.Draw(t, label+" suite")),
		at:    time.Unix(seconds.Draw(t, label+" seconds"), rapid.Int64Range(0, 2).Draw(t, label+" nanoseconds")),
		id:    special.Draw(t, label+" id"),
	}
}

func TestKeysSortAsTheirPartsDoAndNeverCollide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawParts(t, "p"), drawParts(t, "q")
		if got, want := bytes.Compare(p.key(), q.key()), p.compare(q); got != want {
			t.Fatalf("Compare(%x, %x) = %d, want %d, as the parts %+v and %+v", p.key(), q.key(), got, want, p, q)
		}
	})
}

func TestKeyOfFirstPartsCoversExactlyWhatContinuesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawParts(t, "p"), drawParts(t, "q")
		prefix := store.Key{}.Text(p.suite)
		inside := bytes.Compare(prefix, q.key()) <= 0 && bytes.Compare(q.key(), prefix.PrefixEnd()) < 0
		if want := p.suite == q.suite; inside != want {
			t.Fatalf("%x in range of prefix %x = %t, want %t", q.key(), prefix, inside, want)
		}
	})
}

func TestPrefixEnd(t *testing.T) {
	for _, tt := range []struct{ key, want string }{
		{"", ""},
		{"a", "b"},
		{"a\x00", "a\x01"},
		{"a\xff", "b"},
		{"\xff\xff", ""},
	} {
		got := store.Key(tt.key).PrefixEnd()
		if string(got) != tt.want || (got == nil) != (tt.want == "") {
			t.Errorf("Key(%q).PrefixEnd() = %q, want %q", tt.key, got, tt.want)
		}
	}
}

func TestKeysThatContinueOneKeyDoNotShareMemory(t *testing.T) {
	base := append(make(store.Key, 0, 64), store.Key{}.Text("suite")...)
	a, b := base.Text("a"), base.Text("b")
	if !bytes.Equal(a, store.Key{}.Text("suite").Text("a")) || !bytes.Equal(b, store.Key{}.Text("suite").Text("b")) {
		t.Errorf("base.Text(a), base.Text(b) = %q, %q: one overwrote the other", a, b)
	}
	early, late := base.Time(time.Unix(1, 0)), base.Time(time.Unix(2, 0))
	if bytes.Equal(early, late) {
		t.Errorf("base.Time at two moments = %x twice", early)
	}
}
