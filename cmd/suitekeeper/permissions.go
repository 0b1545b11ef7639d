package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"go.uber.org/zap"

	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// What nobody but the owner may do with a folder and with the files in it.
const (
	privateFolder fs.FileMode = 0o700
	privateFile   fs.FileMode = 0o600
)

// ourFiles are what stands in the data folder of a server.
var ourFiles = []string{dataFile, dataFile + boltstore.JournalSuffix, keyFile, reserveFile, adminTokenFile}

// secureData sees to it that only the owner can read and change what stands in
// the data folder, which is made later if it is not there. It mends what it can
// and says so. It refuses when every user of the machine could still read a file,
// or put others in their place.
func secureData(folder string, log *zap.Logger) error {
	if runtime.GOOS == "windows" { // where permissions are no bits
		return nil
	}
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := secureFolder(folder, info, log); err != nil {
		return err
	}
	for _, name := range ourFiles {
		if err := secureFile(filepath.Join(folder, name), log); err != nil {
			return err
		}
	}
	return nil
}

// secureFolder mends a folder that holds nothing but what is ours: the mode of
// a folder that others use, too, is not ours to change.
func secureFolder(folder string, info fs.FileInfo, log *zap.Logger) error {
	mode := info.Mode().Perm()
	if mode&^privateFolder == 0 {
		return nil
	}
	where := []zap.Field{zap.String("folder", folder), zap.Stringer("mode", mode)}
	ours, err := holdsOnlyOurs(folder)
	if err != nil {
		return err
	}
	if ours && os.Chmod(folder, privateFolder) == nil {
		log.Warn("others could look into the data folder; it is for its owner only now", where...)
		return nil
	}
	if othersMayUse(info) {
		return withHint(errorf(suite.Text{
			EN: "the data folder %s has the mode %v: every user of this machine could put other files in the place of its own",
			ZH: "数据目录 %s 的权限为 %v：本机任何用户都可以替换其中的文件",
		}, folder, mode),
			suite.Text{EN: "chmod 700 %s, or set data to a folder of its own", ZH: "请执行 chmod 700 %s，或将 data 设为单独的目录"}, shellWord(folder))
	}
	why := "this user may not change that"
	if !ours {
		why = "it holds something else, too, so that was not changed"
	}
	log.Warn("others can look into the data folder; "+why+"; let the data have a folder of its own, with mode 0700", where...)
	return nil
}

// holdsOnlyOurs tells whether a folder holds nothing but what suitekeeper puts
// into its data folder.
func holdsOnlyOurs(folder string) (bool, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Name() != restoringFolder && e.Name() != lostAndFound && !slices.ContainsFunc(ourFiles, func(ours string) bool {
			return strings.HasPrefix(e.Name(), ours) // the rest may be the end of a temporary name
		}) {
			return false, nil
		}
	}
	return true, nil
}

// secureFile mends the mode of one of our files, if it is there.
func secureFile(path string, log *zap.Logger) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	if mode&^privateFile == 0 {
		return nil
	}
	where := []zap.Field{zap.String("file", path), zap.Stringer("mode", mode)}
	switch err := os.Chmod(path, privateFile); {
	case err == nil && filepath.Base(path) == keyFile:
		log.Warn("others could read the data key; the file is for its owner only now. If anybody may have done so, run 'suitekeeper keys rotate'", where...)
	case err == nil:
		log.Warn("others could read a file of the data folder; it is for its owner only now", where...)
	case othersMayUse(info):
		return withHint(errorf(suite.Text{
			EN: "%s has the mode %v, so that every user of this machine could read it, and this user may not change that: %w",
			ZH: "%s 的权限为 %v，本机任何用户都可以读取，而当前用户无权修改：%w",
		}, path, mode, err),
			suite.Text{EN: "as its owner or as root: chmod 600 %s", ZH: "请以其所有者或 root 执行：chmod 600 %s"}, shellWord(path))
	default:
		log.Warn("a group can read a file of the data folder, and this user may not change that", where...)
	}
	return nil
}
