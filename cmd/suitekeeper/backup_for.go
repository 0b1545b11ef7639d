package main

import (
	"strconv"

	"filippo.io/age"

	"suitekeeper/handler/admin"
	"suitekeeper/store/backup"
	"suitekeeper/suite"
)

// errNobody says that nothing tells whom a backup is to be encrypted for.
var errNobody = errorf(suite.Text{EN: "nothing tells whom the backup is to be encrypted for", ZH: "没有指定备份为谁加密"})

// backupFor is whom backups are encrypted for.
type backupFor struct {
	recipients []age.Recipient
	words      suite.Phrase // for people: the audit log, the log
}

// backupFor returns whom backups are encrypted for as the configuration says,
// or errNobody.
func (c Config) backupFor() (backupFor, error) {
	if len(c.Backup.Recipients) > 0 {
		return forRecipients(c.Backup.Recipients)
	}
	key := c.MasterKeyBytes()
	if key == nil {
		return backupFor{}, errNobody
	}
	r, err := backup.ForMasterKey(key)
	return backupFor{[]age.Recipient{r}, suite.Say(suite.SayForMasterKey)}, err
}

func forRecipients(list []string) (backupFor, error) {
	recipients, err := backup.ParseRecipients(list)
	words := suite.Say(suite.SayForRecipient, list[0])
	if n := len(list); n > 1 {
		words = suite.Say(suite.SayForRecipients, list[0], strconv.Itoa(n-1))
	}
	return backupFor{recipients, words}, err
}

func forPassphrase(passphrase string) (backupFor, error) {
	r, err := backup.ForPassphrase(passphrase)
	return backupFor{[]age.Recipient{r}, suite.Say(suite.SayForPassphrase)}, err
}

// shownManifest is a manifest as the API and commands show it.
func shownManifest(m backup.Manifest) admin.BackupManifest { return admin.BackupManifest(m) }
