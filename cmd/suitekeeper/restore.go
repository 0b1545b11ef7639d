package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/durable"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

func newRestoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Restore a backup into an empty data folder",
		Long: "Restore a backup into the data folder of the configuration, which must be empty or absent, on this machine or\n" +
			"a new one. A new data key is made, and wrapped by the master key of the configuration if there is one. What\n" +
			"was restored is read again before it gets its name. After a crash give the same command again.",
		Example: "  suitekeeper restore suitekeeper.backup --config suitekeeper.yaml\n" +
			"  suitekeeper restore suitekeeper.backup --data ./data --identity backup.key",
		Args: cobra.ExactArgs(1),
	}
	config := addConfigFlags(cmd, "data")
	open := addOpenFlags(cmd.Flags())
	form, lang := addOutputFlag(cmd), addLanguageFlag(cmd, os.Getenv)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, _, err := config.load()
		if err != nil {
			return err
		}
		line := progressOn(cmd.ErrOrStderr(), os.Getenv)
		on := newView(cmd.ErrOrStderr(), *lang)
		r := &restore{folder: cfg.Data, file: args[0], master: cfg.MasterKeyBytes(),
			progress: func(records int) { line.show(on.say(backupLoaded, records)) }}
		m, err := r.run(cmd.Context(), func(lock backup.Lock) ([]age.Identity, error) { return open.keys(cfg, lock) })
		line.clear()
		if err != nil {
			return err
		}
		result := restoreResult{Data: cfg.Data, BackupManifest: shownManifest(m)}
		return askFlags{form: form, lang: lang}.show(cmd, result, func(v view) string { return v.restored(result) })
	}
	return cmd
}

// restoreResult is what -o json prints of a restore.
type restoreResult struct {
	Data string `json:"data"`
	admin.BackupManifest
}

func (v view) restored(r restoreResult) string {
	f := fieldList{paint: v.paint}
	f.add(v.say(dataFolder), cell{text: clean(r.Data)})
	v.addManifest(&f, r.BackupManifest)
	return f.String() + "\n" + v.say(restoredNext) + "\n"
}

// restore puts a backup into an empty data folder. It builds the store in a
// folder inside of that, and at the end links its files to where they belong:
// first the data file, which nobody opens without its key, then the key. While
// the inner data file is there, no server starts. Links replace nothing: a
// server that starts in the same moment keeps its files.
type restore struct {
	folder, file string
	master       []byte
	progress     func(records int)
}

// restored are the files that a restore makes, in the order of their links.
var restored = []string{dataFile, keyFile}

func (r *restore) inner() string { return filepath.Join(r.folder, restoringFolder) }

// run restores. What it made it removes again when it fails.
func (r *restore) run(ctx context.Context, keys func(backup.Lock) ([]age.Identity, error)) (m backup.Manifest, err error) {
	f, lock, err := backupFileOf(r.file)
	if err != nil {
		return m, err
	}
	defer f.Close()
	identities, err := keys(lock)
	if err != nil {
		return m, err
	}
	if err := r.mustBeEmpty(); err != nil {
		return m, err
	}
	if err := durable.MkdirAll(r.inner()); err != nil {
		return m, err
	}
	disk, err := boltstore.Open(ctx, boltstore.Options{Path: filepath.Join(r.inner(), dataFile), LockTimeout: lockPatience})
	if errors.Is(err, boltstore.ErrLocked) {
		return m, withHint(err, suite.Text{EN: "another restore into this folder is under way", ZH: "另一个恢复操作正在写入该目录"})
	}
	if err == nil {
		m, err = r.fill(ctx, disk, f, identities)
	}
	if err == nil {
		err = r.link()
	}
	if err != nil {
		return m, errors.Join(explainBackup(err, r.file, lock), r.remove())
	}
	return m, r.tidy()
}

// remove removes what a restore that did not end has made.
func (r *restore) remove() error {
	for _, name := range restored {
		if !r.made(name) {
			continue
		}
		if err := os.Remove(filepath.Join(r.folder, name)); err != nil {
			return err
		}
	}
	return r.tidy()
}

// made tells whether a file of the folder is the one that a restore built.
func (r *restore) made(name string) bool {
	outer, err := os.Stat(filepath.Join(r.folder, name))
	if err != nil {
		return false
	}
	inner, err := os.Stat(filepath.Join(r.inner(), name))
	return err == nil && os.SameFile(outer, inner)
}

