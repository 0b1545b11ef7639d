package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"go.uber.org/goleak"

	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var masterKey = []byte("0123456789abcdef0123456789ABCDEF")

// open opens a sealed store in a folder of its own.
func open(t testing.TB) *sealed.Engine {
	t.Helper()
	dir := t.TempDir()
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	e, err := sealed.Open(t.Context(), db, sealed.KeyOptions{Path: filepath.Join(dir, "data.key")})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func put(t testing.TB, e store.Engine, pairs ...string) {
	t.Helper()
	err := e.Update(t.Context(), func(w store.Writer) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := w.Put([]byte(pairs[i]), []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// content returns what the engine holds.
func content(t testing.TB, e store.Engine) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := e.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan(nil, nil, false) {
			if err != nil {
				return err
			}
			found[string(pair.Key)] = string(pair.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// lock is one way to encrypt a backup and to open it.
type lock struct {
	name string
	kind backup.Lock
	to   age.Recipient
	from age.Identity
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// locks are all ways to encrypt a backup.
func locks(t testing.TB) []lock {
	t.Helper()
	x, pq := must(age.GenerateX25519Identity()), must(age.GenerateHybridIdentity())
	return []lock{
		{"master key", backup.LockMasterKey, must(backup.ForMasterKey(masterKey)), must(backup.FromMasterKey(masterKey))},
		{"passphrase", backup.LockPassphrase, must(backup.ForPassphrase("correct horse")), must(backup.FromPassphrase("correct horse"))},
		{"recipient", backup.LockRecipient, must(backup.ParseRecipients([]string{x.Recipient().String()}))[0], x},
		{"recipient after quantum computers", backup.LockRecipient, must(backup.ParseRecipients([]string{pq.Recipient().String()}))[0], pq},
	}
}

// write returns a backup for the master key, and an identity that opens it
// faster than that.
func write(t testing.TB, e store.Engine) ([]byte, age.Identity) {
	t.Helper()
	var file bytes.Buffer
	var witness backup.Witness
	_, err := backup.Write(t.Context(), &file, e, backup.Options{
		Recipients: []age.Recipient{must(backup.ForMasterKey(masterKey))}, Program: "test", Witness: &witness,
	})
	if err != nil {
		t.Fatalf("Write() = %v, want nil", err)
	}
	return file.Bytes(), witness.Identity()
}

func read(file []byte, key age.Identity) (backup.Manifest, error) {
	return backup.Read(bytes.NewReader(file), []age.Identity{key}, nil)
}

func TestBackupIsLoadedAsItWas(t *testing.T) {
	e := open(t)
	pairs := []string{"empty\x00", "", "large", strings.Repeat("x", 5<<20)}
	for i := range 3000 {
		pairs = append(pairs, fmt.Sprintf("event\x00%06d", i), fmt.Sprintf(`{"n":%d}`, i))
	}
	put(t, e, pairs...)
	want := content(t, e)
	for _, l := range locks(t) {
		t.Run(l.name, func(t *testing.T) {
			var file bytes.Buffer
			var witness backup.Witness
			written := 0
			m, err := backup.Write(t.Context(), &file, e, backup.Options{
				Recipients: []age.Recipient{l.to}, Program: "1.2.3", Witness: &witness, Progress: func(n int) { written = n },
			})
			if err != nil {
				t.Fatalf("Write() = %v, want nil", err)
			}
			if m.Records != 3002 || m.Collections["event"] != 3000 || m.Collections["empty"] != 1 || m.Program != "1.2.3" || written != 3000 {
				t.Errorf("Write() = %+v, %d told, want all 3002 records", m, written)
			}
			if kind, err := backup.LockOf(bytes.NewReader(file.Bytes())); kind != l.kind || err != nil {
				t.Errorf("LockOf = %q, %v, want %q", kind, err, l.kind)
			}
			if seen, err := backup.Read(bytes.NewReader(file.Bytes()), []age.Identity{witness.Identity()}, nil); err != nil || seen.SHA256 != m.SHA256 {
				t.Errorf("Read by the witness = %+v, %v, want %+v", seen, err, m)
			}
			loaded := 0
			other := open(t)
			got, err := backup.Load(t.Context(), other, &file, []age.Identity{l.from}, func(n int) { loaded = n })
			if err != nil || got.SHA256 != m.SHA256 || !got.CreatedAt.Equal(m.CreatedAt) || loaded != 3002 {
				t.Errorf("Load() = %+v, %v, %d told, want %+v", got, err, loaded, m)
			}
			if !maps.Equal(content(t, other), want) {
				t.Error("the loaded store holds something else than the one that was backed up")
			}
		})
	}
}

func TestBackupIsOneMomentOfAStoreInUse(t *testing.T) {
	e := open(t)
	set := func(n int) {
		var pairs []string
		for i := range 50 {
			pairs = append(pairs, fmt.Sprintf("key%d", i*7919%50), fmt.Sprint(n))
		}
		put(t, e, pairs...)
	}
	set(0)
	ctx, cancel := context.WithCancel(t.Context())
	var using sync.WaitGroup
	using.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			set(n)
		}
	})
	for range 20 {
		file, key := write(t, e)
		values := map[string]int{}
		_, err := backup.Read(bytes.NewReader(file), []age.Identity{key}, func(p store.Pair) error {
			values[string(p.Value)]++
			return nil
		})
		if err != nil || len(values) != 1 {
			t.Errorf("the backup of a store in use holds values of %d moments, %v, want 1", len(values), err)
		}
	}
	cancel()
	using.Wait()
}

func TestEveryChangeAndEveryMissingByteIsNoticed(t *testing.T) {
	e := open(t)
	put(t, e, "auth\x00corp", "the permanent code", "event\x001", "an event")
	file, key := write(t, e)
	if bytes.Contains(file, []byte("permanent")) || bytes.Contains(file, []byte("auth")) {
		t.Error("the backup holds something in clear")
	}
	for n := range file {
		if _, err := read(file[:n], key); err == nil {
			t.Errorf("Read of %d bytes of %d = nil, want an error", n, len(file))
		}
		changed := bytes.Clone(file)
		changed[n] ^= 1
		if _, err := read(changed, key); err == nil {
			t.Errorf("Read with byte %d of %d changed = nil, want an error", n, len(file))
		}
	}
	_, cut := read(file[:len(file)-1], key)
	_, longer := read(append(bytes.Clone(file), 0), key)
	for what, err := range map[string]error{"cut short": cut, "made longer": longer} {
		if !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("Read(%s) = %v, want %v", what, err, backup.ErrDamaged)
		}
	}
}

func TestReadSaysWhyItCannot(t *testing.T) {
	e := open(t)
	put(t, e, "key", "value")
	file, key := write(t, e)
	all := locks(t)
	plain := func(text string) []byte {
		var file bytes.Buffer
		w := must(age.Encrypt(&file, all[0].to))
		_ = must(io.WriteString(w, text))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	for _, tt := range []struct {
		name string
		file []byte
		key  age.Identity
		want error
	}{
		{"another master key", file, must(backup.FromMasterKey(bytes.Repeat([]byte{1}, 32))), backup.ErrKey},
		{"a passphrase", file, all[1].from, backup.ErrKey},
		{"an identity", file, all[2].from, backup.ErrKey},
		{"nothing", nil, all[0].from, backup.ErrNotBackup},
		{"a data file", make([]byte, 1<<15), all[0].from, backup.ErrNotBackup},
		{"another file of age", plain("my diary\n"), all[0].from, backup.ErrNotBackup},
		{"a long line", plain(strings.Repeat("x", 1000)), all[0].from, backup.ErrNotBackup},
		{"a newer format", plain("suitekeeper backup 2\n…"), all[0].from, backup.ErrNewer},
		{"only its first line", plain("suitekeeper backup 1\n"), all[0].from, backup.ErrDamaged},
	} {
		if _, err := backup.Read(bytes.NewReader(tt.file), []age.Identity{tt.key}, nil); !errors.Is(err, tt.want) {
			t.Errorf("Read(%s) = %v, want %v", tt.name, err, tt.want)
		}
	}
	broken := errors.New("disk failed")
	for n := range len(file) {
		src := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, err := backup.Read(src, []age.Identity{key}, nil); !errors.Is(err, broken) {
			t.Fatalf("Read of a file that fails at byte %d = %v, want %v", n, err, broken)
		}
	}
	if _, err := backup.Read(bytes.NewReader(file), []age.Identity{key}, func(store.Pair) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Read with a function that fails = %v, want %v", err, broken)
	}
}

func TestLoadWantsAnEmptyStore(t *testing.T) {
	e := open(t)
	put(t, e, "key", "value")
	file, _ := write(t, e)
	_, err := backup.Load(t.Context(), e, bytes.NewReader(file), []age.Identity{must(backup.FromMasterKey(masterKey))}, nil)
	if !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("Load(store with data) = %v, want %v", err, backup.ErrNotEmpty)
	}
}

// patchy is an engine of which some records cannot be read.
type patchy struct{ store.Engine }

var errPatch = errors.New("record is damaged")

func (p patchy) View(ctx context.Context, fn func(store.Reader) error) error {
	return p.Engine.View(ctx, func(r store.Reader) error { return fn(patchyReader{r}) })
}

type patchyReader struct{ store.Reader }

func (r patchyReader) Scan(from, to []byte, descending bool) iter.Seq2[store.Pair, error] {
	return func(yield func(store.Pair, error) bool) {
		for pair, err := range r.Reader.Scan(from, to, descending) {
			if bytes.HasPrefix(pair.Key, []byte("bad")) {
				yield(store.Pair{Key: pair.Key}, errPatch)
				return
			}
			if !yield(pair, err) {
				return
			}
		}
	}
}

func TestWriteSkipsWhatCannotBeReadOnlyIfToldTo(t *testing.T) {
	e := open(t)
	put(t, e, "a", "1", "bad1", "", "bad2", "", "c", "2", "bad3", "")
	o := backup.Options{Recipients: []age.Recipient{must(backup.ForMasterKey(masterKey))}}
	if _, err := backup.Write(t.Context(), io.Discard, patchy{e}, o); !errors.Is(err, errPatch) {
		t.Errorf("Write(store with damaged records) = %v, want %v", err, errPatch)
	}
	var skipped []string
	o.Skip = func(key []byte, err error) bool {
		skipped = append(skipped, string(key))
		return errors.Is(err, errPatch)
	}
	var file bytes.Buffer
	m, err := backup.Write(t.Context(), &file, patchy{e}, o)
	if err != nil || m.Skipped != 3 || m.Records != 2 || strings.Join(skipped, " ") != "bad1 bad2 bad3" {
		t.Errorf("Write with Skip = %+v, %v, skipped %q, want 2 records without the 3 bad ones", m, err, skipped)
	}
	if got, err := read(file.Bytes(), must(backup.FromMasterKey(masterKey))); err != nil || got.Skipped != 3 {
		t.Errorf("Read() = %+v, %v, want 3 skipped", got, err)
	}
}

func TestWriteEndsWithItsContextAndItsWriter(t *testing.T) {
	e := open(t)
	for i := range 20 {
		put(t, e, fmt.Sprintf("%02d", i), strings.Repeat("incompressible?", 1000))
	}
	o := backup.Options{Recipients: []age.Recipient{must(backup.ForMasterKey(masterKey))}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backup.Write(ctx, io.Discard, e, o); !errors.Is(err, context.Canceled) {
		t.Errorf("Write(ended context) = %v, want %v", err, context.Canceled)
	}
	if _, err := backup.Write(t.Context(), &full{room: 600}, e, o); !errors.Is(err, errFull) {
		t.Errorf("Write(writer that fails) = %v, want %v", err, errFull)
	}
	if _, err := backup.Write(t.Context(), io.Discard, e, backup.Options{}); err == nil {
		t.Error("Write for nobody = nil, want an error")
	}
}

var errFull = errors.New("disk full")

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestRecipientsAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, bad := range []string{"", "age1nonsense", "AGE-SECRET-KEY-1QQQQ", "# a comment"} {
		_, err := backup.ParseRecipients([]string{bad})
		if err == nil || (bad != "" && strings.Contains(err.Error(), bad)) {
			t.Errorf("ParseRecipients(%q) = %v, want an error without the text", bad, err)
		}
	}
	if _, err := backup.ForMasterKey([]byte("short")); err == nil {
		t.Error("ForMasterKey(5 bytes) = nil, want an error")
	}
	if _, err := backup.ForPassphrase(""); err == nil {
		t.Error("ForPassphrase(nothing) = nil, want an error")
	}
}

func TestMasterKeyIsAPassphraseOfAge(t *testing.T) {
	e := open(t)
	file, _ := write(t, e)
	identity := must(age.NewScryptIdentity("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY=")) // base64 of masterKey
	plain, err := age.Decrypt(bytes.NewReader(file), identity)
	if err != nil {
		t.Fatalf("age.Decrypt with the master key in base64 = %v, want nil", err)
	}
	if _, err := io.ReadAll(plain); err != nil {
		t.Errorf("age.Decrypt, read: %v, want nil", err)
	}
}
