package dingtalktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// reply answers with the encrypted text, after change had its way with the
// fields.
func reply(w http.ResponseWriter, c *crypto.Codec, text string, change func(map[string]any)) {
	e, _ := c.Seal([]byte(text), time.Now())
	fields := map[string]any{"msg_signature": e.Signature, "timeStamp": e.Timestamp, "nonce": e.Nonce, "encrypt": e.Encrypt}
	if change != nil {
		change(fields)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(fields)
}

func TestAnswersAreJudgedStrictly(t *testing.T) {
	own := codecFor(t, suiteKey)
	other, err := crypto.New(crypto.Options{Token: pushToken, EncodingAESKey: strings.Repeat("a", 43), Key: suiteKey})
	if err != nil {
		t.Fatal(err)
	}
	written := func(status int, contentType, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	sealed := func(c *crypto.Codec, text string, change func(map[string]any)) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { reply(w, c, text, change) }
	}
	slow := func(d time.Duration) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(d):
				reply(w, own, "success", nil)
			case <-r.Context().Done():
			}
		}
	}
	static := func(w http.ResponseWriter, r *http.Request) { // signs nothing: sends DingTalk's own values back
		e, _ := envelopeOf(r)
		reply(w, own, "success", func(f map[string]any) {
			f["msg_signature"], f["timeStamp"], f["nonce"] = e.Signature, e.Timestamp, e.Nonce
		})
	}
	tests := []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		mode   dingtalktest.Mode
		code   int
		reason string // part of it
	}{
		{"encrypted success", sealed(own, "success", nil), "", 0, ""},
		{"field too many", sealed(own, "success", func(f map[string]any) { f["extra"] = 1 }), "", 0, ""},
		{"timestamp for timeStamp", sealed(own, "success", func(f map[string]any) { f["timestamp"] = f["timeStamp"]; delete(f, "timeStamp") }), "", 71009, "field timeStamp missing (there is timestamp"},
		{"timeStamp a number", sealed(own, "success", func(f map[string]any) { f["timeStamp"] = 1445827045067 }), "", 71009, "field timeStamp is not a string"},
		{"timeStamp no digits", sealed(own, "success", func(f map[string]any) { f["timeStamp"] = "now" }), "", 71009, "malformed envelope: timestamp is not 10 or 13 digits"},
		{"msg_signature too short", sealed(own, "success", func(f map[string]any) { f["msg_signature"] = "0f" }), "", 71009, "malformed envelope: signature is not 40 hexadecimal digits"},
		{"nonce with a space", sealed(own, "success", func(f map[string]any) { f["nonce"] = "a b" }), "", 71009, "malformed envelope: nonce is not 1 to 64 printable ASCII characters"},
		{"encrypt no base64", sealed(own, "success", func(f map[string]any) { f["encrypt"] = "x" }), "", 71009, "malformed envelope: encrypt is not standard base64"},
		{"nonce missing", sealed(own, "success", func(f map[string]any) { delete(f, "nonce") }), "", 71009, "field nonce missing"},
		{"encrypt empty", sealed(own, "success", func(f map[string]any) { f["encrypt"] = "" }), "", 71009, "field encrypt is empty"},
		{"signature under another name", sealed(own, "success", func(f map[string]any) { f["signature"] = f["msg_signature"]; delete(f, "msg_signature") }), "", 71009, "field msg_signature missing"},
		{"static signature", static, "", 71009, "does not sign the answer's own"},
		{"wrong AES key", sealed(other, "success", nil), "", 71009, "does not decrypt"},
		{"wrong $key", sealed(codecFor(t, crypto.CreationKey), "success", nil), "", 71009, `encrypted for $key "suite4xxxxxxxxxxxxxxx"`},
		{"another text", sealed(own, "Success", nil), "", 71009, `decrypts to another text than success: "Success"`},
		{"plain success", written(200, "text/plain", "success"), "", 71009, "Content-Type"},
		{"plain success as JSON", written(200, "application/json", `"success"`), "", 71009, "not a JSON object"},
		{"twice a field", written(200, "application/json", `{"nonce":"a","nonce":"b"}`), "", 71009, `field "nonce" appears twice`},
		{"half an object", written(200, "application/json", `{"nonce":`), "", 71009, "broken JSON"},
		{"two objects", written(200, "application/json", `{}{}`), "", 71009, "more than one JSON object"},
		{"nothing", written(200, "application/json", ""), "", 71009, "empty body"},
		{"server error", written(500, "application/json", "{}"), "", 71009, "status 500"},
		{"created", written(201, "application/json", "{}"), "", 71009, "status 201"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/callback/", http.StatusPermanentRedirect)
		}, "", 71009, "redirects are not followed"},
		{"closed connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", 71012, "closed"},
		{"just in time", slow(1499 * time.Millisecond), dingtalktest.HTTP, 0, ""},
		{"too slow", slow(1501 * time.Millisecond), dingtalktest.HTTP, 71012, "no answer within 1500 ms"},
		{"just in time for SyncHTTP", slow(1199 * time.Millisecond), dingtalktest.SyncHTTP, 0, ""},
		{"too slow for SyncHTTP", slow(1201 * time.Millisecond), dingtalktest.SyncHTTP, 71012, "no answer within 1200 ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := dingtalktest.New(dingtalktest.Options{HTTPClient: &http.Client{
					Transport: dingtalktest.Transport{Handler: http.HandlerFunc(tt.answer)},
				}})
				s := aSuite()
				s.Mode = tt.mode
				if err := p.AddSuite(s); err != nil {
					t.Fatal(err)
				}
				push, err := p.CheckURL(t.Context(), suiteKey, dingtalktest.CheckUpdateSuiteURL)
				if err != nil {
					t.Fatal(err)
				}
				if push.Code != tt.code || push.OK != (tt.code == 0) || !strings.Contains(push.Reason, tt.reason) {
					t.Errorf("verdict = %v %d %q, want %d %q", push.OK, push.Code, push.Reason, tt.code, tt.reason)
				}
				if tt.code != 0 && !strings.HasPrefix(push.Reason, fmt.Sprint(tt.code, ": ")) {
					t.Errorf("reason = %q, want it to begin with the code", push.Reason)
				}
				synctest.Wait()
			})
		})
	}
}

