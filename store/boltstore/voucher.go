package boltstore

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"suitekeeper/store/durable"
)

// voucherSuffix is what the name of a voucher has behind that of its data file.
const voucherSuffix = ".sound"

// voucher stands beside a data file that was sound when it was last looked at,
// and lets the next Open put off reading all of it. It counts for the file as
// it was closed, or for one whose process ended before it could close it, while
// the system kept running and so kept what was written. After anything else (a
// power cut, a failed commit, another file in the same place) it does not.
//
// There is none between an Open that put off the reading and the end of Check,
// so that what goes wrong because of damage goes wrong only once.
type voucher struct {
	Closed *closedFile `json:"closed,omitempty"`
	Open   string      `json:"open,omitempty"` // where the file is, see place
}

// closedFile is how a file was when it was closed.
type closedFile struct {
	Commit   uint64 `json:"commit"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds
}

func closedState(f *os.File) (closedFile, error) {
	m, err := newestMeta(f)
	if err != nil {
		return closedFile{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return closedFile{}, err
	}
	return closedFile{Commit: m.commit, Size: info.Size(), Modified: info.ModTime().UnixNano()}, nil
}

// vouched tells whether there is a voucher that counts for the file.
func vouched(f *os.File) bool {
	data, err := os.ReadFile(f.Name() + voucherSuffix)
	if err != nil {
		return false
	}
	var v voucher
	if json.Unmarshal(data, &v) != nil {
		return false
	}
	if v.Closed != nil {
		now, err := closedState(f)
		return err == nil && now == *v.Closed
	}
	return v.Open != "" && v.Open == place(f)
}

// vouchOpen makes the voucher of a file that was read to its end, and is open.
func vouchOpen(f *os.File) error {
	where := place(f)
	if where == "" {
		return withdraw(f)
	}
	return putVoucher(f.Name(), voucher{Open: where})
}

// vouchClosed makes the voucher of a file that is about to be closed.
func vouchClosed(f *os.File) error {
	state, err := closedState(f)
	if err != nil {
		return err
	}
	return putVoucher(f.Name(), voucher{Closed: &state})
}

func putVoucher(path string, v voucher) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return durable.Replace(path+voucherSuffix, append(data, '\n'))
}

// withdraw removes the voucher of a file, if it has one.
func withdraw(f *os.File) error {
	if err := os.Remove(f.Name() + voucherSuffix); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// vouch makes or withdraws the voucher. A DB that takes no updates has none, or
// the next Open would not look for the cause. Where a voucher can be neither
// written nor removed, its file system has to be mounted anew before anybody
// can write to the file, and then it does not count.
func (db *DB) vouch(change func(*os.File) error) {
	db.vouching.Lock()
	defer db.vouching.Unlock()
	if db.Err() != nil || change(db.file) != nil {
		_ = withdraw(db.file)
	}
}
