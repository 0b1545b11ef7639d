package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
)

const pushSuite = "suitea"

// receiver opens pushes as suitekeeper does, with its own hands, and answers
// them as answer says, rightly without it.
type receiver struct {
	*httptest.Server
	codec *crypto.Codec

	mu     sync.Mutex
	got    []string // the messages
	answer http.HandlerFunc
}

func newReceiver(t testing.TB, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{codec: newCodec(t, goodToken, pushSuite), answer: answer}
	if answer == nil {
		r.answer = func(w http.ResponseWriter, _ *http.Request) { r.reply(w, "success", nil) }
	}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func newCodec(t testing.TB, token, key string) *crypto.Codec {
	t.Helper()
	c, err := crypto.New(crypto.Options{Token: token, EncodingAESKey: goodAESKey, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var body struct {
		Encrypt string `json:"encrypt"`
	}
	q := req.URL.Query()
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "no push", http.StatusBadRequest)
		return
	}
	msg, err := r.codec.Open(crypto.Envelope{Signature: q.Get("signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce"), Encrypt: body.Encrypt})
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	r.mu.Lock()
	r.got = append(r.got, string(msg))
	r.mu.Unlock()
	r.answer(w, req)
}

// reply answers with the encrypted text, after change had its way with the
// members.
func (r *receiver) reply(w http.ResponseWriter, text string, change func(map[string]any)) {
	e, err := r.codec.Seal([]byte(text), time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	members := map[string]any{"msg_signature": e.Signature, "timeStamp": e.Timestamp, "nonce": e.Nonce, "encrypt": e.Encrypt}
	if change != nil {
		change(members)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(members)
}

// messages returns what was received, decoded.
func (r *receiver) messages(t testing.TB) (all []map[string]any) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.got {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatalf("message %q: %v", text, err)
		}
		all = append(all, m)
	}
	return all
}

// push runs the command against r with further arguments.
func (r *receiver) push(t testing.TB, event string, args ...string) result {
	return runCommand(t.Context(), "", append([]string{"push", event, "--to", r.URL + "/callback",
		"--suite-key", pushSuite, "--token", goodToken, "--aes-key", goodAESKey}, args...)...)
}

func TestPushSendsTheMembersOfEachEvent(t *testing.T) {
	for event, members := range map[string]string{
		"check_create_suite_url":   "Random TestSuiteKey",
		"check_update_suite_url":   "Random TestSuiteKey",
		"check_url":                "",
		"suite_ticket":             "SuiteKey TimeStamp SuiteTicket",
		"tmp_auth_code":            "SuiteKey TimeStamp AuthCorpId AuthCode",
		"change_auth":              "SuiteKey TimeStamp AuthCorpId",
		"suite_relieve":            "SuiteKey TimeStamp AuthCorpId",
		"org_micro_app_restore":    "SuiteKey TimeStamp AuthCorpId AgentId AppId",
		"org_micro_app_stop":       "SuiteKey TimeStamp AuthCorpId AgentId AppId",
		"org_micro_app_remove":     "SuiteKey TimeStamp AuthCorpId AgentId AppId",
		"check_suite_license_code": "SuiteKey TimeStamp AuthCorpId LicenseCode",
		"market_buy":               "SuiteKey TimeStamp corpId orderId goodsCode itemCode paidtime serviceStopTime payFee",
		"user_add_org":             "CorpId TimeStamp UserId",
		"org_dept_create":          "CorpId TimeStamp DeptId",
		"org_update":               "CorpId TimeStamp",
		"an_event_of_next_month":   "SuiteKey TimeStamp AuthCorpId",
	} {
		r := newReceiver(t, nil)
		if got := r.push(t, event, "--corp", "ding1"); got.status != 0 || !strings.Contains(got.stdout, "accepted") {
			t.Errorf("push %s: %+v, want it accepted", event, got)
			continue
		}
		msg := r.messages(t)[0]
		want := append(strings.Fields(members), "EventType")
		for _, name := range want {
			if msg[name] == nil {
				t.Errorf("push %s sent %v without %s", event, msg, name)
			}
		}
		if len(msg) != len(want) || msg["EventType"] != event {
			t.Errorf("push %s sent %v, want the members %v", event, msg, want)
		}
	}
}

func TestPushSendsRows(t *testing.T) {
	for event, want := range map[string]struct {
		args      []string
		eventType string
		bizType   float64
		member    string
	}{
		"suite_ticket":               {[]string{"--sync"}, "SYNC_HTTP_PUSH_HIGH", 2, "suiteTicket"},
		"org_suite_auth":             {nil, "SYNC_HTTP_PUSH_HIGH", 4, "permanent_code"},
		"org_suite_relieve":          {nil, "SYNC_HTTP_PUSH_HIGH", 4, "syncAction"},
		"org_micro_app_scope_update": {nil, "SYNC_HTTP_PUSH_HIGH", 7, "agentId"},
		"user_add_org":               {[]string{"--sync", "--data", `{"userId":"u"}`}, "SYNC_HTTP_PUSH_MEDIUM", 13, "userId"},
	} {
		r := newReceiver(t, nil)
		if got := r.push(t, event, want.args...); got.status != 0 {
			t.Errorf("push %s: %+v, want it accepted", event, got)
			continue
		}
		msg := r.messages(t)[0]
		row := msg["bizData"].([]any)[0].(map[string]any)
		data := map[string]any{}
		if err := json.Unmarshal([]byte(row["biz_data"].(string)), &data); err != nil {
			t.Fatal(err)
		}
		if msg["EventType"] != want.eventType || row["biz_type"] != want.bizType || data["syncAction"] != event || data[want.member] == nil {
			t.Errorf("push %s sent %v, want %+v", event, msg, want)
		}
	}
}

func TestPushLaysDataOverTheSample(t *testing.T) {
	r := newReceiver(t, nil)
	r.push(t, "tmp_auth_code", "--data", `{"AuthCorpId":null,"AuthCode":"c","TimeStamp":12345678901234567890,"More":{"a":1}}`)
	if got, want := r.got[0], `{"AuthCode":"c","EventType":"tmp_auth_code","More":{"a":1},"SuiteKey":"suitea","TimeStamp":12345678901234567890}`; got != want {
		t.Errorf("push sent %s, want %s", got, want)
	}
}

func TestPushSendsAGivenMessageByteForByte(t *testing.T) {
	const text = "{ \"EventType\" :\"x\", \"EventType\":1 } "
	r := newReceiver(t, nil)
	r.push(t, "-", "--data", text)
	runCommand(t.Context(), text, "push", "-", "--to", r.URL, "--suite-key", pushSuite, "--token", goodToken, "--aes-key", goodAESKey)
	if len(r.got) != 2 || r.got[0] != text || r.got[1] != text {
		t.Errorf("push sent %q, want %q twice", r.got, text)
	}
}

// While a suite is being created DingTalk knows no key of it.
func TestPushOfTheCreationCarriesTheFixedKey(t *testing.T) {
	t.Setenv("SUITEKEEPER_SUITE_KEY", "")
	config := writeConfig(t, "suites: ["+goodSuite+"]")
	for _, tt := range []struct {
		event string
		args  []string
		want  string
	}{
		{"check_create_suite_url", []string{"-c", config}, crypto.CreationKey},
		{"check_create_suite_url", []string{"--token", goodToken, "--aes-key", goodAESKey}, crypto.CreationKey},
		{"check_create_suite_url", []string{"-c", config, "--suite-key", pushSuite}, pushSuite},
		{"-", []string{"-c", config, "--data", `{"EventType":"check_create_suite_url","Random":"r"}`}, crypto.CreationKey},
		{"-", []string{"-c", config, "--data", `{"EventType":"check_update_suite_url","Random":"r"}`}, pushSuite},
		{"check_update_suite_url", []string{"-c", config}, pushSuite},
		{"check_url", []string{"-c", config}, pushSuite},
	} {
		r := newReceiver(t, nil)
		r.codec = newCodec(t, goodToken, tt.want)
		got := runCommand(t.Context(), "", append([]string{"push", tt.event, "--to", r.URL}, tt.args...)...)
		if got.status != 0 {
			t.Errorf("push %s %q: %+v, want it sealed with %s", tt.event, tt.args, got, tt.want)
			continue
		}
		if key := r.messages(t)[0]["TestSuiteKey"]; key != nil && key != tt.want {
			t.Errorf("push %s %q has the TestSuiteKey %v, want %s", tt.event, tt.args, key, tt.want)
		}
	}
	r := newReceiver(t, nil)
	got := runCommand(t.Context(), "", "push", "check_create_suite_url", "--to", r.URL, "-c", config)
	if got.status != 1 || !strings.Contains(got.stderr, "the receiver must have the key "+crypto.CreationKey) {
		t.Errorf("push of a creation to a suite that exists: %+v, want a refusal and the key in the hint", got)
	}
}

func TestPushFindsTheSuite(t *testing.T) {
	r := newReceiver(t, nil)
	config := writeConfig(t, "suites: [{key: other, secret: s, token: "+goodToken+", aes_key: "+goodAESKey+"}, "+goodSuite+"]")
	t.Setenv("SUITEKEEPER_SUITE_KEY", "")
	if got := runCommand(t.Context(), "", "push", "check_url", "--to", r.URL, "-c", config, "--suite-key", pushSuite); got.status != 0 {
		t.Errorf("push with --config: %+v, want it accepted", got)
	}
	if got := runCommand(t.Context(), "", "push", "check_url", "--to", r.URL, "-c", config); got.status != 2 {
		t.Errorf("push with two suites to choose from: %+v, want status 2", got)
	}
	t.Setenv("SUITEKEEPER_SUITE_KEY", pushSuite)
	t.Setenv("SUITEKEEPER_SUITE_TOKEN", goodToken)
	t.Setenv("SUITEKEEPER_SUITE_AES_KEY", goodAESKey)
	if got := runCommand(t.Context(), "", "push", "check_url", "--to", r.URL); got.status != 0 {
		t.Errorf("push with the environment: %+v, want it accepted", got)
	}
	if got := r.push(t, "check_url", "--token", "wrongToken"); got.status != 1 || !strings.Contains(got.stdout, "status 403") {
		t.Errorf("push with a flag over the environment: %+v, want it refused", got)
	}
}

func TestPushWantsTheRandomWhereTheSuiteSaysSo(t *testing.T) {
	r := newReceiver(t, nil)
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		random, _ := r.messages(t)[0]["Random"].(string)
		r.reply(w, random, nil)
	}
	t.Setenv("SUITEKEEPER_SUITE_URL_CHECK_REPLY", "random")
	if got := r.push(t, "check_create_suite_url"); got.status != 0 {
		t.Errorf("push answered with the Random: %+v, want it accepted", got)
	}
	r.got = nil
	if got := r.push(t, "-", "--data", `{"EventType":"check_update_suite_url","Random":"given"}`); got.status != 0 {
		t.Errorf("a given message answered with its Random: %+v, want it accepted", got)
	}
}

