package suite_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"text/template"

	jsonv2 "github.com/go-json-experiment/json"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"suitekeeper/suite"
)

const canary = "canary-4711"

// holder is how secrets usually travel: in exported fields, which fmt honours.
type holder struct {
	Value   suite.Secret
	Pointer *suite.Secret
	List    []suite.Secret
	Map     map[string]suite.Secret
	Deep    struct{ suite.Credentials }
}

func newHolder() holder {
	s := suite.Secret(canary)
	h := holder{Value: s, Pointer: &s, List: []suite.Secret{s}, Map: map[string]suite.Secret{"a": s}}
	h.Deep.Credentials = suite.Credentials{Key: "suite1", Secret: s, Ticket: s}
	return h
}

func TestSecretPrintsMaskedWhereverValuesArePrinted(t *testing.T) {
	s := suite.Secret(canary)
	h := newHolder()
	shown := map[string]string{
		"String":   s.String(),
		"GoString": s.GoString(),
		"error":    fmt.Errorf("call with %s: %w", s, errors.New("failed")).Error(),
		"template": execute(t, s),
		"xml":      marshal(t, xml.Marshal, s),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%20s", "%.3s"} {
		shown[verb] = fmt.Sprintf(verb, s)
		shown["holder "+verb] = fmt.Sprintf(verb, h)
	}
	shown["json"] = marshal(t, json.Marshal, h)
	shown["json v2"] = marshal(t, func(v any) ([]byte, error) { return jsonv2.Marshal(v) }, h)
	for name, text := range logged(s, h) {
		shown[name] = text
	}
	for name, text := range shown {
		if strings.Contains(text, "canary") || strings.Contains(text, "4711") || strings.Contains(text, fmt.Sprintf("%x", "canary")) {
			t.Errorf("%s shows %q, which holds the secret", name, text)
		}
		if !strings.Contains(text, "•••") {
			t.Errorf("%s shows %q, want •••", name, text)
		}
	}
}

func execute(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse("{{.}}")).Execute(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func marshal(t *testing.T, marshal func(any) ([]byte, error), v any) string {
	t.Helper()
	text, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// logged writes the secret with every kind of zap's fields that takes any value.
func logged(s suite.Secret, h holder) map[string]string {
	shown := map[string]string{}
	for name, field := range map[string]zap.Field{
		"zap.Any":      zap.Any("secret", s),
		"zap.Any list": zap.Any("secret", h.List),
		"zap.Any all":  zap.Any("secret", h),
		"zap.Reflect":  zap.Reflect("secret", s),
		"zap.Stringer": zap.Stringer("secret", s),
		"zap.Object":   zap.Object("secret", s),
		"zap.Error":    zap.Error(fmt.Errorf("call with %v", s)),
	} {
		var b bytes.Buffer
		core := zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), zapcore.AddSync(&b), zap.DebugLevel)
		zap.New(core).Info("message", field)
		shown[name] = b.String()
	}
	return shown
}

func TestNoSecretPrintsAsNothing(t *testing.T) {
	var none suite.Secret
	if got := fmt.Sprintf("%v|%s", none, marshal(t, json.Marshal, none)); got != `|""` {
		t.Errorf("no secret prints as %q, want nothing", got)
	}
}

func TestRevealReturnsTheSecret(t *testing.T) {
	if got := suite.Secret(canary).Reveal(); got != canary {
		t.Errorf("Reveal() = %q, want %q", got, canary)
	}
}
