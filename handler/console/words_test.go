package console_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"suitekeeper/suite"
)

// What package suite writes into audit log and history; TestEveryValueHasItsWord
// finds out when it is more.
var (
	suiteAuditActions = []suite.AuditAction{
		suite.AuditRevealCode, suite.AuditRevealPayload, suite.AuditRetry, suite.AuditReplayEvent, suite.AuditReplay,
		suite.AuditSignIn, suite.AuditSignOut, suite.AuditBackup, suite.AuditRotateKey,
	}
	suiteHistory = []string{
		"authorized", "granted", "activated", "failed", "relieved", "stopped", "restored", "seen", "exchanged", "scope_changed", "reauth_corp", "retry",
		"change_auth", "org_suite_change", "org_micro_app_scope_update", "org_micro_app_stop", "org_micro_app_restore", "org_micro_app_remove",
	}
	suiteCalls = []string{"get_permanent_code", "activate_suite", "get_auth_info", "auth/scopes", "reauth_corp", "get_suite_token", "suiteAccessToken", "corpAccessToken", "get_corp_token"}
)

// suiteVocabularies are the types of package suite whose values pages show, with
// the vocabulary in which their words stand.
var suiteVocabularies = map[string]string{
	"Severity": "severity", "AlertCode": "alert", "Status": "status", "TicketState": "ticket", "ExchangeState": "exchange",
	"Outcome": "outcome", "Source": "source", "RejectReason": "reject", "AuditAction": "audit_action", "CallOutcome": "call_outcome",
	"RetryAction": "retried",
}

// TestEveryValueHasItsWord reads from the source of package suite which values
// there are: a page that has no word for one would show the value itself.
func TestEveryValueHasItsWord(t *testing.T) {
	values := suiteValues(t)
	if len(values["history"]) < 8 || len(values["call"]) < 5 {
		t.Errorf("in the source only %q and %q were found", values["history"], values["call"])
	}
	values["history"] = append(values["history"], suiteHistory...)
	values["call"] = append(values["call"], suiteCalls...)
	values["outcome_means"], values["retry"] = values["outcome"], values["retried"]
	for _, lang := range []string{"en", "zh"} {
		named := messages(t, lang)
		for vocabulary, list := range values {
			for _, value := range list {
				if named[vocabulary+"."+value] == "" {
					t.Errorf("%s has no word for the value %q of %s", lang, value, vocabulary)
				}
			}
		}
	}
	for _, vocabulary := range suiteVocabularies {
		if len(values[vocabulary]) < 2 {
			t.Errorf("of %s only %q was found in the source", vocabulary, values[vocabulary])
		}
	}
	for _, action := range values["audit_action"] {
		if !slices.Contains(suiteAuditActions, suite.AuditAction(action)) {
			t.Errorf("the action %s is missing on the page with everything", action)
		}
	}
}

// suiteValues are the constants of those types, by vocabulary, and of the
// history what stands in the source without a type.
func suiteValues(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../suite/*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("the source of package suite: %d files, %v", len(files), err)
	}
	values := map[string][]string{}
	for _, name := range files {
		if regexp.MustCompile(`_test\.go$`).MatchString(name) {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for pattern, vocabulary := range map[string]string{`What: +"(\w+)"`: "history", `p\.note\("([\w/]+)"`: "call", `Call: "(\w+)"`: "call"} {
			for _, found := range regexp.MustCompile(pattern).FindAllSubmatch(source, -1) {
				values[vocabulary] = append(values[vocabulary], string(found[1]))
			}
		}
		if inputs := regexp.MustCompile(`inputNames = \[inputCount\]string\{(.*)\}`).FindSubmatch(source); inputs != nil {
			for _, found := range regexp.MustCompile(`"(\w+)"`).FindAllSubmatch(inputs[1], -1) {
				values["history"] = append(values["history"], string(found[1]))
			}
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, typed := spec.Type.(*ast.Ident)
			literal, text := spec.Values[0].(*ast.BasicLit)
			if !typed || !text || suiteVocabularies[typ.Name] == "" {
				return true
			}
			if value, err := strconv.Unquote(literal.Value); err == nil && value != "" {
				vocabulary := suiteVocabularies[typ.Name]
				values[vocabulary] = append(values[vocabulary], value)
			}
			return true
		})
	}
	return values
}
