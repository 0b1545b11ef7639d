package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

func TestFileCauseSaysInChineseWhatTheSystemMeans(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nothing", "here")
	_, gone := os.Open(missing)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, noFolder := os.Open(filepath.Join(file, "inside"))
	at := func(errno syscall.Errno) error { return &fs.PathError{Op: "write", Path: "/b", Err: errno} }
	for _, tt := range []struct {
		err error
		zh  string
	}{
		{gone, missing + "：不存在"},
		{noFolder, filepath.Join(file, "inside") + "：不是目录"},
		{fmt.Errorf("backup: %w", at(syscall.ENOSPC)), "/b：磁盘没有剩余空间"},
		{at(syscall.EDQUOT), "/b：超出磁盘配额"},
		{at(syscall.EFBIG), "/b：超出文件大小限制"},
		{at(syscall.EACCES), "/b：没有访问权限"},
		{at(syscall.EPERM), "/b：没有访问权限"},
		{at(syscall.EROFS), "/b：文件系统只读"},
		{at(syscall.EIO), "/b：磁盘读写出错"},
		{&os.LinkError{Op: "rename", Old: "/a", New: "/b", Err: syscall.ENOSPC}, "/b：磁盘没有剩余空间"},
		{syscall.ENOSPC, "磁盘没有剩余空间"},
		{errors.New("of its own"), "of its own"},
	} {
		if got := keeper.FileCause(tt.err).Text(); got.EN != tt.err.Error() || got.ZH != tt.zh {
			t.Errorf("fileCause(%v) = %+v, want its own words in English and %q in Chinese", tt.err, got, tt.zh)
		}
	}
}
