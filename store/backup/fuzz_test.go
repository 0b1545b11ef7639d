package backup_test

import (
	"bytes"
	"io"
	"testing"

	"filippo.io/age"

	"suitekeeper/store"
	"suitekeeper/store/backup"
)

// FuzzRead reads what somebody encrypted for us, who may be anybody where a
// backup is for a recipient: it must neither panic nor take anything for whole
// that its own manifest does not confirm.
func FuzzRead(f *testing.F) {
	e := open(f)
	put(f, e, "auth\x00corp", "code", "event\x001", "text", "event\x002", "")
	file, _ := write(f, e)
	plain := must(age.Decrypt(bytes.NewReader(file), must(backup.FromMasterKey(masterKey))))
	f.Add(must(io.ReadAll(plain)))
	f.Add([]byte("suitekeeper backup 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		records := 0
		m, err := backup.ReadPlain(bytes.NewReader(data), func(p store.Pair) error {
			if len(p.Key) == 0 {
				t.Error("a record without a key")
			}
			records++
			return nil
		})
		if err == nil && m.Records != records {
			t.Errorf("ReadPlain = %d records by its manifest, want %d", m.Records, records)
		}
	})
}