func TestEveryFlawHasWords(t *testing.T) {
	words := map[string]dingtalktest.Flaw{}
	for _, flaw := range dingtalktest.Flaws() {
		text := dingtalktest.Reason{Flaw: flaw, Field: "nonce"}.String()
		if other, twice := words[text]; twice || text == "" || strings.ContainsAny(text, "{}") {
			t.Errorf("the flaw %d reads %q, as the flaw %d, want words of its own", flaw, text, other)
		}
		words[text] = flaw
	}
	if none := (dingtalktest.Reason{}).String(); none != "" {
		t.Errorf("no reason reads %q, want nothing", none)
	}
}

// deaf is a transport that does not hear when a request's context ends.
type deaf struct{ http.RoundTripper }

func (d deaf) RoundTrip(req *http.Request) (*http.Response, error) {
	return d.RoundTripper.RoundTrip(req.WithContext(context.WithoutCancel(req.Context())))
}

func TestLateAnswerIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newReceiver(t)
		in.wrong = func(int, http.ResponseWriter, *http.Request, []byte) bool {
			time.Sleep(2 * time.Second)
			return false
		}
		p := dingtalktest.New(dingtalktest.Options{HTTPClient: &http.Client{Transport: deaf{dingtalktest.Transport{Handler: in}}}})
		if err := p.AddSuite(aSuite()); err != nil {
			t.Fatal(err)
		}
		push, err := p.CheckURL(t.Context(), suiteKey, dingtalktest.CheckURLEvent)
		if err != nil || push.Code != 71012 || push.Took != 2*time.Second {
			t.Errorf("right answer after %v = %d %q, %v; want 71012", push.Took, push.Code, push.Reason, err)
		}
	})
}

