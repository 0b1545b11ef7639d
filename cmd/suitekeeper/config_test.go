package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
)

const (
	goodToken  = "tokenThatIsLongEnough0123456789"
	goodAESKey = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
	goodSuite  = `{key: suitea, secret: s, token: ` + goodToken + `, aes_key: ` + goodAESKey + `}`
)

// writeConfig puts text into a file of its own and returns the path.
func writeConfig(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "suitekeeper.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t testing.TB, o keeper.LoadOptions) keeper.Config {
	t.Helper()
	c, _, err := keeper.LoadConfig(o)
	if err != nil {
		t.Fatalf("LoadConfig(%+v) = %v, want no error", o, err)
	}
	return c
}

// defaults is the configuration that nobody configured.
func defaults() keeper.Config {
	return keeper.Config{
		Listen:           "127.0.0.1:8080",
		MaxBodyBytes:     1 << 20,
		Admin:            keeper.AdminConfig{Listen: "127.0.0.1:8081", Tokens: []keeper.AdminToken{}},
		Data:             "./data",
		TrustedProxies:   []string{},
		AllowedSources:   []string{},
		Backup:           keeper.BackupConfig{Every: keeper.Duration(24 * time.Hour), Keep: 7, Recipients: []string{}},
		Retention:        keeper.RetentionConfig{Events: keeper.Duration(720 * time.Hour), Fingerprints: keeper.Duration(1080 * time.Hour)},
		TicketStaleAfter: keeper.Duration(6 * time.Hour),
		DingTalk:         keeper.DingTalkConfig{OAPIURL: "https://oapi.dingtalk.com", APIURL: "https://api.dingtalk.com"},
		Suites:           []keeper.SuiteConfig{},
		Log:              keeper.LogConfig{Level: "info", Format: "json"},
	}
}

// diff compares configurations with their secrets, which print alike.
func diff(want, got keeper.Config) string {
	return cmp.Diff(want, got, cmp.Transformer("reveal", suite.Secret.Reveal))
}

// ageRecipient is a recipient of age, whose key nobody has.
const ageRecipient = "age1dwlneq9zdv2tzepup4zltgk7msuge0cmxcygwa47z9evxtqqeu9qfhky6h"

func TestLoadConfigWithNothingGivesDefaults(t *testing.T) {
	got := mustLoad(t, keeper.LoadOptions{Environ: []string{"HOME=/root", "SUITEKEEPER_LISTEN=", "SUITEKEEPER_ADMIN_TOKEN=for the client"}})
	if d := diff(defaults(), got); d != "" {
		t.Errorf("LoadConfig() of nothing (-want +got):\n%s", d)
	}
}

func TestLoadConfigReadsEveryKey(t *testing.T) {
	path := writeConfig(t, `
listen: 0.0.0.0:80
max_body_bytes: 2048
admin:
  listen: "[::1]:81"
  tokens:
    - {name: ops, token: 0123456789abcdef, role: operator}
    - name: app
      token: fedcba9876543210
      role: app
data: /var/lib/suitekeeper
master_key: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
public_url: https://isv.example.com
trusted_proxies: [10.0.0.0/8, 192.168.1.1]
allowed_sources:
  - dingtalk
  - 2001:db8::/32
backup:
  dir: /mnt/backups
  every: 6h
  keep: 28
  recipients: [`+ageRecipient+`]
retention: {events: 24h, fingerprints: 48h30m}
ticket_stale_after: 90m
dingtalk: {oapi_url: "http://127.0.0.1:1", api_url: "http://127.0.0.1:2"}
suites:
  - key: suitea
    name: 第一
    secret: |
      two
      lines
    token: 000123
    aes_key: `+goodAESKey+`
    app_id: 42
    url_check_reply: random
log: {level: debug, format: console}
`)
	want := keeper.Config{
		Listen:       "0.0.0.0:80",
		MaxBodyBytes: 2048,
		Admin: keeper.AdminConfig{Listen: "[::1]:81", Tokens: []keeper.AdminToken{
			{Name: "ops", Token: "0123456789abcdef", Role: "operator"},
			{Name: "app", Token: "fedcba9876543210", Role: "app"},
		}},
		Data:             "/var/lib/suitekeeper",
		MasterKey:        "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		PublicURL:        "https://isv.example.com",
		TrustedProxies:   []string{"10.0.0.0/8", "192.168.1.1"},
		AllowedSources:   []string{"dingtalk", "2001:db8::/32"},
		Backup:           keeper.BackupConfig{Dir: "/mnt/backups", Every: keeper.Duration(6 * time.Hour), Keep: 28, Recipients: []string{ageRecipient}},
		Retention:        keeper.RetentionConfig{Events: keeper.Duration(24 * time.Hour), Fingerprints: keeper.Duration(48*time.Hour + 30*time.Minute)},
		TicketStaleAfter: keeper.Duration(90 * time.Minute),
		DingTalk:         keeper.DingTalkConfig{OAPIURL: "http://127.0.0.1:1", APIURL: "http://127.0.0.1:2"},
		Suites: []keeper.SuiteConfig{{Key: "suitea", Name: "第一", Secret: "two\nlines\n", Token: "000123",
			AESKey: goodAESKey, AppID: 42, URLCheckReply: "random"}},
		Log: keeper.LogConfig{Level: "debug", Format: "console"},
	}
	got := mustLoad(t, keeper.LoadOptions{Path: path})
	if d := diff(want, got); d != "" {
		t.Errorf("LoadConfig() (-want +got):\n%s", d)
	}
	if got := string(got.MasterKeyBytes()); got != "0123456789abcdef0123456789abcdef" {
		t.Errorf("MasterKeyBytes() = %q, want the decoded key", got)
	}
}

