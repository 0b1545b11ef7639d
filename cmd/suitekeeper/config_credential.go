package main

import (
	"path/filepath"
	"strings"

	"suitekeeper/suite"
)

// credentialsVariable is set by systemd, for units with credentials, to the
// folder in which they are: files that only the service can read, and that are
// encrypted on disk if the unit says so (LoadCredentialEncrypted).
const credentialsVariable = "CREDENTIALS_DIRECTORY"

// masterKeyCredential is what the credential of the master key is called.
const masterKeyCredential = "master_key"

// readCredential reads the master key from systemd's credentials, if there is
// one of that name.
func (l *loader) readCredential(environ []string) {
	var folder string
	for _, entry := range environ {
		if value, ok := strings.CutPrefix(entry, credentialsVariable+"="); ok {
			folder = value
		}
	}
	path := filepath.Join(folder, masterKeyCredential)
	if folder == "" || !exists(path) {
		return
	}
	if _, twice := l.origins["master_key"]; twice {
		l.report("master_key", suite.Text{EN: "is given twice, also as a credential of systemd", ZH: "重复设置，另有 systemd 凭据"}, suite.Text{EN: "keep one of them", ZH: "请只保留一个"})
		return
	}
	key, _, _ := findField(l.root, "", "master_key")
	l.assignFile(key, path, origin{where: "credential " + masterKeyCredential, key: key.path})
}
