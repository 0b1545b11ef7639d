package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"suitekeeper/suite"
)

// fileCauses are what the operating system says most often of files, with the
// sentence that says it in the reader's language.
var fileCauses = []struct {
	err      error
	sentence suite.Sentence
}{
	{syscall.ENOSPC, suite.SayDiskNoSpace},
	{syscall.EDQUOT, suite.SayDiskQuota},
	{syscall.EFBIG, suite.SayFileTooBig},
	{syscall.EACCES, suite.SayFileDenied},
	{syscall.EPERM, suite.SayFileDenied},
	{syscall.EROFS, suite.SayFileReadOnly},
	{fs.ErrNotExist, suite.SayFileMissing},
	{syscall.ENOTDIR, suite.SayFileNoFolder},
	{syscall.EIO, suite.SayDiskBroken},
}

// fileCause says why a file could not be used. English has the words of the
// error; Chinese says what they mean, where that is known.
func fileCause(err error) suite.Phrase {
	var known *phraseError
	if errors.As(err, &known) {
		return known.phrase
	}
	for _, c := range fileCauses {
		if !errors.Is(err, c.err) {
			continue
		}
		said := suite.Say(c.sentence, err.Error())
		if path := pathOf(err); path != "" {
			return suite.Say(suite.SayFileFailed, err.Error(), path, string(said))
		}
		return said
	}
	return suite.AsItIs(err.Error())
}

// pathOf is the file or folder that an error is about, empty when it names none.
func pathOf(err error) string {
	var of *fs.PathError
	var linked *os.LinkError
	switch {
	case errors.As(err, &of):
		return of.Path
	case errors.As(err, &linked):
		return linked.New
	default:
		return ""
	}
}

// phraseError is an error of ours that can be said in every language.
type phraseError struct{ phrase suite.Phrase }

// Error says it in English.
func (e *phraseError) Error() string { return e.phrase.String() }
