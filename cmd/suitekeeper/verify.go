package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

func newVerifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Read a backup or a data file to its end, and tell what is damaged",
		Long: "Read a backup, or the data file of a server that is stopped, to its end: every record is decrypted. Nothing is\n" +
			"changed. FILE may also be a data folder. The key file must lie beside a data file. The exit status is 1 when\n" +
			"anything is damaged; what it is and what to do is said.",
		Example: "  suitekeeper verify suitekeeper.backup --config suitekeeper.yaml\n" +
			"  suitekeeper verify suitekeeper.backup --identity backup.key\n" +
			"  suitekeeper verify data/suitekeeper.db -o json",
		Args: cobra.ExactArgs(1),
	}
	config := cmd.Flags().StringP("config", "c", "", "configuration file of the server, for its master key")
	open := addOpenFlags(cmd.Flags())
	form, lang := addOutputFlag(cmd), addLanguageFlag(cmd, os.Getenv)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, _, err := LoadConfig(LoadOptions{Path: *config, Environ: os.Environ()})
		if err != nil {
			return err
		}
		line := progressOn(cmd.ErrOrStderr(), os.Getenv)
		on := newView(cmd.ErrOrStderr(), *lang)
		v := &verification{cfg: cfg, open: open, progress: func(records int) { line.show(on.say(backupRead, records)) }}
		r, err := v.run(cmd.Context(), args[0])
		line.clear()
		if err != nil {
			return err
		}
		if err := (askFlags{form: form, lang: lang}).show(cmd, r, func(v view) string { return v.verified(r) }); err != nil {
			return err
		}
		if len(r.Damaged) > 0 {
			return withHint(errorf(suite.Text{EN: "%s: damaged records: %d", ZH: "%s：有 %d 条记录已损坏"}, args[0], len(r.Damaged)), restoreOrSaveHint)
		}
		return nil
	}
	return cmd
}

// What a file may be.
const (
	kindBackup = "backup"
	kindData   = "data"
)

// verifyResult is what -o json prints of a verification.
type verifyResult struct {
	File      string   `json:"file"`
	Kind      string   `json:"kind"` // backup or data
	SizeBytes int64    `json:"size_bytes"`
	Damaged   []string `json:"damaged,omitempty"` // keys of records, quoted
	admin.BackupManifest
}

// verification reads a file to its end.
type verification struct {
	cfg      Config
	open     *openFlags
	progress func(records int)
}

func (v *verification) run(ctx context.Context, path string) (verifyResult, error) {
	if info, err := os.Stat(path); err != nil {
		return verifyResult{}, cannotRead(path, err)
	} else if info.IsDir() {
		path = filepath.Join(path, dataFile)
	}
	data, err := looksLikeData(path)
	if err != nil {
		return verifyResult{}, err
	}
	r := verifyResult{File: path, Kind: kindBackup, SizeBytes: fileSize(path)}
	if data {
		r.Kind = kindData
		err = v.data(ctx, &r)
	} else {
		err = v.backup(ctx, &r)
	}
	return r, err
}

// looksLikeData tells a data file from whatever else it may be: by its name, or
// by what stands in every data file.
func looksLikeData(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, cannotRead(path, err)
	}
	defer f.Close()
	if filepath.Base(path) == dataFile {
		return true, nil
	}
	begin := make([]byte, 20)
	if _, err := io.ReadFull(f, begin); err != nil {
		return false, nil // too short for one
	}
	return boltstore.IsDataFile(begin), nil
}

func (v *verification) backup(ctx context.Context, r *verifyResult) error {
	f, lock, err := backupFileOf(r.File)
	if err != nil {
		return err
	}
	defer f.Close()
	keys, err := v.open.keys(v.cfg, lock)
	if err != nil {
		return err
	}
	records := 0
	m, err := backup.Read(f, keys, func(store.Pair) error {
		if records++; records%1000 == 0 {
			v.progress(records)
		}
		return ctx.Err()
	})
	if err != nil {
		return explainBackup(err, r.File, lock)
	}
	r.BackupManifest = shownManifest(m)
	return nil
}

func (v *verification) data(ctx context.Context, r *verifyResult) error {
	disk, err := boltstore.Open(ctx, boltstore.Options{Path: r.File, LockTimeout: lockPatience, ReadOnly: true})
	if errors.Is(err, boltstore.ErrLocked) {
		return withHint(err, suite.Text{
			EN: "a server has it open: take a backup ('suitekeeper backup FILE') and verify that",
			ZH: "有服务器正在使用它：请先备份（'suitekeeper backup FILE'），再校验备份",
		})
	}
	if err != nil {
		return explainStore(filepath.Dir(r.File), err)
	}
	defer func() { _ = disk.Close() }() // nothing was written
	engine, err := sealed.Open(ctx, disk, sealed.KeyOptions{
		Path: filepath.Join(filepath.Dir(r.File), keyFile), MasterKey: v.cfg.MasterKeyBytes(), ReadOnly: true,
	})
	if err != nil {
		return explainStore(filepath.Dir(r.File), err)
	}
	m, err := readStore(ctx, engine, v.progress, func(key []byte, err error) bool {
		damaged := errors.Is(err, sealed.ErrDamaged)
		if damaged {
			r.Damaged = append(r.Damaged, fmt.Sprintf("%q", key))
		}
		return damaged
	})
	if err != nil {
		return explainStore(filepath.Dir(r.File), err)
	}
	r.BackupManifest = shownManifest(m)
	r.Skipped, r.CreatedAt = 0, time.Now().UTC()
	return nil
}

// maxDamagedShown is how many damaged records are shown to people.
const maxDamagedShown = 20

func (v view) verified(r verifyResult) string {
	kind := backupFile
	if r.Kind == kindData {
		kind = dataFileName
	}
	f := fieldList{paint: v.paint}
	f.add(v.say(kind), cell{text: fmt.Sprintf("%s (%s)", clean(r.File), byteSize(r.SizeBytes))})
	v.addManifest(&f, r.BackupManifest)
	for i, key := range r.Damaged {
		if i == maxDamagedShown {
			f.add("", cell{text: v.say(andMore, len(r.Damaged)-i)})
			break
		}
		f.add(v.say(backupDamaged), cell{text: key, style: red})
	}
	if len(r.Damaged) > 0 {
		return f.String()
	}
	return strings.TrimSuffix(f.String(), "\n") + "\n\n" + v.say(backupWhole) + "\n"
}
