package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/handler/admin"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

// What is no language: commands, addresses, files and settings.
var noChinese = regexp.MustCompile(`suitekeeper [a-z]+|systemctl [a-z]+ suitekeeper|timedatectl set-ntp true|iostat -x|ulimit -f|https?://[^\s，。）：]*|\w*(?:[./]\w+)+`)

// twoWords is what no Chinese text has of English: a single word may be a name.
var twoWords = regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,}\b`)

// wantChinese looks for English in the Chinese words of a finding. The words of
// config check are those of a command line, in English.
func wantChinese(t testing.TB, code, text string) {
	t.Helper()
	if slices.Contains([]string{"configuration_invalid", "aes_key_malformed", "token_malformed", "admin_exposed"}, code) {
		return
	}
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

// TestEveryVerdictIsSaidInChinese reads the source of the stand-in for all that
// may be wrong with an answer.
func TestEveryVerdictIsSaidInChinese(t *testing.T) {
	found := 0
	for _, name := range []string{"judge.go", "fields.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../suite/dingtalk/dingtalktest", name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			reason, err := strconv.Unquote(text.Value)
			if err != nil || !strings.Contains(reason, " ") || strings.HasPrefix(reason, "%") {
				return true // a name, or a form around a reason
			}
			found++
			reason = strings.NewReplacer("%d", "301", "%q", `"x"`, "%s", "nonce").Replace(reason)
			if got := keeper.Verdict(reason); got.EN != reason || got.ZH == reason || strings.Contains(got.ZH, "$1") {
				t.Errorf("verdict(%q) = %+v, want it in Chinese, too", reason, got)
			}
			return true
		})
	}
	if found < 15 {
		t.Errorf("found %d reasons in the source, want all", found)
	}
}
