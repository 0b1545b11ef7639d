package suite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func TestEveryAlertHasMessageAndCureInBothLanguages(t *testing.T) {
	var codes []AlertCode
	for _, e := range alertEntries {
		codes = append(codes, e.Code)
		checkText(t, string(e.Code)+" message", e.Message)
		checkText(t, string(e.Code)+" cure", e.Cure)
		if e.Severity != SeverityCritical && e.Severity != SeverityWarning {
			t.Errorf("%s has severity %q", e.Code, e.Severity)
		}
		if slices.Contains(placeholder.FindAllString(e.Cure.EN, -1), "{detail}") {
			t.Errorf("%s quotes the detail in its cure, which belongs in the message", e.Code)
		}
	}
	declared := declaredCodes[AlertCode](t, "catalog.go", "AlertCode")
	slices.Sort(codes)
	slices.Sort(declared)
	if !slices.Equal(codes, declared) {
		t.Errorf("catalogue has %v, want one entry for each of %v", codes, declared)
	}
}

func TestEveryRejectionHasMessageAndCureInBothLanguages(t *testing.T) {
	for i, e := range rejectEntries {
		checkText(t, string(e.Reason)+" message", e.Message)
		checkText(t, string(e.Reason)+" cure", e.Cure)
		if last := i+1 == len(rejectEntries) || rejectEntries[i+1].Reason != e.Reason; last != (e.fits == nil) {
			t.Errorf("entry %d of %s: the last one of a reason, and no other, fits always", i, e.Reason)
		}
		if entryOf(e.Alert).Cure.EN == "" {
			t.Errorf("%s has alert %q, which the catalogue lacks", e.Reason, e.Alert)
		}
	}
	for _, reason := range rejectReasons {
		if e := (Rejection{Reason: reason}).entry(); e.Cure.EN == "" {
			t.Errorf("%s has no entry", reason)
		}
	}
}

func TestRejectionIsExplainedByWhatThePushCarried(t *testing.T) {
	for _, tt := range []struct {
		rejection Rejection
		en, zh    string // parts of the message
	}{
		{Rejection{Suite: "suite1", Reason: RejectSuiteKey, Got: "suite4xxxxxxxxxxxxxxx"},
			"The push carried suite4xxxxxxxxxxxxxxx while suite1 is configured: the suite is still being created", "仍在创建中"},
		{Rejection{Suite: "suite4xxxxxxxxxxxxxxx", Reason: RejectSuiteKey, Got: "suite1"},
			"The push carried suite1 while suite4xxxxxxxxxxxxxxx is configured: the suite has been created", "已创建完成"},
		{Rejection{Suite: "suite1", Reason: RejectSuiteKey, Got: "suite2"}, "encrypted for another suite", "suite2"},
		{Rejection{Suite: "suite1", Reason: RejectSuiteKey}, "carried unknown", "未知"},
		{Rejection{Suite: "suite1", Reason: RejectCiphertext}, "Token right, AES key wrong", "token 正确，AES key 错误"},
		{Rejection{Suite: "suite1", Reason: RejectSignature}, "token of suite suite1", "suite1"},
		{Rejection{Reason: RejectSignature}, "any configured suite", "任何已配置套件"},
		{Rejection{Reason: RejectUnknown, Got: "suite2"}, "Pushes for suite suite2 are refused", "套件 suite2 未在这里配置"},
		{Rejection{Reason: RejectSource, RemoteAddr: "192.0.2.1"}, "192.0.2.1", "192.0.2.1"},
	} {
		message, cure := tt.rejection.Explain()
		if !strings.Contains(message.EN, tt.en) || !strings.Contains(message.ZH, tt.zh) || cure.EN == "" || cure.ZH == "" {
			t.Errorf("Explain of %+v = %+v, %+v, want %q and %q", tt.rejection, message, cure, tt.en, tt.zh)
		}
	}
}

func TestEveryCodeIsExplainedInBothLanguages(t *testing.T) {
	want := []string{
		"-1", "88", "90001", "90002", "90019", "40078", "40079", "40080", "40082", "40083", "40084", "40085", "40087", "40088", "40090",
		"40091", "40102", "60020", "71006", "71007", "71009", "71010", "71011", "71012", "71013",
	}
	for _, code := range want {
		if _, ok := ExplainCode(code); !ok {
			t.Errorf("ExplainCode(%q) knows nothing", code)
		}
	}
	for _, want := range codeEntries {
		if got, ok := ExplainCode(want.Code); !ok || got != want {
			t.Errorf("ExplainCode(%q) = %+v, %v, want %+v: each code has one entry", want.Code, got, ok, want)
		}
		checkText(t, want.Code+" meaning", want.Meaning)
		checkText(t, want.Code+" cure", want.Cure)
		if placeholder.MatchString(want.Meaning.EN + want.Cure.EN) {
			t.Errorf("%s has placeholders, which nobody fills", want.Code)
		}
	}
	if e, ok := ExplainCode("12345"); ok {
		t.Errorf("ExplainCode(12345) = %+v, want nothing", e)
	}
}

func TestCodesOfTheNewerAPIReadAsTheClassicOnes(t *testing.T) {
	for code, classic := range map[string]string{
		"invalidSuiteTicket": "40085", "invalidAuthInfo": "40079", "invalidClientIdOrSecret": "40088",
		"invalidSuiteKey": "40083", "Forbidden.AccessDenied.IpNotInWhiteList": "60020",
		"Forbidden.AccessDenied.QpsLimitForApi": "90002", "Throttling.User": "90002",
	} {
		got, ok := ExplainCode(code)
		want, _ := ExplainCode(classic)
		want.Code = code
		if !ok || got != want {
			t.Errorf("ExplainCode(%q) = %+v, %v, want %+v", code, got, ok, want)
		}
	}
}

