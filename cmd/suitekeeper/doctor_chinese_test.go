package main_test

import (
	"fmt"
	"io/fs"
	"net"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/handler/admin"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// What is no language: commands, addresses, files and settings.
var noChinese = regexp.MustCompile(`suitekeeper [a-z]+|systemctl [a-z]+ suitekeeper|timedatectl set-ntp true|iostat -x|ulimit -f|https?://[^\s，。）：]*|\w*(?:[./]\w+)+`)

// twoWords is what no Chinese text has of English: a single word may be a name.
var twoWords = regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,}\b`)

// wantChinese looks for English in the Chinese words of a finding.
func wantChinese(t testing.TB, code, text string) {
	t.Helper()
	if words := twoWords.FindString(noChinese.ReplaceAllString(text, "-")); words != "" {
		t.Errorf("the finding %s says %q in English: %q", code, words, text)
	}
}

func TestErrorsOfDoctorAreSaidInChinese(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("check: %w", &suite.PlatformError{Call: "get_suite_token", Message: suite.Say(suite.SayNoTicket)}), "get_suite_token：还没有收到过 suite_ticket"},
		{fmt.Errorf("check: %w", suite.UnknownSuite("suite1", nil)), "没有配置套件 suite1。已配置的套件：无"},
		{&admin.Error{Status: 401, Message: suite.Text{EN: "No.", ZH: "令牌不属于本服务器。"}}, "服务器返回 401：令牌不属于本服务器"},
		{fmt.Errorf("open: %w", boltstore.ErrLocked), "有运行中的服务器正在使用数据文件"},
		{fmt.Errorf("no answer from x: %w", refused), "192.0.2.1:443 拒绝连接"},
		{&fs.PathError{Op: "open", Path: "/data", Err: syscall.EACCES}, "/data：没有访问权限"},
	} {
		if got := keeper.InBoth(tt.err); got.ZH != tt.want || got.EN != tt.err.Error() {
			t.Errorf("inBoth(%v) = %+v, want %q in Chinese and its own words in English", tt.err, got, tt.want)
		}
	}
}

func TestEveryVerdictIsSaidInChinese(t *testing.T) {
	flaws := dingtalktest.Flaws()
	if len(flaws) < 20 {
		t.Fatalf("the stand-in knows %d flaws, want all", len(flaws))
	}
	for _, flaw := range flaws {
		r := dingtalktest.Reason{Flaw: flaw, Status: 301, Limit: 1200 * time.Millisecond, Field: "nonce", Got: "a", Want: "b"}
		said := keeper.Verdict(r)
		if said.EN == "" || said.EN != r.String() || !hasHan(said.ZH) || strings.ContainsAny(said.EN+said.ZH, "{}") {
			t.Errorf("verdict(%+v) = %+v, want it in both languages", r, said)
		}
		for _, value := range []string{"301", "1200", `"a"`, `"b"`} {
			if strings.Contains(said.EN, value) != strings.Contains(said.ZH, value) {
				t.Errorf("verdict(%+v) = %+v, want %s in both or in neither", r, said, value)
			}
		}
	}
}
