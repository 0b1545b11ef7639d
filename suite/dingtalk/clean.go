package dingtalk

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"suitekeeper/suite"
)

const (
	masked     = "•••"
	maxMessage = 300 // bytes: more than DingTalk's own ever have
)

// clean makes a message fit for logs and pages: no secret of this call, no
// control characters, no broken text, no great length.
func (k call) clean(message string) string {
	message = mask(strings.ToValidUTF8(message, "\uFFFD"), k.secrets)
	message = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, message)
	message = strings.TrimSpace(message)
	if len(message) <= maxMessage {
		return message
	}
	cut := maxMessage
	for !utf8.RuneStart(message[cut]) {
		cut--
	}
	return message[:cut] + "…"
}

// mask replaces every secret, in the forms that it takes in URLs too. The long
// ones go first, so that one which holds another goes whole.
func mask(message string, secrets []suite.Secret) string {
	var forms []string
	for _, s := range secrets {
		plain := s.Reveal()
		forms = append(forms, plain, url.QueryEscape(plain), url.PathEscape(plain))
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, form := range forms {
		if form != "" {
			message = strings.ReplaceAll(message, form, masked)
		}
	}
	return message
}

// addressIn finds the address from which DingTalk saw a call come, in the
// message of a refusal: "…,request ip=192.0.2.1 …".
func addressIn(message string) string {
	if _, after, ok := strings.Cut(message, "request ip"); ok {
		if a := firstAddress(after); a != "" {
			return a
		}
	}
	return firstAddress(message)
}

func firstAddress(s string) string {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.:", r) }) {
		a, err := netip.ParseAddr(strings.TrimRight(word, "."))
		if err == nil && !a.IsUnspecified() {
			return a.Unmap().String()
		}
	}
	return ""
}
