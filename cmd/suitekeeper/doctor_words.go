package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"

	"suitekeeper/handler/admin"
	"suitekeeper/store"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// inBoth is an error in both languages. English has its own words, as the log
// would; Chinese says what they mean, where that is known.
func inBoth(err error) suite.Text {
	said := suite.Text{EN: err.Error()}
	var ours *saidError
	var invalid *ConfigError
	var platform *suite.PlatformError
	var problem *suite.ProblemError
	var refused *admin.Error
	var network *net.OpError
	var request *url.Error
	switch {
	case errors.As(err, &ours):
		said.ZH = ours.said.ZH
	case errors.As(err, &invalid):
		said.ZH = invalid.text().ZH
	case errors.As(err, &platform):
		said.ZH = platform.Phrase().Text().ZH
	case errors.As(err, &problem):
		message, _ := problem.Explain()
		said.ZH = withoutStop(message.ZH)
	case errors.As(err, &refused):
		said.ZH = view{words: chinese.words()}.say(serverSaid, refused.Status, withoutStop(refused.Message.ZH))
	case known(err) != "":
		said.ZH = known(err)
	case errors.As(err, &network), errors.As(err, &request):
		said.ZH = silence(err)
	default:
		said.ZH = fileCause(err).Text().ZH
	}
	return said
}

// knownErrors are what commands fail of that has no words of its own in Chinese.
var knownErrors = []struct {
	err     error
	chinese string
}{
	{boltstore.ErrLocked, "有运行中的服务器正在使用数据文件"},
	{boltstore.ErrDamaged, "数据文件已损坏"},
	{sealed.ErrKeyLost, "数据密钥丢失：找不到密钥文件；数据没有任何改动，请放回密钥文件或用备份恢复"},
	{sealed.ErrWrongKey, "数据密钥与数据不匹配"},
	{sealed.ErrNotWrapped, "密钥文件未用主密钥加密"}, // before ErrMasterKey, which it is, too
	{sealed.ErrMasterKey, "主密钥与密钥文件不匹配"},
	{sealed.ErrDamaged, "有记录已损坏"},
	{store.ErrSchemaNewer, "数据由更新版本的 suitekeeper 写入"},
	{store.ErrFull, "磁盘已满"},
	{store.ErrUnknownOutcome, "无法确定数据是否已写入磁盘"},
	{backup.ErrNotBackup, "不是 suitekeeper 的备份"},
	{backup.ErrNewer, "备份由更新版本的 suitekeeper 生成"},
	{backup.ErrKey, "给出的密钥都无法解密该备份"},
	{backup.ErrDamaged, "备份已损坏或不完整"},
	{admin.ErrNotAdmin, "应答的不是 suitekeeper 的管理接口"},
	{context.Canceled, "已中断"},
}

func known(err error) string {
	for _, k := range knownErrors {
		if errors.Is(err, k.err) {
			return k.chinese
		}
	}
	return ""
}

// serverSaid is what the server answered, without where it is.
var serverSaid = suite.Text{EN: "the server answered %d: %s", ZH: "服务器返回 %d：%s"}

// silences say in Chinese why there was no answer.
var silences = map[suite.FindingCode]string{
	suite.FindingURLDNS:          "域名解析失败",
	suite.FindingURLRefused:      "拒绝连接",
	suite.FindingURLUnroutable:   "网络不可达",
	suite.FindingURLTimeout:      "超时",
	suite.FindingURLTLSName:      "证书中没有该域名",
	suite.FindingURLTLSExpired:   "证书不在有效期内",
	suite.FindingURLTLSChain:     "证书链不完整",
	suite.FindingURLTLSUntrusted: "证书不受信任",
	suite.FindingURLNoTLS:        "对方没有启用 TLS",
	suite.FindingURLBrokenOff:    "连接中断",
}

// silence says in Chinese why there was no answer, and of which address where
// that is known.
func silence(err error) string {
	said, op := silences[faultOf(err)], (*net.OpError)(nil)
	if !errors.As(err, &op) {
		return said
	}
	if op.Op == "listen" {
		said = deafness(op.Err)
	}
	if op.Addr == nil {
		return said
	}
	return op.Addr.String() + " " + said
}

// deafness says in Chinese why an address cannot be listened on.
func deafness(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "已被占用"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "不是本机地址"
	case errors.Is(err, syscall.EACCES):
		return "没有监听权限"
	}
	return err.Error()
}

// bothOf are two errors of which one explains the other.
func bothOf(first, second error) suite.Text {
	a, b := inBoth(first), inBoth(second)
	return suite.Text{EN: a.EN + "; " + b.EN, ZH: a.ZH + "；" + b.ZH}
}

// withoutStop is a sentence that goes on.
func withoutStop(sentence string) string {
	return strings.TrimSuffix(strings.TrimSuffix(sentence, "."), "。")
}
