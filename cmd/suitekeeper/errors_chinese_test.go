package main_test

import (
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store/backup"
	"suitekeeper/store/boltstore"
	"suitekeeper/suite"
)

func TestErrorsAreSaidInChineseAsFarAsTheirWordsAreKnown(t *testing.T) {
	taken := &net.OpError{Op: "listen", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080},
		Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	denied := &fs.PathError{Op: "open", Path: "/data", Err: syscall.EACCES}
	ours := keeper.Errorf(suite.Text{EN: "cannot read %s: %w", ZH: "无法读取 %s：%w"}, "x", syscall.EACCES)
	tests := []struct {
		err  error
		want string
	}{
		{ours, "无法读取 x：没有访问权限"},
		{fmt.Errorf("--identity: %w", ours), "--identity: 无法读取 x：没有访问权限"},
		{keeper.Errorf(suite.Text{EN: "%d of %s: %w", ZH: "%[2]s 的 %[1]d：%[3]w"}, 1, suite.Text{EN: "two", ZH: "二"}, ours), "二 的 1：无法读取 x：没有访问权限"},
		{errors.Join(fmt.Errorf("a.backup: %w", backup.ErrDamaged), denied), "a.backup: 备份已损坏或不完整\n/data：没有访问权限"},
		{errors.Join(ours, nil), "无法读取 x：没有访问权限"},
		{fmt.Errorf("%w: by somebody", boltstore.ErrLocked), "有运行中的服务器正在使用数据文件"},
		{taken, "127.0.0.1:8080 已被占用"},
		{fmt.Errorf("one: %w", errors.New("unheard of")), "one: unheard of"},
	}
	for _, tt := range tests {
		if got := keeper.InChinese(tt.err); got != tt.want {
			t.Errorf("in Chinese %q is %q, want %q", tt.err, got, tt.want)
		}
	}
	if !errors.Is(ours, syscall.EACCES) || ours.Error() != "cannot read x: permission denied" {
		t.Errorf("the error reads %q in English, want what fmt.Errorf makes of it", ours)
	}
}

// verb is what stands in a text for a value.
var verb = regexp.MustCompile(`%(?:\[\d\])?[0-9.]*[a-z]`)

// TestEveryTextIsInBothLanguages reads the source for texts, hints and errors
// among them.
func TestEveryTextIsInBothLanguages(t *testing.T) {
	texts := 0
	for _, file := range sourceFiles(t, "*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			said := map[string]string{}
			for _, element := range literal.Elts {
				pair, ok := element.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if name, ok := pair.Key.(*ast.Ident); ok && isText(pair.Value) {
					text, err := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					said[name.Name] = text
				}
			}
			en, zh := said["EN"], said["ZH"]
			if en == "" && zh == "" {
				return true
			}
			texts++
			if !slices.Equal(verbs(en), verbs(zh)) {
				t.Errorf("%q and %q have different values", en, zh)
			}
			if zh == "" || twoWords.MatchString(en) && !hasHan(zh) {
				t.Errorf("%q is %q, want it in Chinese", en, zh)
			}
			return true
		})
	}
	if texts < 150 {
		t.Errorf("only %d texts were found", texts)
	}
}

// verbs are what stands in a text for values, in any order.
func verbs(text string) []string {
	var all []string
	for _, v := range verb.FindAllString(text, -1) {
		all = append(all, v[len(v)-1:])
	}
	slices.Sort(all)
	return all
}

// TestWhyNobodyListensIsInChinese has addresses on which nothing can listen.
func TestWhyNobodyListensIsInChinese(t *testing.T) {
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	for address, want := range map[string]string{
		taken.Addr().String(): taken.Addr().String() + " 已被占用",
		"192.0.2.1:1":         "192.0.2.1:1 不是本机地址",
		"127.0.0.1:99999":     "address 99999: invalid port",
	} {
		var out, errs strings.Builder
		status := keeper.Run(t.Context(), []string{"demo", "--listen", address}, strings.NewReader(""), &out, &errs)
		if line, _, _ := strings.Cut(errs.String(), "\n"); status != 1 || line != "suitekeeper：listen："+want {
			t.Errorf("demo --listen %s = status %d, %s, want 1 and %s", address, status, line, want)
		}
	}
}
