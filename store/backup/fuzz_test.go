package backup_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"filippo.io/age"

	"suitekeeper/store"
	"suitekeeper/store/backup"
)

const firstLine = "suitekeeper backup 1\n"

// FuzzRead reads what somebody encrypted for us, who may be anybody where a
// backup is for a recipient: it must neither panic nor take anything for whole
// that its own manifest does not confirm. Most of what the fuzzer finds it packs
// itself, or the checksum of gzip would be as far as it gets.
func FuzzRead(f *testing.F) {
	e := open(f)
	put(f, e, "auth\x00corp", "code", "event\x001", "text", "event\x002", "")
	file, _ := write(f, e)
	plain := must(io.ReadAll(must(age.Decrypt(bytes.NewReader(file), must(backup.FromMasterKey(masterKey))))))
	packed := must(gzip.NewReader(bytes.NewReader(bytes.TrimPrefix(plain, []byte(firstLine)))))
	f.Add(plain, false)
	f.Add([]byte(firstLine), false)
	f.Add(must(io.ReadAll(packed)), true)
	f.Fuzz(func(t *testing.T, data []byte, pack bool) {
		if pack {
			data = packedAsBackup(t, data)
		}
		records := 0
		var last []byte
		m, err := backup.ReadPlain(bytes.NewReader(data), func(p store.Pair) error {
			if len(p.Key) == 0 || bytes.Compare(p.Key, last) <= 0 {
				t.Errorf("a record with the key %q behind %q", p.Key, last)
			}
			last = bytes.Clone(p.Key)
			records++
			return nil
		})
		if err == nil && m.Records != records {
			t.Errorf("ReadPlain = %d records by its manifest, want %d", m.Records, records)
		}
	})
}

func packedAsBackup(tb testing.TB, data []byte) []byte {
	tb.Helper()
	out := bytes.NewBufferString(firstLine)
	w := must(gzip.NewWriterLevel(out, gzip.NoCompression))
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