// mustBeEmpty refuses a folder that holds anything but what an earlier restore
// left, which it removes.
func (r *restore) mustBeEmpty() error {
	entries, err := os.ReadDir(r.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != restoringFolder && e.Name() != lostAndFound && !r.made(e.Name()) {
			return withHint(errorf(suite.Text{EN: "%s is not empty: it holds %s; nothing was changed", ZH: "%s 不是空目录，其中有 %s；没有任何改动"}, r.folder, e.Name()),
				suite.Text{
					EN: "a backup is restored into an empty folder only: move this one away (keep it until all is well), or give another with --data",
					ZH: "备份只能恢复到空目录：请移走该目录（确认一切正常之前请保留），或用 --data 指定其他目录",
				})
		}
	}
	return r.removeLeftovers()
}

// removeLeftovers removes what an earlier restore left, unless it is running.
func (r *restore) removeLeftovers() error {
	path := filepath.Join(r.inner(), dataFile)
	if exists(path) {
		disk, err := boltstore.Open(context.Background(), boltstore.Options{Path: path, LockTimeout: lockPatience})
		if errors.Is(err, boltstore.ErrLocked) {
			return withHint(err, suite.Text{EN: "another restore into this folder is under way", ZH: "另一个恢复操作正在写入该目录"})
		}
		if err == nil {
			_ = disk.Close() // it was opened for its lock
		}
	}
	return r.remove()
}

// fill loads the backup into the new store, which it closes.
func (r *restore) fill(ctx context.Context, disk *boltstore.DB, src io.Reader, keys []age.Identity) (m backup.Manifest, err error) {
	engine, err := sealed.Open(ctx, disk, sealed.KeyOptions{Path: filepath.Join(r.inner(), keyFile), MasterKey: r.master})
	if err != nil {
		return m, errors.Join(err, disk.Close())
	}
	m, err = backup.Load(ctx, engine, src, keys, r.progress)
	if err == nil {
		err = fitsProgram(m)
	}
	if err == nil {
		err = holdsAll(ctx, engine, m)
	}
	return m, errors.Join(err, engine.Close())
}

// fitsProgram refuses a backup of a schema that this program does not know.
func fitsProgram(m backup.Manifest) error {
	known := 0
	for _, step := range suite.Migrations() {
		known = step.To
	}
	if m.Schema > known {
		return fmt.Errorf("%w: the schema of its data is %d, this program knows %d", backup.ErrNewer, m.Schema, known)
	}
	return nil
}

// holdsAll reads the whole store and compares it with the manifest.
func holdsAll(ctx context.Context, e store.Engine, want backup.Manifest) error {
	got, err := readStore(ctx, e, nil, nil)
	if err != nil {
		return fmt.Errorf("read what was restored: %w", err)
	}
	if got.SHA256 != want.SHA256 {
		return errors.New("what was restored is not what is in the backup: the disk or the memory of this machine may be failing")
	}
	return nil
}

// readStore reads every record, and returns what a backup would hold. Skip may
// be asked about those that cannot be read.
func readStore(ctx context.Context, e store.Engine, progress func(int), skip func(key []byte, err error) bool) (backup.Manifest, error) {
	nobody, err := age.GenerateX25519Identity() // whoever has it reads what is discarded here
	if err != nil {
		return backup.Manifest{}, err
	}
	return backup.Write(ctx, io.Discard, e, backup.Options{Recipients: []age.Recipient{nobody.Recipient()}, Progress: progress, Skip: skip})
}

// link puts the files to where they belong.
func (r *restore) link() error {
	for _, name := range restored {
		err := os.Link(filepath.Join(r.inner(), name), filepath.Join(r.folder, name))
		if errors.Is(err, fs.ErrExist) {
			return withHint(errorf(suite.Text{EN: "%s was made by somebody else meanwhile; it was left alone", ZH: "%s 已被其他程序创建，没有改动它"}, filepath.Join(r.folder, name)),
				suite.Text{EN: "is a server starting there? stop it, and choose an empty folder", ZH: "可能有服务器正在该目录启动：请停止它，并选择空目录"})
		}
		if err != nil {
			return err
		}
		if err := durable.SyncDir(r.folder); err != nil {
			return err
		}
	}
	return nil
}

// tidy removes the inner folder. As long as its data file is there, what is
// outside does not count as whole.
func (r *restore) tidy() error {
	err := os.Remove(filepath.Join(r.inner(), dataFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.RemoveAll(r.inner()); err != nil {
		return err
	}
	return durable.SyncDir(r.folder)
}
