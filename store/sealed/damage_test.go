package sealed_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
)

var damageRounds = flag.Int("damage.rounds", 200, "how often TestDamage damages a data file")

// TestDamageIsNeverReadAsData damages a data file again and again, each time in
// another place, and then uses it as a server does: opens it, looks up and lists
// everything, changes something, and does all that once more. Whatever is
// handed out must be what was put, and where nothing can be handed out an error
// must tell which file or record it is and what to do. A crash ends the test.
func TestDamageIsNeverReadAsData(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	files := newVictimFiles(t, random)
	ends := map[string]int{}
	for round := range *damageRounds {
		f := files[round%len(files)]
		damaged, what := damage(random, f.sound)
		end, err := f.use(t, damaged)
		if err != nil {
			t.Errorf("round %d of seed %d: %s: %v", round, seed, what, err)
		}
		ends[end]++
	}
	t.Logf("%d damaged files, seed %d: %v", *damageRounds, seed, ends)
	if *damageRounds >= 100 && len(ends) < 3 {
		t.Errorf("all damage ended as one of %v: the test does not test much", ends)
	}
}

// damage returns the file with something wrong, and what that is.
func damage(random *rand.Rand, sound []byte) (damaged []byte, what string) {
	damaged = bytes.Clone(sound)
	at := random.IntN(len(sound))
	flip := func(at int) string {
		bit := random.IntN(8)
		damaged[at] ^= 1 << bit
		return fmt.Sprintf("bit %d of byte %d flipped", bit, at)
	}
	switch kind := random.IntN(12); kind {
	case 0:
		return damaged[:at], fmt.Sprintf("cut short to %d bytes", at)
	case 1:
		clear(damaged[at:])
		return damaged, fmt.Sprintf("zeros from %d on", at)
	case 2:
		at &^= 511
		clear(damaged[at : at+512])
		return damaged, fmt.Sprintf("512 zeros at %d", at)
	case 3:
		from := random.IntN(len(sound)) &^ 4095
		at &^= 4095
		copy(damaged[at:at+4096], sound[from:])
		return damaged, fmt.Sprintf("page at %d in the place of that at %d", from, at)
	case 4, 5, 6: // where pages say what they are and what is in them
		return damaged, flip(at&^4095 + random.IntN(80))
	case 7:
		flips := []string{flip(at)}
		for range 1 + random.IntN(8) {
			flips = append(flips, flip(random.IntN(len(sound))))
		}
		return damaged, strings.Join(flips, ", ")
	}
	return damaged, flip(at)
}

// victimFile is a data file and what is in it.
type victimFile struct {
	dir   string
	sound []byte
	want  map[string][]byte
}

// newVictimFiles makes files of several sizes: with all records on one page, on
// a few, and in a tree of several levels.
func newVictimFiles(t *testing.T, random *rand.Rand) []*victimFile {
	t.Helper()
	return []*victimFile{
		newVictimFile(t, random, 1, 4),
		newVictimFile(t, random, 6, 15),
		newVictimFile(t, random, 30, 40),
	}
}

