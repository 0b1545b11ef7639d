package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"suitekeeper/store/backup"
	"suitekeeper/suite"
)

// check notes what is wrong with c: first key by key, as the validate tags
// say, then what several keys are together.
func (l *loader) check(c *Config) {
	l.checkRules(c)
	l.checkListeners(c)
	l.checkCertificate(c.TLS)
	l.checkBackup(c)
	if c.Retention.Fingerprints < c.Retention.Events {
		l.report("retention.fingerprints", suite.Text{EN: "is shorter than retention.events", ZH: "短于 retention.events"},
			suite.Text{
				EN: "at least as long as retention.events, or the repeat of a kept event would be taken for new",
				ZH: "不能短于 retention.events，否则重复推送的事件会被当作新事件",
			})
	}
	checkUnique(l, "suites", "key", c.Suites, func(s SuiteConfig) string { return s.Key })
	checkUnique(l, "admin.tokens", "name", c.Admin.Tokens, func(t AdminToken) string { return t.Name })
	checkUnique(l, "admin.tokens", "token", c.Admin.Tokens, func(t AdminToken) string { return t.Token.Reveal() })
}

func (l *loader) checkRules(c *Config) {
	var broken validator.ValidationErrors
	errors.As(newValidator().Struct(c), &broken)
	for _, e := range broken {
		_, path, _ := strings.Cut(e.Namespace(), ".") // the first part is the Go type
		l.report(path, problemOf(e), l.allowedAt(path))
	}
}

// problemOf says which rule is broken. The value itself stays out of it, but
// how long it is gives away the commonest mistake, a value cut short in copying.
func problemOf(e validator.FieldError) suite.Text {
	text := reflect.ValueOf(e.Value())
	switch {
	case text.IsZero() && text.Kind() == reflect.String:
		return suite.Text{EN: "is missing", ZH: "未设置"}
	case e.Tag() == "len" || (text.Kind() == reflect.String && (e.Tag() == "min" || e.Tag() == "max")):
		return both(suite.Text{EN: "has %d characters", ZH: "现有 %d 个字符"}, utf8.RuneCountInString(text.String()))
	default:
		return suite.Text{EN: "is not allowed", ZH: "取值不被允许"}
	}
}

// allowedAt returns what may stand at path, in words.
func (l *loader) allowedAt(path string) suite.Text {
	structure, f := l.root, field{}
	for part := range strings.SplitSeq(path, ".") {
		key, index, _ := strings.Cut(part, "[")
		f, _, _ = findField(structure, "", key)
		structure = f.value
		if n, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
			structure = f.value.Index(n)
		}
	}
	return f.allowed()
}

// exposed is what is wrong with operators' pages that anybody can listen in on.
var exposed = suite.Text{EN: "would be reachable from other machines without TLS", ZH: "未启用 TLS 却可从其他机器访问"}

func (l *loader) checkListeners(c *Config) {
	if !c.TLS.Enabled() && !isLoopbackAddress(c.Admin.Listen) {
		l.report("admin.listen", exposed,
			suite.Text{
				EN: "keep it on 127.0.0.1, or set tls.cert_file and tls.key_file",
				ZH: "请只监听 127.0.0.1，或配置 tls.cert_file 和 tls.key_file",
			})
	}
	if _, port, err := net.SplitHostPort(c.Listen); err == nil && port != "0" && c.Listen == c.Admin.Listen {
		l.report("admin.listen", suite.Text{EN: "is the same address as listen", ZH: "与 listen 是相同的地址"}, suite.Text{EN: "give each its own port", ZH: "请为两者设置不同的端口"})
	}
}

func (l *loader) checkCertificate(c TLSConfig) {
	if c.CertFile == "" || c.KeyFile == "" {
		return
	}
	if _, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err != nil {
		l.report("tls.cert_file", both(suite.Text{EN: "cannot be used with tls.key_file: %s", ZH: "无法与 tls.key_file 配合使用：%s"}, err),
			suite.Text{EN: "give a PEM certificate and the private key that belongs to it", ZH: "请提供 PEM 格式的证书及与之配套的私钥"})
	}
}

// checkBackup sees to it that somebody can open the backups.
func (l *loader) checkBackup(c *Config) {
	if c.Backup.Dir != "" && len(c.Backup.Recipients) == 0 && c.MasterKey == "" {
		l.report("backup.dir", suite.Text{EN: "is set, and nobody is named whom backups are to be encrypted for", ZH: "已设置，但没有指定备份为谁加密"},
			suite.Text{
				EN: "set backup.recipients (age-keygen makes a key and prints its recipient), or master_key",
				ZH: "请设置 backup.recipients（age-keygen 会生成密钥并输出接收者），或设置 master_key",
			})
	}
}

// checkUnique notes elements of the list at path that have a key in common.
func checkUnique[T any](l *loader, path, key string, list []T, value func(T) string) {
	first := map[string]int{}
	for i, element := range list {
		v := value(element)
		if j, twice := first[v]; twice && v != "" {
			l.report(fmt.Sprintf("%s[%d].%s", path, i, key),
				both(suite.Text{EN: "is the same as %s[%d].%s", ZH: "与 %s[%d].%s 相同"}, path, j, key), suite.Text{EN: "each must have its own", ZH: "每一项都必须不同"})
			continue
		}
		first[v] = i
	}
}

// suiteKey is what a suite key may look like: it stands in callback URLs.
var suiteKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// newValidator returns a validator that knows our rules and names keys as the
// configuration does.
func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("json") })
	for name, holds := range map[string]func(string) bool{
		"address":       isAddress,
		"age_recipient": func(s string) bool { _, err := backup.ParseRecipients([]string{s}); return err == nil },
		"base_url":      isBaseURL,
		"master_key":    func(s string) bool { _, ok := decodeMasterKey(s); return ok },
		"network":       func(s string) bool { _, err := parseNetwork(s); return err == nil },
		"suite_key":     suiteKey.MatchString,
	} {
		// It fails only for an empty name or no function.
		_ = v.RegisterValidation(name, func(f validator.FieldLevel) bool { return holds(f.Field().String()) })
	}
	_ = v.RegisterValidation("least", isAtLeast)
	return v
}

// isAtLeast holds for a Duration that is as long as the rule says, or longer.
func isAtLeast(f validator.FieldLevel) bool {
	least, err := time.ParseDuration(f.Param())
	return err == nil && time.Duration(f.Field().Int()) >= least
}

// isAddress reports whether text is host:port with a port in digits.
func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " /@") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func isBaseURL(text string) bool {
	u, err := parseTarget(text)
	return err == nil && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery
}

// parseNetwork reads a CIDR, or one address as the network of only itself.
func parseNetwork(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}
