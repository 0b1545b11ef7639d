package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"suitekeeper/suite"
)

// checkData looks at the data folder without opening the store: who may read
// it, whose it is, whether its parts belong together, how much room is left.
func checkData(_ context.Context, x *examination) []diagnosis {
	folder := x.cfg.Data
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist) && x.remote():
		return nil
	case errors.Is(err, fs.ErrNotExist):
		_, low := x.checkDisk(nearestFolder(folder))
		return append(low, found(suite.FindingDataAbsent, "", "path", folder))
	case err != nil:
		return []diagnosis{found(suite.FindingDataUnreadable, "", "detail", suite.Text{EN: cannotRead(folder, err).Error(), ZH: inBoth(err).ZH})}
	}
	var list []diagnosis
	if othersMayUse(info) {
		list = append(list, found(suite.FindingDataOpen, "", "path", folder, "mode", info.Mode().Perm().String()))
	}
	for _, name := range ourFiles {
		list = append(list, checkDataFile(filepath.Join(folder, name), info)...)
	}
	if exists(filepath.Join(folder, dataFile)) && !exists(filepath.Join(folder, keyFile)) {
		list = append(list, found(suite.FindingKeyMissing, "", "path", filepath.Join(folder, keyFile)))
	}
	room, low := x.checkDisk(folder)
	if len(list) == 0 {
		list = append(list, found(suite.FindingDataSafe, "", "path", folder, "room", room))
	}
	return append(list, low...)
}

// checkDataFile looks at a file of the folder, if it is there.
func checkDataFile(path string, folder fs.FileInfo) []diagnosis {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return []diagnosis{found(suite.FindingDataUnreadable, "", "detail", suite.Text{EN: cannotRead(path, err).Error(), ZH: inBoth(err).ZH})}
	}
	var list []diagnosis
	if othersMayUse(info) {
		list = append(list, found(suite.FindingDataOpen, "", "path", path, "mode", info.Mode().Perm().String()))
	}
	owner, ok := ownerOf(info)
	if keeper, known := ownerOf(folder); ok && known && owner != keeper {
		list = append(list, found(suite.FindingDataMixedOwners, "", "path", path, "owner", fmt.Sprint(owner), "keeper", fmt.Sprint(keeper)))
	}
	return list
}