// newVictimFile makes a file that has been in use: with free pages, and with
// values that take several pages.
func newVictimFile(t *testing.T, random *rand.Rand, updates, changes int) *victimFile {
	t.Helper()
	f := &victimFile{dir: t.TempDir(), want: map[string][]byte{}}
	e, _ := open(t, f.dir)
	for range updates {
		var keys []string
		for range changes {
			keys = append(keys, fmt.Sprintf("%s\x00%x", []string{"auth", "event", "print"}[random.IntN(3)], random.Uint64N(3000)))
		}
		err := e.Update(t.Context(), func(w store.Writer) error {
			for i, key := range keys {
				if i%5 == 4 {
					delete(f.want, keys[i-3])
					if err := w.Delete([]byte(keys[i-3])); err != nil {
						return err
					}
					continue
				}
				value := bytes.Repeat([]byte(key), 1+random.IntN(20)*random.IntN(20))
				f.want[key] = value
				if err := w.Put([]byte(key), value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.sound, err = os.ReadFile(f.path()); err != nil {
		t.Fatal(err)
	}
	// The file is made larger by millions of bytes at a time. Damage to what is
	// not in use yet would prove nothing.
	f.sound = f.sound[:(len(bytes.TrimRight(f.sound, "\x00"))+4095)&^4095]
	return f
}

func (f *victimFile) path() string { return filepath.Join(f.dir, "data.db") }

// use returns how using the file ended. The error says what must not be.
func (f *victimFile) use(t *testing.T, file []byte) (end string, err error) {
	t.Helper()
	// Another file each time: the old one may be mapped until the process ends.
	if err := errors.Join(os.Remove(f.path()), os.WriteFile(f.path(), file, 0o600)); err != nil {
		t.Fatal(err)
	}
	want := maps.Clone(f.want)
	for _, change := range []string{"first", "second"} {
		end, err := f.useOnce(t, want, change)
		if end != "sound" || err != nil {
			return end, err
		}
	}
	return "sound", nil
}

func (f *victimFile) useOnce(t *testing.T, want map[string][]byte, change string) (end string, err error) {
	t.Helper()
	inner, err := boltstore.Open(t.Context(), boltstore.Options{Path: f.path()})
	if err != nil {
		return "refused", f.explained(err)
	}
	defer inner.Close()
	e, err := sealed.Open(t.Context(), inner, sealed.KeyOptions{Path: filepath.Join(f.dir, "data.key")})
	if err != nil {
		return "refused", f.explained(err)
	}
	if end, err := f.read(t, e, want); end != "sound" || err != nil {
		return end, err
	}
	err = e.Update(t.Context(), func(w store.Writer) error {
		return w.Put([]byte(change), bytes.Repeat([]byte(change), 5000))
	})
	if err != nil {
		return "no update", f.explained(err)
	}
	want[change] = bytes.Repeat([]byte(change), 5000)
	return f.read(t, e, want)
}

// read looks up and lists everything.
func (f *victimFile) read(t *testing.T, e store.Engine, want map[string][]byte) (end string, wrong error) {
	t.Helper()
	end = "sound"
	met := func(err error) bool {
		if err != nil {
			end, wrong = "damaged record", errors.Join(wrong, f.explained(err))
		}
		return err != nil
	}
	err := e.View(t.Context(), func(r store.Reader) error {
		for key, value := range want {
			got, err := r.Get([]byte(key))
			if !met(err) && !bytes.Equal(got, value) {
				wrong = errors.Join(wrong, fmt.Errorf("Get(%q) = %.40q, want %.40q", key, got, value))
			}
		}
		seen := 0
		for pair, err := range r.Scan(nil, nil, false) {
			if met(err) {
				return nil
			}
			if seen++; !bytes.Equal(pair.Value, want[string(pair.Key)]) {
				wrong = errors.Join(wrong, fmt.Errorf("Scan yields %q = %.40q, want %.40q", pair.Key, pair.Value, want[string(pair.Key)]))
			}
		}
		if seen != len(want) && end == "sound" {
			wrong = errors.Join(wrong, fmt.Errorf("Scan yields %d records, want %d", seen, len(want)))
		}
		return nil
	})
	met(err)
	return end, wrong
}

// explained returns what is wrong with an error that operators get.
func (f *victimFile) explained(err error) error {
	text := err.Error()
	named := errors.Is(err, boltstore.ErrDamaged) && strings.Contains(text, f.path()) ||
		errors.Is(err, sealed.ErrDamaged) || errors.Is(err, sealed.ErrWrongKey)
	if !named || !strings.Contains(text, "restore a backup") || strings.Contains(text, "runtime error") {
		return fmt.Errorf("refused with %w, want which file or record is damaged, and the cure", err)
	}
	return nil
}
