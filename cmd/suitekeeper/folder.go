package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// What stands in the data folder.
const (
	dataFile        = "suitekeeper.db"
	keyFile         = "suitekeeper.key"
	reserveFile     = "suitekeeper.reserve" // room on the disk for when it is full
	adminTokenFile  = "admin.token"         // the token that the server made when its configuration names none
	restoringFolder = "restoring"           // a restore that has not ended
	lostAndFound    = "lost+found"          // which some file systems put into their uppermost folder
)

// errNotRestored says that a data folder is not whole yet.
var errNotRestored = errorf(suite.Text{EN: "a restore has not ended", ZH: "恢复操作尚未完成"})

// openDisk opens the store below a data folder, which seals what goes to disk.
// Closing the engine closes the disk. It makes both files where there is neither.
func openDisk(ctx context.Context, folder string, o boltstore.Options, keys sealed.KeyOptions) (*boltstore.DB, *sealed.Engine, error) {
	o.Path, keys.Path = filepath.Join(folder, dataFile), filepath.Join(folder, keyFile)
	if err := mustBelongTogether(folder); err != nil {
		return nil, nil, err
	}
	if !o.ReadOnly {
		forgetRestore(folder)
	}
	disk, err := boltstore.Open(ctx, o)
	if err != nil {
		return nil, nil, explainStore(folder, err)
	}
	engine, err := sealed.Open(ctx, disk, keys)
	if err != nil {
		return nil, nil, errors.Join(explainStore(folder, err), disk.Close())
	}
	return disk, engine, nil
}

// mustBelongTogether refuses a folder in which a restore has not ended, and one
// that has lost its data file: a new one would hide that.
func mustBelongTogether(folder string) error {
	if exists(filepath.Join(folder, restoringFolder, dataFile)) {
		return withHint(errorf(suite.Text{EN: "%w in %s", ZH: "%[2]s：%[1]w"}, errNotRestored, folder), suite.Text{EN: "give the same 'suitekeeper restore' again", ZH: "请再次执行相同的 'suitekeeper restore'"})
	}
	if exists(filepath.Join(folder, keyFile)) && !exists(filepath.Join(folder, dataFile)) {
		return withHint(errorf(suite.Text{EN: "%s is missing, which %s belongs to", ZH: "缺少与 %[2]s 配套的 %[1]s"}, filepath.Join(folder, dataFile), keyFile),
			suite.Text{
				EN: "put it back, or %s; to begin with nothing, move %s away, too",
				ZH: "请放回该文件，或者：%s；要从头开始，请把 %s 也移走",
			}, restoreHint, keyFile)
	}
	return nil
}

// forgetRestore removes what a restore leaves that ended, and was killed before
// it had tidied up.
func forgetRestore(folder string) {
	for _, name := range []string{keyFile, ""} {
		_ = os.Remove(filepath.Join(folder, restoringFolder, name)) // mostly there is none
	}
}

// openStoppedDisk opens the data folder of a server that does not run, for
// reading. It returns fs.ErrNotExist when nothing was ever stored there, and
// boltstore.ErrLocked while a server runs.
func openStoppedDisk(ctx context.Context, cfg Config) (*boltstore.DB, *sealed.Engine, error) {
	if path := filepath.Join(cfg.Data, dataFile); !exists(path) {
		return nil, nil, cannotRead(path, fs.ErrNotExist)
	}
	return openDisk(ctx, cfg.Data, boltstore.Options{LockTimeout: lockPatience, ReadOnly: true},
		sealed.KeyOptions{MasterKey: cfg.MasterKeyBytes(), ReadOnly: true})
}

var (
	restoreHint = suite.Text{
		EN: "put the newest backup in its place: move the folder away, then 'suitekeeper restore BACKUP'",
		ZH: "请用最新的备份替换：先移走该目录，再执行 'suitekeeper restore BACKUP'",
	}
	restoreOrSaveHint = both(suite.Text{
		EN: "%s; without a backup, 'suitekeeper backup --skip-damaged --data DIR FILE' saves all that can still be read",
		ZH: "%s；没有备份时，可用 'suitekeeper backup --skip-damaged --data DIR FILE' 保存仍可读取的内容",
	}, restoreHint)
)

// explainStore adds to the errors of the store in a data folder what to do about
// them. Other errors, and none, it returns as they are.
func explainStore(folder string, err error) error {
	switch {
	case errors.Is(err, sealed.ErrNotWrapped):
		return withHint(err, suite.Text{
			EN: "to have it wrapped by the master key of the configuration: 'suitekeeper keys wrap', with the same --config and --data",
			ZH: "要用配置中的主密钥加密它，请执行 'suitekeeper keys wrap'，并使用相同的 --config 和 --data",
		})
	case errors.Is(err, sealed.ErrMasterKey):
		return withHint(err, suite.Text{
			EN: "compare master_key (master_key_file, %s, or the credential %s of systemd); a backup can be restored under another master key",
			ZH: "请核对 master_key（或 master_key_file、环境变量 %s、systemd 凭据 %s）；备份可以用其他主密钥恢复",
		},
			variableName(envPrefix, "master_key"), masterKeyCredential)
	case errors.Is(err, sealed.ErrKeyLost), errors.Is(err, sealed.ErrWrongKey), errors.Is(err, boltstore.ErrDamaged):
		return withHint(err, restoreHint)
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return withHint(err, suite.Text{EN: "make room on the disk of %s, or raise the quota of this user", ZH: "请为 %s 所在磁盘腾出空间，或提高当前用户的配额"}, shellWord(folder))
	case errors.Is(err, syscall.EROFS):
		return withHint(err, suite.Text{
			EN: "the file system of %s can only be read: after an error the kernel makes it so, and dmesg tells; check it (fsck), then mount it to be written",
			ZH: "%s 所在的文件系统为只读：出错后内核会将其改为只读，dmesg 中有原因；请用 fsck 检查，再以可写方式挂载",
		}, shellWord(folder))
	case errors.Is(err, syscall.EIO):
		return withHint(err, suite.Text{
			EN: "the disk of %s fails: dmesg tells how; mend or replace it, take a backup while it can be read, or put the newest one on another disk",
			ZH: "%s 所在的磁盘出现故障，dmesg 中有原因；请修复或更换磁盘，趁还能读取时做备份，或将最新的备份恢复到其他磁盘",
		}, shellWord(folder))
	case errors.Is(err, sealed.ErrDamaged):
		return withHint(errorf(suite.Text{EN: "%s: %w", ZH: "%s：%w"}, filepath.Join(folder, dataFile), err), restoreOrSaveHint)
	}
	return err
}
