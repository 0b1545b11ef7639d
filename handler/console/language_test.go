package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"suitekeeper/suite"
)

func TestLanguageIsTheReadersOwn(t *testing.T) {
	h := newConsole(t, options(newSample(time.Now())))
	tests := []struct{ accept, chosen, want string }{
		{"", "", "en"},
		{"zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN"},
		{"zh-TW", "", "zh-CN"},
		{"fr, en;q=0.5, zh;q=0.4", "", "en"},
		{"fr", "", "en"},
		{"zh", "en", "en"},
		{"en", "zh", "zh-CN"},
		{"zh", "xx", "zh-CN"},
		{";;;q=", "", "en"},
	}
	for _, tt := range tests {
		b := newBrowser(t, h)
		b.header.Set("Accept-Language", tt.accept)
		if tt.chosen != "" {
			b.cookies["suitekeeper_language"] = tt.chosen
		}
		got := b.get("/console/sign-in")
		if !strings.Contains(got.body, `<html lang="`+tt.want+`">`) || got.Header.Get("Content-Language") != tt.want {
			t.Errorf("Accept-Language %q and choice %q: answered in %q, want %q", tt.accept, tt.chosen, got.Header.Get("Content-Language"), tt.want)
		}
	}
}

func TestLanguageCanBeSwitchedWhereOneIs(t *testing.T) {
	b := signedIn(t, newConsole(t, options(newSample(time.Now()))), viewerToken)
	path := "/console/events?type=change_auth"
	if page := b.get(path); !strings.Contains(page.body, `name="back" value="`+path+`"`) {
		t.Error("the switch does not lead back to its page")
	}
	got := b.post("/console/language", url.Values{"language": {"zh"}, "back": {path}})
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path {
		t.Errorf("POST /console/language = %d to %q, want 303 to %q", got.StatusCode, got.Header.Get("Location"), path)
	}
	if page := b.get(path); page.Header.Get("Content-Language") != "zh-CN" {
		t.Errorf("after the switch pages are in %q, want zh-CN", page.Header.Get("Content-Language"))
	}
	got = b.post("/console/language", url.Values{"language": {"xx"}, "back": {"//evil.example/console/"}})
	if got.Header.Get("Location") != "/console/" || len(got.Cookies()) != 0 {
		t.Errorf("POST of an unknown language leads to %q with cookies %v, want /console/ and none", got.Header.Get("Location"), got.Cookies())
	}
}

// messages reads the messages of a language: the texts, by key.
func messages(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("locales/*." + lang + ".yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("messages in %s: %v, %v, want files", lang, files, err)
	}
	flat := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := yaml.Unmarshal(data, &tree); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		flatten(flat, "", tree)
	}
	return flat
}

func flatten(flat map[string]string, prefix string, tree map[string]any) {
	for key, value := range tree {
		switch v := value.(type) {
		case map[string]any:
			if other, ok := v["other"].(string); ok {
				flat[prefix+key] = other
				continue
			}
			flatten(flat, prefix+key+".", v)
		case string:
			flat[prefix+key] = v
		}
	}
}

func TestLanguagesSayTheSame(t *testing.T) {
	en, zh := messages(t, "en"), messages(t, "zh")
	placeholder := regexp.MustCompile(`{{[^}]*}}`)
	for _, key := range slices.Sorted(maps.Keys(en)) {
		other, ok := zh[key]
		if !ok {
			t.Errorf("message %s is not there in Chinese", key)
			continue
		}
		a, b := placeholder.FindAllString(en[key], -1), placeholder.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("message %s has the placeholders %v in English and %v in Chinese", key, a, b)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("message %s is not there in English", key)
		}
	}
}

func TestAlertsAndReasonsHaveNames(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		named := messages(t, lang)
		for _, e := range suite.AlertEntries() {
			if named["alert."+string(e.Code)] == "" {
				t.Errorf("the alert %s has no name in %s", e.Code, lang)
			}
		}
		for _, e := range suite.RejectEntries() {
			if named["reject."+string(e.Reason)] == "" {
				t.Errorf("the reason %s has no name in %s", e.Reason, lang)
			}
		}
	}
}

// vocabularies are the messages that are looked up by a value.
var vocabularies = []string{
	"alert", "audit_action", "error", "event_type", "exchange", "flash", "history", "outcome", "outcome_means", "period", "reject",
	"retried", "retry", "role", "severity", "sign_in", "source", "status", "ticket", "cure", "scope", "call", "call_outcome", "nav", "age",
}

func TestNoMessageIsLeftOver(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if data, err := os.ReadFile(f); err == nil && !strings.HasSuffix(f, "_test.go") {
				sources.Write(data)
			}
		}
	}
	for key := range messages(t, "en") {
		group, _, _ := strings.Cut(key, ".")
		if !slices.Contains(vocabularies, group) && !strings.Contains(sources.String(), `"`+key+`"`) {
			t.Errorf("nothing says the message %s", key)
		}
	}
}