func TestPushJudgesAsStrictlyAsDingTalk(t *testing.T) {
	write := func(status int, contentType, body string) func(*receiver, http.ResponseWriter) {
		return func(_ *receiver, w http.ResponseWriter) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	change := func(f func(m map[string]any)) func(*receiver, http.ResponseWriter) {
		return func(r *receiver, w http.ResponseWriter) { r.reply(w, "success", f) }
	}
	for reason, answer := range map[string]func(*receiver, http.ResponseWriter){
		"status 503, not 200":                                write(503, "application/json", `{"code":"unavailable","message":"no"}`),
		"status 301, redirects are not followed":             write(301, "", ""),
		`Content-Type is "text/plain", not application/json`: write(200, "text/plain", "success"),
		`field "nonce" appears twice`:                        write(200, "application/json", `{"nonce":"a","nonce":"b"}`),
		"field msg_signature missing":                        write(200, "application/json; charset=utf-8", `{}`),
		"field timeStamp missing (there is timestamp: the S must be a capital)": change(func(m map[string]any) {
			m["timestamp"] = m["timeStamp"]
			delete(m, "timeStamp")
		}),
		"field timeStamp is not a string": change(func(m map[string]any) { m["timeStamp"] = 1 }),
		"field nonce missing":             change(func(m map[string]any) { delete(m, "nonce") }),
		"msg_signature does not sign the answer's own timeStamp, nonce and encrypt": change(func(m map[string]any) { m["nonce"] = "other" }),
		"decrypts to another text than success":                                     func(r *receiver, w http.ResponseWriter) { r.reply(w, "Success", nil) },
		`encrypted for $key "other", not "suitea"`: func(_ *receiver, w http.ResponseWriter) {
			(&receiver{codec: newCodec(t, goodToken, "other")}).reply(w, "success", nil)
		},
		"no answer: EOF": func(*receiver, http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		r := newReceiver(t, nil)
		r.answer = func(w http.ResponseWriter, _ *http.Request) { answer(r, w) }
		got := r.push(t, "check_url")
		if got.status != 1 || !strings.Contains(got.stdout, "wrong: "+reason+"\n") || !strings.Contains(got.stderr, "hint: ") {
			t.Errorf("push: %+v, want status 1, the reason %q and a hint", got, reason)
		}
	}
}

func TestRightAnswerIsWrongWhenLate(t *testing.T) {
	w := httptest.NewRecorder()
	r := &receiver{codec: newCodec(t, goodToken, pushSuite)}
	r.reply(w, "success", nil)
	for latency, want := range map[time.Duration]string{1200 * time.Millisecond: "", 1201 * time.Millisecond: "no answer within 1200 ms"} {
		if _, got := keeper.Judge(r.codec, w.Header(), w.Body.Bytes(), latency, 1200*time.Millisecond); got != want {
			t.Errorf("judge after %v = %q, want %q", latency, got, want)
		}
	}
}

func TestPushWaitsNoLongerThanTold(t *testing.T) {
	release := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	if got := r.push(t, "check_url", "--timeout", "50ms"); got.status != 1 || !strings.Contains(got.stdout, "wrong: no answer within 50 ms\n") {
		t.Errorf("push: %+v, want that no answer came within 50 ms", got)
	}
}

func TestPushPrintsJSON(t *testing.T) {
	var got struct {
		Event, URL, Reply string
		Accepted          bool
		Status            int
		Latency           float64 `json:"latency_ms"`
	}
	r := newReceiver(t, nil)
	if err := json.Unmarshal([]byte(r.push(t, "check_url", "-o", "json").stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Event != "check_url" || got.URL != r.URL+"/callback" || !got.Accepted || got.Status != 200 || got.Reply != "success" || got.Latency <= 0 {
		t.Errorf("push -o json = %+v", got)
	}
}

func TestPushPrintsNoSecret(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	dead := newReceiver(t, nil)
	dead.Close()
	for _, got := range []result{r.push(t, "check_url"), r.push(t, "check_url", "-o", "json"), dead.push(t, "check_url"), r.push(t, "check_url", "--aes-key", goodAESKey+"x")} {
		for _, secret := range []string{goodToken, goodAESKey, "signature="} {
			if got.status == 0 || strings.Contains(got.stdout+got.stderr, secret) {
				t.Errorf("push: %+v, want a failure that does not hold %q", got, secret)
			}
		}
	}
}
