package suite

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maskDepth is how deeply a payload is looked into; what lies deeper is masked
// as a whole. DingTalk's events go down to six.
const maskDepth = 64

// maskPayload returns a stored payload with its secrets replaced by •••, and
// else as it came. Of a payload in quarantine, whose structure cannot be
// trusted, it shows only values that are known to be harmless. Text that is no
// JSON is not shown at all.
func maskPayload(payload []byte, quarantined bool) []byte {
	m := masker{text: payload, strict: quarantined}
	if !m.document() {
		return []byte(masked)
	}
	return m.out
}

// masker copies a JSON text and leaves out what must not be seen.
type masker struct {
	text   []byte
	strict bool // show only strings whose name is known to be harmless
	depth  int  // of what is around the text
	dec    *jsontext.Decoder
	out    []byte
	copied int64 // how much of text is in out, or was left out
}

// document masks the whole text. It reports whether that is JSON.
func (m *masker) document() bool {
	m.dec = jsontext.NewDecoder(bytes.NewBuffer(m.text), lenient)
	if m.value("", m.depth) != nil {
		return false
	}
	rest := m.text[m.dec.InputOffset():]
	if len(bytes.TrimSpace(rest)) > 0 {
		return false
	}
	m.out = append(m.out, m.text[m.copied:]...)
	return true
}

// value masks the next value, which stands under that name.
func (m *masker) value(name string, depth int) error {
	kind := m.dec.PeekKind()
	if (kind == '{' || kind == '[') && depth < maskDepth && !secretName(name) {
		return m.container(name, depth)
	}
	v, err := m.dec.ReadValue()
	if err != nil {
		return err
	}
	switch kind {
	case '{', '[':
		m.replace(v, masked)
	case '0':
		if secretName(name) {
			m.replace(v, masked)
		}
	case '"':
		if shown, changed := m.shown(name, v, depth); changed {
			m.replace(v, shown)
		}
	}
	return nil
}

// container masks the members of an object, or the elements of an array, which
// stand under the array's name.
func (m *masker) container(name string, depth int) error {
	open, err := m.dec.ReadToken()
	if err != nil {
		return err
	}
	object := open.Kind() == '{'
	for kind := m.dec.PeekKind(); kind != '}' && kind != ']'; kind = m.dec.PeekKind() {
		if object {
			quoted, err := m.dec.ReadValue()
			if err != nil {
				return err
			}
			if name, _ = textOf(quoted); name == "" {
				name = string(quoted)
			}
		}
		if err := m.value(name, depth+1); err != nil {
			return err
		}
	}
	_, err = m.dec.ReadToken()
	return err
}

// shown returns what is to be seen in place of a string.
func (m *masker) shown(name string, v jsontext.Value, depth int) (shown string, changed bool) {
	text, ok := textOf(v)
	switch {
	case text == "" && ok:
		return "", false
	case !ok || secretName(name):
		return masked, true
	}
	begin := strings.TrimLeft(text, " \t\r\n")
	if begin != "" && strings.IndexByte(`{["`, begin[0]) >= 0 { // JSON in a string, as biz_data is
		inner := masker{text: []byte(text), strict: m.strict, depth: depth + 1}
		if inner.document() {
			return string(inner.out), string(inner.out) != text
		}
		return masked, true
	}
	switch {
	case secretInside.MatchString(text), m.strict && !harmlessNames[name]:
		return masked, true
	default:
		return text, false
	}
}

// replace has shown, as a JSON string, stand in for the value that was read last.
func (m *masker) replace(v jsontext.Value, shown string) {
	end := m.dec.InputOffset()
	m.out = append(m.out, m.text[m.copied:end-int64(len(v))]...)
	// A text that came out of JSON, or ours, is sound UTF-8.
	m.out, _ = jsontext.AppendQuote(m.out, shown)
	m.copied = end
}

// secretWords are what the names of DingTalk's secrets hold, in lower case and
// without separators: SuiteTicket, tmp_auth_code, ch_permanent_code, …
var secretWords = []string{"ticket", "token", "secret", "password", "passwd", "authcode", "permanentcode",
	"licensecode", "invite", "aeskey", "apikey", "accesskey", "privatekey", "credential"}

var dropSeparators = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

// secretName tells whether what stands under the name is not for the eyes.
func secretName(name string) bool {
	name = dropSeparators.Replace(strings.ToLower(name))
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// secretInside finds secrets in running text and in URLs.
var secretInside = regexp.MustCompile(`(?i)(ticket|token|secret|passwd|password|auth_?code|permanent_?code|aes_?key|access_?key)["'\\\s]*[=:]`)

// harmlessNames are those whose strings are shown even where nothing else is sure.
var harmlessNames = map[string]bool{
	"EventType": true, "eventType": true, "syncAction": true, "TimeStamp": true, "SuiteKey": true, "TestSuiteKey": true,
	"AuthCorpId": true, "CorpId": true, "corpId": true, "buyCorpId": true, "corp_id": true, "corpid": true,
	"AppId": true, "appId": true, "AgentId": true, "agentId": true,
	"biz_id": true, "biz_type": true, "subscribe_id": true, "gmt_create": true, "gmt_modified": true,
}

// maskCode shows the end of a permanent code, by which it can be told from
// others; of a short one nothing.
func maskCode(code string) string {
	const shown, least = 4, 16
	if len(code) < least {
		return masked
	}
	return masked + code[len(code)-shown:]
}