func TestURLCheckUsesTheKeyOfItsTime(t *testing.T) {
	tests := []struct{ event, key string }{
		{dingtalktest.CheckCreateSuiteURL, crypto.CreationKey},
		{dingtalktest.CheckUpdateSuiteURL, suiteKey},
		{dingtalktest.CheckURLEvent, suiteKey},
	}
	for _, tt := range tests {
		in := &receiver{codec: codecFor(t, tt.key)}
		p := dingtalktest.New(dingtalktest.Options{HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: in}}})
		if err := p.AddSuite(aSuite()); err != nil {
			t.Fatal(err)
		}
		push, err := p.CheckURL(t.Context(), suiteKey, tt.event)
		if err != nil || !push.OK {
			t.Fatalf("CheckURL(%s) = %q, %v; want it to pass with $key %s", tt.event, push.Reason, err, tt.key)
		}
		var msg struct{ EventType, Random, TestSuiteKey string }
		if err := json.Unmarshal([]byte(in.messages()[0]), &msg); err != nil {
			t.Fatal(err)
		}
		if msg.EventType != tt.event || tt.event != dingtalktest.CheckURLEvent && (msg.Random == "" || msg.TestSuiteKey != tt.key) {
			t.Errorf("CheckURL(%s) pushed %+v", tt.event, msg)
		}
		if s, _ := p.Suite(suiteKey); s.URLCheck == nil || s.URLCheck.Event != tt.event {
			t.Errorf("after CheckURL(%s) the suite's URLCheck = %+v", tt.event, s.URLCheck)
		}
	}
	p := dingtalktest.New(dingtalktest.Options{})
	if err := p.AddSuite(aSuite()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.CheckURL(t.Context(), suiteKey, "suite_ticket"); err == nil {
		t.Error("CheckURL(suite_ticket) = nil error, want one")
	}
}

func TestOldestConsolesWantTheRandom(t *testing.T) {
	echo := &receiver{codec: codecFor(t, suiteKey)}
	echo.wrong = func(n int, w http.ResponseWriter, r *http.Request, msg []byte) bool {
		var check struct{ Random string }
		json.Unmarshal(msg, &check)
		success(w, echo.codec, check.Random)
		return true
	}
	for _, tt := range []struct {
		wantsRandom bool
		in          *receiver
		ok          bool
	}{
		{true, echo, true},
		{true, newReceiver(t), false},
		{false, echo, false},
	} {
		s := aSuite()
		s.WantsRandom = tt.wantsRandom
		p := dingtalktest.New(dingtalktest.Options{HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: tt.in}}})
		if err := p.AddSuite(s); err != nil {
			t.Fatal(err)
		}
		push, err := p.CheckURL(t.Context(), suiteKey, dingtalktest.CheckUpdateSuiteURL)
		if err != nil || push.OK != tt.ok {
			t.Errorf("WantsRandom %v: verdict = %v %q, %v; want %v", tt.wantsRandom, push.OK, push.Reason, err, tt.ok)
		}
	}
}

func TestCallbackThatIsNoURLIsSaid(t *testing.T) {
	for _, callback := range []string{"", "isv.example", "http://%", "ht tp://x"} {
		s := aSuite()
		s.CallbackURL = callback
		p := dingtalktest.New(dingtalktest.Options{})
		if err := p.AddSuite(s); err != nil {
			t.Fatal(err)
		}
		push, err := p.CheckURL(t.Context(), suiteKey, dingtalktest.CheckURLEvent)
		if err != nil || push.Code != 71011 {
			t.Errorf("CheckURL with callback %q = %d %q, %v; want 71011", callback, push.Code, push.Reason, err)
		}
	}
}