func TestFlagsBeatEnvironmentBeatsFile(t *testing.T) {
	o := keeper.LoadOptions{
		Path:    writeConfig(t, "listen: a:1\ndata: from-file\nlog: {level: debug, format: console}\ntrusted_proxies: [10.0.0.1]"),
		Environ: []string{"SUITEKEEPER_LISTEN=b:2", "SUITEKEEPER_LOG_LEVEL=warn", "SUITEKEEPER_TRUSTED_PROXIES=10.0.0.2, 10.0.0.3"},
		Flags:   map[string]string{"listen": "c:3"},
	}
	want := defaults()
	want.Listen, want.Data = "c:3", "from-file"
	want.Log = keeper.LogConfig{Level: "warn", Format: "console"}
	want.TrustedProxies = []string{"10.0.0.2", "10.0.0.3"}
	if d := diff(want, mustLoad(t, o)); d != "" {
		t.Errorf("LoadConfig() (-want +got):\n%s", d)
	}
}

func TestSecretsAreReadFromFiles(t *testing.T) {
	path := writeConfig(t, `suites: [{key: suitea, secret_file: keys/secret, token_file: keys/token, aes_key: `+goodAESKey+`}]`)
	keys := filepath.Join(filepath.Dir(path), "keys")
	if err := os.Mkdir(keys, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"secret": "from file\r\n", "token": goodToken + "\n", "other": "from variable\n"} {
		if err := os.WriteFile(filepath.Join(keys, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := mustLoad(t, keeper.LoadOptions{Path: path}).Suites[0]
	if got.Secret.Reveal() != "from file" || got.Token.Reveal() != goodToken {
		t.Errorf("secret = %q, token = %q, want the text of the files without line breaks", got.Secret.Reveal(), got.Token.Reveal())
	}
	got = mustLoad(t, keeper.LoadOptions{Path: path, Environ: []string{"SUITEKEEPER_SUITE_SECRET_FILE=" + filepath.Join(keys, "other")}}).Suites[0]
	if got.Secret.Reveal() != "from variable" {
		t.Errorf("secret = %q, want the one of the file that the variable names", got.Secret.Reveal())
	}
}

func TestSuiteFromEnvironment(t *testing.T) {
	alone := []string{"SUITEKEEPER_SUITE_KEY=suitea", "SUITEKEEPER_SUITE_SECRET=s", "SUITEKEEPER_SUITE_TOKEN=" + goodToken,
		"SUITEKEEPER_SUITE_AES_KEY=" + goodAESKey, "SUITEKEEPER_SUITE_NAME=n", "SUITEKEEPER_SUITE_APP_ID=7"}
	want := keeper.SuiteConfig{Key: "suitea", Name: "n", Secret: "s", Token: goodToken, AESKey: goodAESKey, AppID: 7, URLCheckReply: "success"}
	other := strings.Replace(goodSuite, "suitea", "suiteb", 1)
	for _, test := range []struct {
		name, file string
		environ    []string
		index, of  int
	}{
		{"alone", "", alone, 0, 1},
		{"beside another suite", "suites: [" + other + "]", alone, 1, 2},
		{"over the suite of that key", "suites: [" + other + ", {key: suitea, secret: old, app_id: 1}]", alone, 1, 2},
		{"over the only suite, no key given", "suites: [{key: suitea, secret: old}]", alone[1:], 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustLoad(t, keeper.LoadOptions{Path: writeConfig(t, test.file), Environ: test.environ})
			if len(got.Suites) != test.of {
				t.Fatalf("%d suites, want %d", len(got.Suites), test.of)
			}
			if d := cmp.Diff(want, got.Suites[test.index], cmp.Transformer("reveal", suite.Secret.Reveal)); d != "" {
				t.Errorf("suites[%d] (-want +got):\n%s", test.index, d)
			}
		})
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("listen: a:1\nsuites: [" + goodSuite + "]")
	f.Add("suites:\n  - key: a\n    secret_file: /dev/null\n    token: &a b\n  - *a\nadmin: {tokens: [{}]}")
	f.Add("a: !!binary |\n  x\n? [b]\n: {c}\n--- \n%YAML 1.2\n")
	f.Add("listen:\ntls:\nsuites: ~\nretention: {events: 1e9h}\n\xff\xfe")
	path := filepath.Join(f.TempDir(), "suitekeeper.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4<<10 {
			return // the parser takes time that grows with the square
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := keeper.LoadConfig(keeper.LoadOptions{Path: path})
		if invalid := (*keeper.ConfigError)(nil); err != nil && (!errors.As(err, &invalid) || len(invalid.Findings) == 0) {
			t.Errorf("LoadConfig of %q = %v, want a *ConfigError with findings", text, err)
		}
	})
}
