package handler_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// wrongPushes are one push for each reason that lies behind the signature, or
// in it.
func wrongPushes(tb testing.TB) map[suite.RejectReason]crypto.Envelope {
	tb.Helper()
	badKey, badAES, badToken := suiteOptions, suiteOptions, suiteOptions
	badKey.Key = crypto.CreationKey
	badAES.EncodingAESKey = otherOptions.EncodingAESKey
	badToken.Token = "somebodyelse"
	return map[suite.RejectReason]crypto.Envelope{
		suite.RejectSignature:  seal(tb, badToken, `{}`),
		suite.RejectCiphertext: seal(tb, badAES, `{}`),
		suite.RejectSuiteKey:   seal(tb, badKey, `{}`),
		suite.RejectNotJSON:    seal(tb, suiteOptions, `success`),
	}
}

func TestRejectionsLookAlikeOutsideAndDifferInside(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	answers := map[string]bool{}
	for reason, e := range wrongPushes(t) {
		got := send(t, addr, pushTo("/callback/"+suiteKey, e))
		checkFailure(t, got, 403, "rejected")
		got.Header.Del("Date")
		answers[fmt.Sprint(got.Status, got.Header, got.body)] = true

		rejections := f.receiver.rejections()
		last := rejections[len(rejections)-1]
		if last.Reason != reason || last.Suite != suiteKey || last.RemoteAddr != "127.0.0.1" || last.At.IsZero() {
			t.Errorf("%s: Reject got %+v", reason, last)
		}
		line := f.logs.FilterMessage("push rejected").FilterField(zap.String("reason", string(reason))).All()
		message, cure := last.Explain()
		want := map[string]any{"alert": string(last.Alert()), "detail": message.EN, "cure": cure.EN}
		if len(line) != 1 || !contains(line[0].ContextMap(), want) {
			t.Errorf("%s: log has %v, want one line with %v", reason, line, want)
		}
	}
	if len(answers) != 1 {
		t.Errorf("rejections have %d different answers, want one: %v", len(answers), answers)
	}
}

func contains(all, part map[string]any) bool {
	for k, v := range part {
		if all[k] != v {
			return false
		}
	}
	return true
}

func TestRejectionNamesBothKeysWhileASuiteIsCreated(t *testing.T) {
	creation := suiteOptions
	creation.Key = crypto.CreationKey
	for _, tt := range []struct{ configured, pushed, want string }{
		{suiteKey, crypto.CreationKey, "The push carried suite4xxxxxxxxxxxxxxx while " + suiteKey + " is configured: the suite is still being created"},
		{crypto.CreationKey, suiteKey, "The push carried " + suiteKey + " while suite4xxxxxxxxxxxxxxx is configured: the suite has been created"},
		{suiteKey, "suiteforeign", "The push carried suiteforeign while " + suiteKey + " is configured"},
	} {
		configured, pushed := suiteOptions, suiteOptions
		configured.Key, pushed.Key = tt.configured, tt.pushed
		f := newFixture(t, func(o *handler.Options) {
			o.Suites = []handler.Suite{{Key: suite.SuiteKey(tt.configured), Codec: codec(t, configured)}}
		})
		send(t, f.start(t), pushTo("/callback", seal(t, pushed, `{}`)))
		got := f.receiver.rejections()
		if len(got) != 1 || string(got[0].Suite) != tt.configured {
			t.Fatalf("rejections = %+v, want one of %s", got, tt.configured)
		}
		if message, _ := got[0].Explain(); !strings.HasPrefix(message.EN, tt.want) {
			t.Errorf("rejection is explained by %q, want %q", message.EN, tt.want)
		}
	}
}

func TestRejectionOfNoKnownSuiteNamesNone(t *testing.T) {
	f := newFixture(t, nil)
	send(t, f.start(t), pushTo("/callback", wrongPushes(t)[suite.RejectSignature]))
	if got := f.receiver.rejections(); len(got) != 1 || got[0].Suite != "" || got[0].Reason != suite.RejectSignature {
		t.Errorf("rejections = %+v, want one of no suite", got)
	}
}

