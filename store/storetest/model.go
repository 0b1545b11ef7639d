package storetest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"suitekeeper/store"
)

// testModel does random operations to the engine and to a map, and compares.
func testModel(t *testing.T, f *fixture) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(f.dir, "")
		if err != nil {
			t.Fatal(err)
		}
		m := &model{fixture: newFixture(t, f.open, dir), want: map[string]string{}}
		defer m.close()
		rt.Repeat(map[string]func(*rapid.T){
			"update": m.update,
			"scan":   m.scan,
			"reopen": func(*rapid.T) { m.reopen() },
		})
	})
}

type model struct {
	*fixture
	want map[string]string
}

var (
	errDrawn = errors.New("drawn to fail")

	// Few keys, so that operations meet, with the bytes that bounds get wrong.
	drawKey = rapid.Map(
		rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 'a', 0xff}), 1, 2),
		func(b []byte) string { return string(b) })
	drawValue = rapid.SampledFrom([]string{"", "x", "some value", fmt.Sprintf("%5000d", 1)})
)

// update draws a few operations for one update, and whether it fails.
func (m *model) update(t *rapid.T) {
	type operation struct {
		kind, key, value string
	}
	operations := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) operation {
		return operation{rapid.SampledFrom([]string{"get", "put", "delete"}).Draw(t, "kind"), drawKey.Draw(t, "key"), drawValue.Draw(t, "value")}
	}), 0, 8).Draw(t, "operations")
	var result error
	if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
		result = errDrawn
	}
	var after map[string]string
	err := m.Update(m.t.Context(), func(w store.Writer) error {
		after = maps.Clone(m.want)
		for _, op := range operations {
			var err error
			switch op.kind {
			case "put":
				after[op.key] = op.value
				err = w.Put([]byte(op.key), []byte(op.value))
			case "delete":
				delete(after, op.key)
				err = w.Delete([]byte(op.key))
			case "get":
				err = m.compare(w, op.key, after)
			}
			if err != nil {
				return err
			}
		}
		return result
	})
	if !errors.Is(err, result) {
		t.Fatalf("Update(%v) = %v, want %v", operations, err, result)
	}
	if err == nil {
		m.want = after
	}
}

func (m *model) compare(r store.Getter, key string, values map[string]string) error {
	want, ok := values[key]
	if !ok {
		want = absent
	}
	if got, err := lookUp(r, key); got != want || err != nil {
		return fmt.Errorf("Get(%q) = %.20q, %v, want %.20q", key, got, err, want)
	}
	return nil
}

// scan compares a drawn range, and one key.
func (m *model) scan(t *rapid.T) {
	bound := rapid.OneOf(rapid.Just(""), drawKey)
	from, to, descending := bound.Draw(t, "from"), bound.Draw(t, "to"), rapid.Bool().Draw(t, "descending")
	var end []byte // an empty bound stands for none
	if to != "" {
		end = []byte(to)
	}
	var want []string
	for _, key := range slices.Sorted(maps.Keys(m.want)) {
		if key >= from && (to == "" || key < to) {
			want = append(want, key, m.want[key])
		}
	}
	err := m.View(m.t.Context(), func(r store.Reader) error {
		got, err := scan(r, []byte(from), end, descending)
		if descending { // keys and values change places with it
			slices.Reverse(got)
			for i := 0; i < len(got); i += 2 {
				got[i], got[i+1] = got[i+1], got[i]
			}
		}
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("Scan(%q, %q, %t) = %.20q, %v, want %.20q", from, to, descending, got, err, want)
		}
		return m.compare(r, drawKey.Draw(t, "key"), m.want)
	})
	if err != nil {
		t.Fatal(err)
	}
}
