package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// part is how many bytes of a secret nothing may show. Fewer could be chance.
const part = 12

// canaries are secrets: every part of them, in every form in which a text might
// hold it, with what it is a part of.
type canaries map[string]string

func (c canaries) add(what, secret string) {
	for _, form := range formsOf(secret) {
		for i := 0; i+part <= len(form); i++ {
			c[form[i:i+part]] = what
		}
	}
}

// formsOf returns a secret as it is, in JSON, in URLs, in hex, and in base64
// wherever it stands in what is encoded.
func formsOf(secret string) []string {
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret))}
	quoted, err := json.Marshal(secret)
	if err == nil { // it always is
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for shift := range 3 {
			text := encoding.EncodeToString(append(make([]byte, shift), secret...))
			forms = append(forms, text[4:max(4, len(text)-4)]) // the ends depend on the neighbours
		}
	}
	return forms
}

// in says which secrets a text shows, and where. A few are enough.
func (c canaries) in(text string) (found []string) {
	last := ""
	for i := 0; i+part <= len(text) && len(found) < 5; i++ {
		what := c[text[i:i+part]]
		if what != "" && what != last {
			found = append(found, fmt.Sprintf("%s in %q", what, text[max(0, i-100):i+part]))
		}
		last = what
	}
	return found
}

// The secrets in what DingTalk and the receiver tell each other: values of JSON
// members, also in a JSON text inside another, and parameters of URLs.
var (
	secretMembers    = regexp.MustCompile(`(?i)"(\w*(?:suite_?ticket|auth_?code|permanent_?code|access_?token))\\*"\s*:\s*\\*"([^"\\]+)`)
	secretParameters = regexp.MustCompile(`[?&](suite_access_token|access_token|suiteTicket|signature)=([^&\s]+)`)
)

// harvest adds the secrets in a text and counts them by name.
func (c canaries) harvest(text string, found map[string]int) {
	for _, m := range secretMembers.FindAllStringSubmatch(text, -1) {
		c.add(m[1], m[2])
		found[m[1]]++
	}
	for _, m := range secretParameters.FindAllStringSubmatch(text, -1) {
		value, err := url.QueryUnescape(m[2])
		if err != nil {
			value = m[2]
		}
		c.add(m[1], value)
		found[m[1]]++
	}
}

// TestCanariesAreFoundInEveryForm holds the search itself to its promise.
func TestCanariesAreFoundInEveryForm(t *testing.T) {
	const secret = `kA7+/="<3ZqLmNo&pQr5TuVwXy`
	c := canaries{}
	c.add("the secret", secret)
	jsonForm, _ := json.Marshal(map[string]string{"a": secret})
	for _, text := range []string{
		secret, "before" + secret[3:18] + "after", string(jsonForm), url.QueryEscape("x=" + secret), url.PathEscape(secret), fmt.Sprintf("%x", secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("1" + secret + "2")),
		base64.RawURLEncoding.EncodeToString([]byte("12" + secret + "34")),
	} {
		if len(c.in(text)) == 0 {
			t.Errorf("the secret is not found in %q", text)
		}
	}
	if found := c.in("nothing is here, " + secret[:part-1]); len(found) > 0 {
		t.Errorf("found %q where it is not", found)
	}
	names := map[string]int{}
	c.harvest(`{"bizData":[{"biz_data":"{\"suiteTicket\":\"0123456789abcdef\"}"}]} POST /x?suite_access_token=fedcba9876543210 {"tmp_auth_code":"0f1e2d3c4b5a6978"`, names)
	for _, hidden := range []string{"0123456789abcdef", "fedcba9876543210", "0f1e2d3c4b5a6978"} {
		if len(c.in(hidden)) == 0 {
			t.Errorf("%s was not harvested: %v", hidden, names)
		}
	}
}

// tape records what the receiver and DingTalk tell each other. Where told so,
// DingTalk refuses calls and quotes all of them in its message.
type tape struct {
	mu       sync.Mutex
	text     bytes.Buffer
	refusals map[string]refusal // by path
}

type refusal struct{ errcode, times int }

func (t *tape) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *tape) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// refuse has the next calls of a path be refused; with 0 times none any more.
func (t *tape) refuse(path string, errcode, times int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refusals[path] = refusal{errcode, times}
}

func (t *tape) refused(path string) (errcode int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.refusals[path]
	t.refusals[path] = refusal{r.errcode, r.times - 1}
	return r.errcode, r.times > 0
}

func (t *tape) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		said := fmt.Sprintf("%s %s %s", r.URL, r.Header.Get("x-acs-dingtalk-access-token"), body)
		fmt.Fprintln(t, said)
		if errcode, ok := t.refused(r.URL.Path); ok {
			plain, _ := url.QueryUnescape(said)
			_ = json.NewEncoder(w).Encode(map[string]any{"errcode": errcode, "errmsg": said + " " + plain})
			return
		}
		next.ServeHTTP(recording{w, t}, r)
		fmt.Fprintln(t)
	})
}

// recording also writes the answer to the tape.
type recording struct {
	http.ResponseWriter
	tape *tape
}

func (r recording) Write(p []byte) (int, error) {
	_, _ = r.tape.Write(p) // to memory
	return r.ResponseWriter.Write(p)
}

// happenings keeps what the stand-in says for the narrator of the demo.
type happenings struct{ logbook }

func (h *happenings) note(e dingtalktest.Happening) {
	fmt.Fprintf(h, "%s %s %s %s\n", e.Suite, e.Corp, e.What, strings.TrimSpace(e.Text))
}
