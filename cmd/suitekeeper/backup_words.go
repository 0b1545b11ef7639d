package main

import (
	"fmt"
	"maps"
	"slices"

	"suitekeeper/handler/admin"
	"suitekeeper/suite"
)

// What backup, restore and verify say.
var (
	backupWritten  = suite.Text{EN: "%d records written", ZH: "已写入 %d 条记录"}
	backupReceived = suite.Text{EN: "%s received", ZH: "已接收 %s"}
	backupRead     = suite.Text{EN: "%d records read", ZH: "已读取 %d 条记录"}
	backupLoaded   = suite.Text{EN: "%d records restored", ZH: "已恢复 %d 条记录"}
	backupFile     = suite.Text{EN: "backup", ZH: "备份"}
	dataFileName   = suite.Text{EN: "data file", ZH: "数据文件"}
	dataFolder     = suite.Text{EN: "data folder", ZH: "数据目录"}
	backupMoment   = suite.Text{EN: "as of", ZH: "数据时间"}
	backupProgram  = suite.Text{EN: "made by", ZH: "生成版本"}
	backupRecords  = suite.Text{EN: "records", ZH: "记录"}
	backupSkipped  = suite.Text{EN: "left out", ZH: "跳过"}
	backupSum      = suite.Text{EN: "SHA-256 of what is in it", ZH: "内容 SHA-256"}
	backupDamaged  = suite.Text{EN: "damaged", ZH: "已损坏"}
	backupWhole    = suite.Text{EN: "It is whole: every record was read.", ZH: "文件完整：每条记录都可以读取。"}
	andMore        = suite.Text{EN: "… and %d more", ZH: "……以及另外 %d 条"}
	restoredNext   = suite.Text{
		EN: "Start the server. What came after that moment is not in the backup: have DingTalk push the tickets again\n(重新推送 in its developer console), and look at the alerts.",
		ZH: "请启动服务器。备份时间之后的数据不在备份中：请在钉钉开发者后台点击“重新推送”，并查看告警。",
	}
)

// backup tells what was backed up.
func (v view) backup(r backupResult) string {
	f := fieldList{paint: v.paint}
	f.add(v.say(backupFile), cell{text: fmt.Sprintf("%s (%s)", clean(r.File), byteSize(r.SizeBytes))})
	v.addManifest(&f, r.BackupManifest)
	return f.String()
}

// addManifest tells what is in a backup, or in a data file.
func (v view) addManifest(f *fieldList, m admin.BackupManifest) {
	if m.Program != "" {
		f.add(v.say(backupProgram), cell{text: clean(m.Program)})
	}
	f.add(v.say(backupMoment), cell{text: moment(m.CreatedAt)})
	f.add(v.say(backupRecords), cell{text: fmt.Sprintf("%d (%s)", m.Records, collections(m.Collections, v.words.comma))})
	if m.Skipped > 0 {
		f.add(v.say(backupSkipped), count(m.Skipped, red))
	}
	f.add(v.say(backupSum), cell{text: clean(m.SHA256)})
}

// collections lists the collections with how many records each has.
func collections(counts map[string]int, comma string) string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if text != "" {
			text += comma
		}
		text += fmt.Sprintf("%s %d", clean(name), counts[name])
	}
	return text
}
