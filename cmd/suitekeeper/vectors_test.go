package main_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// openReply reads the answer to a push as DingTalk describes it: the four
// fields as strings and no others, the signature over them, and the encrypted
// text for that $key. It shares nothing with package crypto, so that a mistake
// there cannot agree with itself.
func openReply(token, encodingAESKey, key, body string) (string, error) {
	var fields map[string]string
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		return "", fmt.Errorf("no JSON object of strings: %w", err)
	}
	if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, []string{"encrypt", "msg_signature", "nonce", "timeStamp"}) {
		return "", fmt.Errorf("fields %q", got)
	}
	if strings.Trim(fields["timeStamp"], "0123456789") != "" || fields["timeStamp"] == "" {
		return "", fmt.Errorf("timeStamp %q is not of digits", fields["timeStamp"])
	}
	parts := []string{token, fields["timeStamp"], fields["nonce"], fields["encrypt"]}
	slices.Sort(parts)
	if want := fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, "")))); fields["msg_signature"] != want {
		return "", fmt.Errorf("msg_signature %s, want %s", fields["msg_signature"], want)
	}
	msg, owner, err := decryptAsDescribed(encodingAESKey, fields["encrypt"])
	if err == nil && owner != key {
		err = fmt.Errorf("encrypted for %q, want %q", owner, key)
	}
	return msg, err
}