// TestSuiteThatIsNotConfiguredIsToldOfIfDingTalkMayMeanIt pushes to paths of all
// kinds, of which only those count that may be DingTalk's.
func TestSuiteThatIsNotConfiguredIsToldOfIfDingTalkMayMeanIt(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	e := seal(t, otherOptions, `{}`)
	const key = "suited6db0pze8yao1b1y"
	for _, path := range []string{
		"nobody", "suite", "suite.php", "suiteshort", "SUITED6DB0PZE8YAO1B1Y", key + "%20", key + "-1", "x" + key, key + strings.Repeat("x", 20),
	} {
		checkFailure(t, send(t, addr, pushTo("/callback/"+path, e)), 404, "unknown_suite")
	}
	checkFailure(t, send(t, addr, raw("POST", "/callback/"+key, body(e))), 404, "unknown_suite")
	if got := f.receiver.rejections(); len(got) != 0 {
		t.Errorf("rejections = %+v, want none of what cannot be DingTalk's", got)
	}
	checkFailure(t, send(t, addr, pushTo("/callback/"+key, e)), 404, "unknown_suite")
	got := f.receiver.rejections()
	if len(got) != 1 || got[0].Reason != suite.RejectUnknown || got[0].Got != key || got[0].Suite != "" || got[0].RemoteAddr != "127.0.0.1" {
		t.Fatalf("rejections = %+v, want one of %s from 127.0.0.1", got, key)
	}
	line := f.logs.FilterField(zap.String("alert", "suite_unknown")).All()
	message, cure := got[0].Explain()
	want := map[string]any{"code": "unknown_suite", "reason": "unknown_suite", "detail": message.EN, "cure": cure.EN}
	if len(line) != 1 || !contains(line[0].ContextMap(), want) || !strings.Contains(message.EN, key) {
		t.Errorf("log has %v, want one line with %v", line, want)
	}
}

func TestOnlyAllowedSourcesPush(t *testing.T) {
	f := newFixture(t, func(o *handler.Options) {
		o.AllowedSources = handler.DingTalkSources()
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	addr := f.start(t)
	push := func(forwarded string) answerTo {
		return send(t, addr, pushTo("/callback", seal(t, suiteOptions, `{}`), "X-Forwarded-For: "+forwarded))
	}
	if got := push("203.119.1.2"); got.StatusCode != 200 {
		t.Errorf("push from DingTalk's range answered %d %s, want 200", got.StatusCode, got.body)
	}
	checkFailure(t, push("203.119.1.2, 192.0.2.1"), 403, "rejected")
	// Whether a suite exists is not told either.
	checkFailure(t, send(t, addr, pushTo("/callback/nobody", seal(t, suiteOptions, `{}`))), 403, "rejected")
	got := f.receiver.rejections()
	if len(got) != 2 || got[0].Reason != suite.RejectSource || got[0].RemoteAddr != "192.0.2.1" {
		t.Errorf("rejections = %+v, want two of source_not_allowed, the first from 192.0.2.1", got)
	}
}

func TestVectorsAreAnsweredAsTheyExpect(t *testing.T) {
	raw, err := os.ReadFile("../crypto/testdata/envelope.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			ID, Token, Timestamp, Nonce, Encrypt, Signature, Expect string
			EncodingAESKey                                          string  `json:"encoding_aes_key"`
			OwnerKey                                                string  `json:"owner_key"`
			Plaintext                                               *string `json:"plaintext"`
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			o := crypto.Options{Token: v.Token, EncodingAESKey: v.EncodingAESKey, Key: v.OwnerKey}
			f := newFixture(t, func(ho *handler.Options) {
				ho.Suites = []handler.Suite{{Key: suite.SuiteKey(v.OwnerKey), Codec: codec(t, o)}}
			})
			e := crypto.Envelope{Signature: v.Signature, Timestamp: v.Timestamp, Nonce: v.Nonce, Encrypt: v.Encrypt}
			got := send(t, f.start(t), pushTo("/callback/"+v.OwnerKey, e))
			switch {
			case v.Expect == "accept" && strings.HasPrefix(*v.Plaintext, "{"):
				if got.StatusCode != 200 || openReply(t, o, got.body) != "success" {
					t.Errorf("answer = %d %s, want success", got.StatusCode, got.body)
				}
			case v.Encrypt == "" || len(v.Encrypt)%4 != 0:
				checkFailure(t, got, 400, "bad_request")
			default: // also what is authentic and no JSON
				checkFailure(t, got, 403, "rejected")
			}
		})
	}
}

func TestPanicIsAnsweredAndNotTold(t *testing.T) {
	f := newFixture(t, nil)
	addr := f.start(t)
	for _, value := range []any{"CANARY", errors.New("CANARY"), fmt.Errorf("CANARY")} {
		f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) { panic(value) }
		checkFailure(t, send(t, addr, pushTo("/callback", seal(t, suiteOptions, `{}`))), 500, "internal")
	}
	lines := f.logs.FilterMessage("handler panicked").All()
	if len(lines) != 3 || lines[0].ContextMap()["panic"] != "string" || !strings.Contains(fmt.Sprint(lines[0].ContextMap()["stack"]), "rejection_test.go") {
		t.Errorf("log = %v, want the type and the stack of three panics", lines)
	}
	if got := exposition(t, f); !strings.Contains(got, `suitekeeper_pushes_total{result="internal",suite="`+suiteKey+`"} 3`) {
		t.Errorf("metrics = %s, want three pushes with result internal", got)
	}
	checkCanary(t, f)
}
