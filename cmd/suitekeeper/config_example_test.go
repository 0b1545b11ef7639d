package main_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	keeper "suitekeeper/cmd/suitekeeper"
)

const examplePath = "../../deploy/suitekeeper.yaml"

func TestExampleConfigurationIsValidButForItsPlaceholders(t *testing.T) {
	got, warnings, err := keeper.LoadConfig(keeper.LoadOptions{Path: examplePath})
	if err != nil {
		t.Fatalf("LoadConfig(%q) = %v, want no error", examplePath, err)
	}
	var warned []string
	for _, w := range warnings {
		warned = append(warned, w.Key)
	}
	if d := cmp.Diff([]string{"suites[0].key", "suites[0].secret", "suites[0].token", "suites[0].aes_key"}, warned); d != "" {
		t.Errorf("warnings of %s (-want +got):\n%s", examplePath, d)
	}
	got.Suites = []keeper.SuiteConfig{}
	if d := diff(defaults(), got); d != "" {
		t.Errorf("%s changes defaults (-want +got):\n%s", examplePath, d)
	}
}

func TestExampleConfigurationShowsDefaults(t *testing.T) {
	path := writeConfig(t, uncommented(t))
	for _, name := range []string{"ops.token", "master.key"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(strings.Repeat("0f", 32)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := mustLoad(t, keeper.LoadOptions{Path: path})
	want := defaults()
	want.Suites, want.Admin.Tokens, want.MasterKey, want.PublicURL = got.Suites, got.Admin.Tokens, got.MasterKey, got.PublicURL
	if d := diff(want, got); d != "" {
		t.Errorf("%s shows other defaults than the program has (-program +file):\n%s", examplePath, d)
	}
}

func TestExampleConfigurationShowsEveryKey(t *testing.T) {
	var shown map[string]any
	if err := yaml.Unmarshal([]byte(uncommented(t)), &shown); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(schemaKeys(reflect.TypeFor[keeper.Config](), "")))
	if d := cmp.Diff(want, slices.Sorted(slices.Values(shownKeys(shown, "")))); d != "" {
		t.Errorf("keys of %s (-program +file):\n%s", examplePath, d)
	}
}

// uncommented returns the example with every default put in force. Behind the #
// of a key there is no space or, where it is indented, two; prose has one.
func uncommented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^( *)#([a-z]|  )`).ReplaceAllString(string(text), "$1$2")
}

// schemaKeys lists the paths of all keys that t can hold.
func schemaKeys(t reflect.Type, path string) (keys []string) {
	for f := range t.Fields() {
		inner, at := f.Type, path+f.Tag.Get("json")
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			keys = append(keys, schemaKeys(inner, at+".")...)
			continue
		}
		keys = append(keys, at)
	}
	return keys
}

// shownKeys lists the paths of all keys that stand in v; name_file counts as
// name, unless that is the key's own name.
func shownKeys(v any, path string) (keys []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			name := key
			if path != "tls." {
				name = strings.TrimSuffix(key, "_file")
			}
			keys = append(keys, shownKeys(v[key], path+name+".")...)
		}
	case []any:
		if len(v) == 0 {
			return []string{strings.TrimSuffix(path, ".")}
		}
		for _, element := range v {
			keys = append(keys, shownKeys(element, path)...)
		}
	default:
		return []string{strings.TrimSuffix(path, ".")}
	}
	return keys
}