// decryptAsDescribed decrypts what is padded to blocks of 32 bytes.
func decryptAsDescribed(encodingAESKey, encrypt string) (msg, owner string, err error) {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil {
		return "", "", err
	}
	text, err := base64.StdEncoding.DecodeString(encrypt)
	if err != nil {
		return "", "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", "", err
	}
	if len(text) == 0 || len(text)%32 != 0 {
		return "", "", fmt.Errorf("%d bytes are not blocks of 32", len(text))
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(text, text)
	pad := int(text[len(text)-1])
	if pad < 1 || pad > 32 || !bytes.HasSuffix(text, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return "", "", errors.New("wrong padding")
	}
	text = text[:len(text)-pad]
	if len(text) < 20 {
		return "", "", errors.New("too short")
	}
	length := int(text[16])<<24 | int(text[17])<<16 | int(text[18])<<8 | int(text[19])
	if length > len(text)-20 {
		return "", "", errors.New("wrong length")
	}
	return string(text[20 : 20+length]), string(text[20+length:]), nil
}

// successFor tells what is wrong with an answer that should be the encrypted
// success for the suite.
func successFor(s keeper.SuiteConfiguration, a answer) error {
	if a.status != http.StatusOK {
		return fmt.Errorf("answered %d: %s", a.status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("Content-Type is %q", got)
	}
	msg, err := openReply(s.Token.Reveal(), s.AESKey.Reveal(), s.Key, a.body)
	if err == nil && msg != "success" {
		err = fmt.Errorf("the reply holds %q", msg)
	}
	return err
}

// vector is a known answer for the envelope.
type vector struct {
	ID        string
	Token     string
	AESKey    string `json:"encoding_aes_key"`
	Key       string `json:"owner_key"`
	Timestamp string
	Nonce     string
	Encrypt   string
	Signature string
	Plaintext string
	Expect    string
}

// text is what the envelope holds, and whether it is authentic.
func (v vector) text() (text string, authentic bool) {
	if v.Expect == "accept" {
		return v.Plaintext, true
	}
	text, _, err := decryptAsDescribed(v.AESKey, v.Encrypt)
	return text, err == nil && strings.HasPrefix(v.Expect, "authentic")
}

// The answers to what is refused: they tell the peer nothing.
var refusals = map[int]string{
	http.StatusForbidden:  `{"code":"rejected","message":"the push was rejected"}`,
	http.StatusBadRequest: `{"code":"bad_request","message":"malformed envelope: encrypt is not standard base64"}`,
}

// TestEveryVectorIsAnsweredAsItExpects pushes each known answer to a receiver
// that is configured for it. What opens to a JSON object is answered with
// success, everything else with a constant refusal. Whatever is authentic is
// kept, in quarantine if it is no JSON, and nothing else is.
func TestEveryVectorIsAnsweredAsItExpects(t *testing.T) {
	var file struct{ Vectors []vector }
	text, err := os.ReadFile("../../crypto/testdata/envelope.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 30 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) { pushVector(t, v) })
	}
}

func pushVector(t *testing.T, v vector) {
	s := keeper.SuiteConfiguration{Key: v.Key, Secret: "unused", Token: suite.Secret(v.Token), AESKey: suite.Secret(v.AESKey)}
	r := newTestReceiver(t, "http://127.0.0.1:1", s)
	r.start()
	a, err := r.send(s.Key, crypto.Envelope{Signature: v.Signature, Timestamp: v.Timestamp, Nonce: v.Nonce, Encrypt: v.Encrypt})
	r.must(err)
	text, authentic := v.text()
	var event struct{ BizData []json.RawMessage }
	isEvent := authentic && json.Unmarshal([]byte(text), &event) == nil
	if isEvent {
		if err := successFor(s, a); err != nil {
			t.Error(err)
		}
	} else if want := refusals[a.status]; a.body != want || want == "" {
		t.Errorf("answered %d: %s, want one of %v", a.status, a.body, refusals)
	}
	if got := r.outcomes(s.Key)["quarantined"] == 1; got != (authentic && !isEvent) {
		t.Errorf("an event is quarantined: %v, want %v", got, authentic && !isEvent)
	}
	r.stop()
	events := r.stored("event")
	if !authentic && len(events) != 0 {
		t.Errorf("%d events are stored of a push that is not authentic, want none", len(events))
	}
	kept := text
	if len(event.BizData) == 1 {
		kept = string(event.BizData[0]) // rows are events of their own
	}
	if n := storedEvents(events, kept); authentic && n != 1 {
		t.Errorf("%s is stored %d times, want once", kept, n)
	}
}

// documentedPush is what the README shows of the first vector: how to configure
// the server, the curl that pushes, and the commands that read the answer.
type documentedPush struct {
	environ, read string
	curl          string
	url, body     string
	header        []string
}

func readDocumentedPush(t *testing.T, file string) (d documentedPush) {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		switch code := block[1]; {
		case strings.Contains(code, "export SUITEKEEPER_SUITE_KEY="):
			d.environ = code
		case strings.HasPrefix(code, "curl "):
			d.curl = code
		case strings.Contains(code, "openssl enc"):
			d.read = code
		}
	}
	quoted := func(option string) string {
		if m := regexp.MustCompile(option + ` '([^']*)'`).FindStringSubmatch(d.curl); m != nil {
			return m[1]
		}
		return ""
	}
	d.url, d.body = quoted("-s"), quoted("-d")
	name, value, _ := strings.Cut(quoted("-H"), ": ")
	d.header = []string{name, value}
	if d.environ == "" || d.read == "" || d.url == "" || d.body == "" || value == "" {
		t.Fatalf("%s does not show the push as this test reads it: %+v", file, d)
	}
	return d
}

// suite is what the variables of the README configure.
func (d documentedPush) suite(t *testing.T) keeper.SuiteConfiguration {
	t.Helper()
	environ := regexp.MustCompile(`SUITEKEEPER_\w+=\S+`).FindAllString(d.environ, -1)
	cfg, _, err := keeper.LoadConfig(keeper.LoadOptions{Environ: environ})
	if err != nil || len(cfg.Suites) != 1 {
		t.Fatalf("the documented variables %q: %v", environ, err)
	}
	return cfg.Suites[0]
}

// TestDocumentedCurlIsAnsweredWithSuccess does what both READMEs show, first
// with a request like that of their curl, then with curl and openssl
// themselves where there are some.
func TestDocumentedCurlIsAnsweredWithSuccess(t *testing.T) {
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(file, func(t *testing.T) {
			d := readDocumentedPush(t, file)
			s := d.suite(t)
			r := newTestReceiver(t, "http://127.0.0.1:1", s)
			r.start()
			here := strings.NewReplacer("http://127.0.0.1:8080", r.callback)
			a, err := r.do(http.MethodPost, here.Replace(d.url), d.body, d.header...)
			r.must(err)
			if err := successFor(s, a); err != nil {
				t.Error(err)
			}
			for _, program := range []string{"sh", "curl", "openssl", "base64", "od", "sed"} {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("the commands were not run: %v", err)
				}
			}
			cmd := exec.Command("sh", "-ec", here.Replace(d.curl)+d.read)
			cmd.Dir = t.TempDir()
			cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // without a proxy
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasSuffix(string(out), "}success") {
				t.Errorf("the documented commands: %v\n%s\nwant the reply and then success", err, out)
			}
		})
	}
}