// checkText sees to it that both languages are there, are what they should be,
// and have the same placeholders.
func checkText(t *testing.T, name string, text Text) {
	t.Helper()
	en, zh := placeholder.FindAllString(text.EN, -1), placeholder.FindAllString(text.ZH, -1)
	slices.Sort(en)
	slices.Sort(zh)
	if !slices.Equal(en, zh) {
		t.Errorf("%s has placeholders %v in English, %v in Chinese", name, en, zh)
	}
	for _, p := range en {
		if !slices.Contains([]string{"{suite}", "{corp}", "{address}", "{code}", "{got}", "{detail}", "{count}", "{age}", "{skew}"}, p) {
			t.Errorf("%s has placeholder %s, which Fill does not know", name, p)
		}
	}
	if !endsWith(text.EN, ".") || !strings.ContainsFunc(text.EN, unicode.IsLower) {
		t.Errorf("%s is %q in English, want sentences", name, text.EN)
	}
	if !endsWith(text.ZH, "。") || !strings.ContainsFunc(text.ZH, isHan) {
		t.Errorf("%s is %q in Chinese, want sentences", name, text.ZH)
	}
}

// endsWith also takes a text that ends in the detail, which is a sentence then.
func endsWith(text, stop string) bool {
	return strings.HasSuffix(text, stop) || strings.HasSuffix(text, stop+" {detail}") || strings.HasSuffix(text, stop+"{detail}")
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// declaredCodes reads the constants of a type from a source file.
func declaredCodes[S ~string](t *testing.T, source, name string) (codes []S) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != name {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, S(code))
		return true
	})
	return codes
}

func TestFillReplacesPlaceholdersOnce(t *testing.T) {
	e := Entry{
		Message: Text{"{suite} {corp} {detail} {code}", "{suite}，{corp}，{detail}，{code}"},
		Cure:    Text{"{address} {age} {skew}", "{address}，{age}，{skew}"},
	}
	message, cure := e.Fill(Values{
		Suite: "suite1", Detail: asItIs("{corp} said {suite}"), Code: "40085", Address: "192.0.2.1",
		Age: 7*time.Hour + 12*time.Minute + 20*time.Second, Skew: -6 * time.Minute,
	})
	wantMessage := Text{"suite1 unknown {corp} said {suite} 40085", "suite1，未知，{corp} said {suite}，40085"}
	wantCure := Text{"192.0.2.1 7 h 12 min 6 min behind", "192.0.2.1，7 小时 12 分钟，慢 6 分钟"}
	if message != wantMessage || cure != wantCure {
		t.Errorf("Fill = %+v, %+v, want %+v, %+v", message, cure, wantMessage, wantCure)
	}
}

func TestCorpIsNamedIfItsNameIsKnown(t *testing.T) {
	e := Entry{Message: Text{"corp {corp}", "企业 {corp}"}}
	for _, tt := range []struct {
		values Values
		want   Text
	}{
		{Values{Corp: "ding1", CorpName: "星河科技"}, Text{"corp 星河科技 (ding1)", "企业 星河科技 (ding1)"}},
		{Values{Corp: "ding1", CorpName: "{suite}", Suite: "suite1"}, Text{"corp {suite} (ding1)", "企业 {suite} (ding1)"}},
		{Values{Corp: "ding1"}, Text{"corp ding1", "企业 ding1"}},
		{Values{CorpName: "of none"}, Text{"corp unknown", "企业 未知"}},
	} {
		if got, _ := e.Fill(tt.values); got != tt.want {
			t.Errorf("Fill(%+v) = %+v, want %+v", tt.values, got, tt.want)
		}
	}
}

func TestFilledAlertsHaveNoPlaceholderLeft(t *testing.T) {
	for _, e := range alertEntries {
		message, cure := e.Fill(Values{})
		for _, text := range []string{message.EN, message.ZH, cure.EN, cure.ZH} {
			if placeholder.MatchString(text) {
				t.Errorf("%s reads %q when filled", e.Code, text)
			}
		}
	}
}

func TestEveryFaultHasItsAlert(t *testing.T) {
	for fault, want := range map[Fault]AlertCode{
		FaultTransient: AlertPlatformUnreachable, FaultThrottled: AlertThrottled, FaultTicket: AlertTicketRejected,
		FaultToken: AlertPlatformRefused, FaultCodeSpent: AlertCodeBurnt, FaultCodeExpired: AlertCodeBurnt,
		FaultNotAuthorized: AlertNotAuthorized, FaultReauthorize: AlertReauthorizeNeeded,
		FaultPermanentCode: AlertPermanentCodeWrong, FaultAddress: AlertAddressNotWhitelisted,
		FaultSecret: AlertSuiteSecretWrong, FaultSuiteKey: AlertSuiteKeyWrong, FaultOther: AlertPlatformRefused,
	} {
		if got := alertFor(fault); got != want {
			t.Errorf("alertFor(%s) = %s, want %s", fault, got, want)
		}
		if e := entryOf(alertFor(fault)); e.Cure.ZH == "" {
			t.Errorf("alertFor(%s) has no cure", fault)
		}
	}
}
