package main_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	keeper "suitekeeper/cmd/suitekeeper"
)

// findings loads a configuration that is wrong and returns what is said of it,
// without the folder of the file.
func findings(t testing.TB, o keeper.LoadOptions) []keeper.Finding {
	t.Helper()
	_, _, err := keeper.LoadConfig(o)
	invalid := (*keeper.ConfigError)(nil)
	if !errors.As(err, &invalid) {
		t.Fatalf("LoadConfig(%+v) = %v, want a *ConfigError", o, err)
	}
	return withoutFolder(invalid.Findings, o.Path)
}

func withoutFolder(all []keeper.Finding, path string) []keeper.Finding {
	for i := range all {
		all[i].Where = strings.TrimPrefix(all[i].Where, filepath.Dir(path)+"/")
	}
	return all
}

func TestConfigErrorNamesPlaceKeyAndProblem(t *testing.T) {
	const file = "suitekeeper.yaml"
	in := func(line int, key, problem string) keeper.Finding {
		return keeper.Finding{Where: file, Line: line, Key: key, Problem: problem}
	}
	for _, test := range []struct {
		name, yaml string
		want       []keeper.Finding
	}{
		{"unknown key", "\nlisten: a:1\nforwards: []", []keeper.Finding{in(3, "forwards", "is not a known key")}},
		{"unknown key inside", "admin:\n  tokens:\n  - name: a\n    tokn: b\n    token: 0123456789abcdef\n    role: app",
			[]keeper.Finding{in(4, "admin.tokens[0].tokn", "is not a known key")}},
		{"key that may be a secret", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij: x", []keeper.Finding{in(1, "?", "is not a known key")}},
		{"key given twice", "data: a\ndata: b", []keeper.Finding{in(2, "data", "is given twice, first in line 1")}},
		{"secret and its file", "master_key: a\nmaster_key_file: b", []keeper.Finding{in(2, "master_key_file", "is given twice, first in line 1")}},
		{"object wanted", "admin: 7", []keeper.Finding{in(1, "admin", "must hold keys and values")}},
		{"list wanted", "suites: none", []keeper.Finding{in(1, "suites", "must be a list")}},
		{"value wanted", "data: [a]", []keeper.Finding{in(1, "data", "must be one value")}},
		{"nothing behind the colon", "data:", []keeper.Finding{in(1, "data", "must be one value")}},
		{"alias", "data: &a b\npublic_url: *a", []keeper.Finding{in(1, "data", "must be one value"), in(2, "public_url", "must be one value")}},
		{"element wanted", "allowed_sources:\n - {a: b}", []keeper.Finding{in(2, "allowed_sources[0]", "must be one value")}},
		{"not a duration", "retention: {events: 720}", []keeper.Finding{in(1, "retention.events", "is not a duration")}},
		{"events kept for too short", "retention: {fingerprints: 1h,\n events: 1ns}", []keeper.Finding{in(2, "retention.events", "is not allowed")}},
		{"fingerprints kept for too short", "retention: {events: 1h,\n fingerprints: 59m}", []keeper.Finding{in(2, "retention.fingerprints", "is not allowed")}},
		{"duration of nothing", "ticket_stale_after: 0s", []keeper.Finding{in(1, "ticket_stale_after", "is not allowed")}},
		{"not a number", "max_body_bytes: 1MiB", []keeper.Finding{in(1, "max_body_bytes", "is not a whole number")}},
		{"number too large", "max_body_bytes: 99999999999", []keeper.Finding{in(1, "max_body_bytes", "is not allowed")}},
		{"address without port", "listen: 127.0.0.1", []keeper.Finding{in(1, "listen", "is not allowed")}},
		{"port by name", "listen: 127.0.0.1:http", []keeper.Finding{in(1, "listen", "is not allowed")}},
		{"URL without host", "public_url: isv.example.com", []keeper.Finding{in(1, "public_url", "is not allowed")}},
		{"URL with password", "public_url: https://a:b@isv.example.com", []keeper.Finding{in(1, "public_url", "is not allowed")}},
		{"not a network", "trusted_proxies: [10.0.0.0/8, ten]", []keeper.Finding{in(1, "trusted_proxies[1]", "is not allowed")}},
		{"dingtalk is no proxy", "trusted_proxies: [dingtalk]", []keeper.Finding{in(1, "trusted_proxies[0]", "is not allowed")}},
		{"not a level", "log:\n  level: loud", []keeper.Finding{in(2, "log.level", "is not allowed")}},
		{"master key too short", "master_key: MDEyMw==", []keeper.Finding{in(1, "master_key", "is not allowed")}},
		{"unreadable file", "master_key_file: /does/not/exist", []keeper.Finding{in(1, "master_key_file", "cannot read /does/not/exist: no such file or directory")}},
		{"admin beyond loopback", "admin: {listen: ':8081'}", []keeper.Finding{in(1, "admin.listen", "would be reachable from other machines without TLS")}},
		{"one address for both", "listen: 127.0.0.1:1\nadmin: {listen: 127.0.0.1:1}", []keeper.Finding{in(2, "admin.listen", "is the same address as listen")}},
		{"certificate without key", "tls: {cert_file: /c.pem}", []keeper.Finding{in(1, "tls.key_file", "is missing")}},
		{"certificate that is none", "tls: {cert_file: /dev/null, key_file: /dev/null}", []keeper.Finding{in(1, "tls.cert_file",
			"cannot be used with tls.key_file: tls: failed to find any PEM data in certificate input")}},
		{"token of an unknown role", "admin: {tokens: [{name: a, token: 0123456789abcdef, role: king}]}", []keeper.Finding{in(1, "admin.tokens[0].role", "is not allowed")}},
		{"short admin token", "admin: {tokens: [{name: a, token: 0123456, role: app}]}", []keeper.Finding{in(1, "admin.tokens[0].token", "has 7 characters")}},
		{"suite without anything", "suites:\n- name: a", []keeper.Finding{
			in(2, "suites[0].key", "is missing"), in(2, "suites[0].secret", "is missing"),
			in(2, "suites[0].token", "is missing"), in(2, "suites[0].aes_key", "is missing")}},
		{"suite that is none", "suites:\n- suitea", []keeper.Finding{in(2, "suites[0]", "must hold keys and values")}},
		{"forms of a suite", "suites:\n- key: a/b\n  secret: s\n  token: a_b\n  aes_key: short\n  app_id: -1\n  url_check_reply: yes", []keeper.Finding{
			in(2, "suites[0].key", "is not allowed"), in(4, "suites[0].token", "is not allowed"), in(5, "suites[0].aes_key", "has 5 characters"),
			in(6, "suites[0].app_id", "is not allowed"), in(7, "suites[0].url_check_reply", "is not allowed")}},
		{"suite twice", "suites:\n- " + goodSuite + "\n- " + goodSuite, []keeper.Finding{in(3, "suites[1].key", "is the same as suites[0].key")}},
		{"two documents", "a: b\n---\nc: d", []keeper.Finding{in(0, "", "holds more than one YAML document")}},
		{"not YAML", "listen: 'a\n", []keeper.Finding{in(1, "", "is not valid YAML: could not find end character of single-quoted text")}},
		{"a list", "- a", []keeper.Finding{in(0, "", "must hold keys and values")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := findings(t, keeper.LoadOptions{Path: writeConfig(t, test.yaml)})
			if d := cmp.Diff(test.want, got, cmpopts.IgnoreFields(keeper.Finding{}, "Cure", "ProblemZH", "CureZH")); d != "" {
				t.Errorf("findings of %q (-want +got):\n%s", test.yaml, d)
			}
			for _, f := range got {
				if f.Cure == "" || !hasHan(f.ProblemZH) || !hasHan(f.CureZH) {
					t.Errorf("%+v, want a cure, and both in Chinese", f)
				}
			}
		})
	}
}

func TestConfigErrorNamesVariablesAndFlags(t *testing.T) {
	got := findings(t, keeper.LoadOptions{
		Environ: []string{"SUITEKEEPER_LISTN=a:1", "SUITEKEEPER_LOG_LEVEL=loud", "SUITEKEEPER_MASTER_KEY=x", "SUITEKEEPER_MASTER_KEY_FILE=y",
			"SUITEKEEPER_SUITE_TOKEN=" + goodToken, "SUITEKEEPER_SUITES=[]", "SUITEKEEPER_ADMIN_TOKENS=x", "SUITEKEEPER_ADMIN_TOKN=x", "SUITEKEEPER_CONFIG=x"},
		Flags: map[string]string{"listen": "nowhere"},
	})
	want := []keeper.Finding{
		{Where: "SUITEKEEPER_MASTER_KEY_FILE", Key: "master_key", Problem: "is given twice, also without _FILE", Cure: "keep one of them"},
		{Where: "SUITEKEEPER_SUITE_TOKEN", Problem: "does not say for which suite", Cure: "set SUITEKEEPER_SUITE_KEY too"},
		{Where: "SUITEKEEPER_ADMIN_TOKENS", Key: "admin.tokens", Problem: "holds more than a variable can say", Cure: "unset it and give admin.tokens in the configuration file"},
		{Where: "SUITEKEEPER_SUITES", Key: "suites", Problem: "holds more than a variable can say",
			Cure: "unset it and give suites in the configuration file, or one suite by SUITEKEEPER_SUITE_KEY, _SUITE_SECRET, _SUITE_TOKEN and _SUITE_AES_KEY"},
		{Where: "SUITEKEEPER_ADMIN_TOKN", Problem: "is not a known variable", Cure: "did you mean SUITEKEEPER_ADMIN_TOKEN?"},
		{Where: "SUITEKEEPER_CONFIG", Problem: "is not a known variable", Cure: "unset it; variables are named after keys, as SUITEKEEPER_ADMIN_LISTEN after admin.listen"},
		{Where: "SUITEKEEPER_LISTN", Problem: "is not a known variable", Cure: "did you mean SUITEKEEPER_LISTEN?"},
		{Where: "command line", Key: "listen", Problem: "is not allowed", Cure: "allowed: host:port, as 127.0.0.1:8080 or :8080"},
		{Where: "SUITEKEEPER_LOG_LEVEL", Key: "log.level", Problem: "is not allowed", Cure: "allowed: debug, info, warn or error"},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(keeper.Finding{}, "ProblemZH", "CureZH")); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}

func TestConfigErrorSuggestsTheKeyMeant(t *testing.T) {
	got := findings(t, keeper.LoadOptions{Path: writeConfig(t, "admn: {}\nticket_stale_aftr: 1h\nsomething: else")})
	for i, want := range []string{"did you mean admin? ", "did you mean ticket_stale_after? ", "allowed: listen, "} {
		if !strings.HasPrefix(got[i].Cure, want) {
			t.Errorf("cure of %v starts otherwise, want %q", got[i], want)
		}
	}
}

// A secret may stand at any key, right or wrong, and in any broken form.
func TestConfigErrorsHoldNoSecret(t *testing.T) {
	const canary = "c4n4ryS3cr3t"
	for _, yaml := range []string{
		"suites: [{key: CANARY/, name: a, secret: CANARY, token: CANARY_, aes_key: CANARY, app_id: CANARY, url_check_reply: CANARY}]",
		"suites:\n  - secret: CANARY\n    token CANARY",
		"suites:\n  - secret: |CANARY#\n",
		"suites:\n  - secret: \"CANARY\n  - x: y",
		"suites:\n  - secret: 'CANARY' CANARY\n",
		"suites:\n  - secret: a: CANARY\n",
		"suites:\n  - secret: !CANARY CANARY\n",
		"suites:\n  - secret: *CANARY\n    token: &CANARY x",
		"suites:\n  - secret: @CANARY\n",
		"suites:\n  - secret: [CANARY\n",
		"suites:\n  - secret: {CANARY}\n    token: {CANARY: CANARY}",
		"suites: CANARY\nmaster_key: CANARY\nadmin: CANARY",
		"listen: CANARY\ndata: x\nmax_body_bytes: CANARY\nretention: {events: CANARY}\npublic_url: https://u:CANARY@x\nallowed_sources: [CANARY]\nlog: {level: CANARY}",
		"admin: {tokens: [{name: a, token: CANARY, role: CANARY}, {name: a, token: CANARY, role: CANARY}]}",
		"? CANARY CANARY\n: CANARY",
		"\"CANARY\\x\": CANARY",
		"CANARY",
	} {
		text := strings.ReplaceAll(yaml, "CANARY", canary)
		_, _, err := keeper.LoadConfig(keeper.LoadOptions{Path: writeConfig(t, text), Environ: []string{
			"SUITEKEEPER_SUITE_TOKEN=" + canary, "SUITEKEEPER_MASTER_KEY=" + canary, "SUITEKEEPER_SUITE_SECRT=" + canary}})
		if err == nil {
			t.Errorf("LoadConfig of %q = no error, want one", text)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("LoadConfig of %q = %v, which holds the secret", text, err)
		}
	}
}

func TestConfigWarnings(t *testing.T) {
	path := writeConfig(t, `
dingtalk: {oapi_url: http://proxy.example.com}
suites:
- {key: suite4xxxxxxxxxxxxxxx, secret: s, token: `+goodToken+`, aes_key: `+goodAESKey+`}
- {key: suiteb, secret: s, token: 1`+goodToken+`, aes_key: `+goodAESKey+`}
- {key: suitec, secret: s, token: short, aes_key: `+goodAESKey+`}
- {key: suited, secret: s, token: "123456", aes_key: 4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij}`)
	_, got, err := keeper.LoadConfig(keeper.LoadOptions{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, w := range withoutFolder(got, path) {
		keys = append(keys, fmt.Sprintf("%s:%d %s", w.Where, w.Line, w.Key))
		if strings.Contains(w.String(), goodToken) || w.Cure == "" {
			t.Errorf("warning %q holds a token or no cure", w)
		}
	}
	want := []string{"suitekeeper.yaml:2 dingtalk.oapi_url", "suitekeeper.yaml:4 suites[0].key",
		"suitekeeper.yaml:5 suites[1].token", "suitekeeper.yaml:6 suites[2].token",
		"suitekeeper.yaml:7 suites[3].token", "suitekeeper.yaml:7 suites[3].aes_key"}
	if d := cmp.Diff(want, keys); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

func TestLargeFilesAreRefused(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []keeper.LoadOptions{{Path: big}, {Environ: []string{"SUITEKEEPER_MASTER_KEY_FILE=" + big}}} {
		if got := findings(t, o); len(got) != 1 || !strings.Contains(got[0].Problem, "larger than") {
			t.Errorf("LoadConfig(%+v) finds %v, want that the file is too large", o, got)
		}
	}
}
