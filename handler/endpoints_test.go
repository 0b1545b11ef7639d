package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// newKeys are those that take the place of suiteOptions.
var (
	newToken  = crypto.Options{Token: "newtoken0001", EncodingAESKey: suiteOptions.EncodingAESKey, Key: suiteKey}
	newAESKey = crypto.Options{Token: newToken.Token, EncodingAESKey: strings.Repeat("n", 43), Key: suiteKey}
)

// pushed pushes in memory, and returns the status and with which of the keys the
// answer can be opened.
func (f *fixture) pushed(t *testing.T, path string, o crypto.Options) (status int, answered *crypto.Options) {
	t.Helper()
	e := seal(t, o, `{"EventType":"suite_ticket"}`)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest("POST", path+"?"+query(e), strings.NewReader(body(e))))
	var reply struct {
		Signature string `json:"msg_signature"`
		TimeStamp string `json:"timeStamp"`
		Nonce     string `json:"nonce"`
		Encrypt   string `json:"encrypt"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
		t.Fatalf("the answer is no JSON: %s", w.Body)
	}
	for _, keys := range []crypto.Options{suiteOptions, newToken, newAESKey} {
		text, err := codec(t, keys).Open(crypto.Envelope{
			Signature: reply.Signature, Timestamp: reply.TimeStamp, Nonce: reply.Nonce, Encrypt: reply.Encrypt,
		})
		if err == nil && string(text) == "success" {
			return w.Code, &keys
		}
	}
	return w.Code, nil
}

// accepts wants a push to be answered with its own keys.
func (f *fixture) accepts(t *testing.T, path string, o crypto.Options) {
	t.Helper()
	if status, answered := f.pushed(t, path, o); status != 200 || answered == nil || *answered != o {
		t.Errorf("push to %s at %v is answered %d with %v, want 200 with its own keys", path, time.Now(), status, answered)
	}
}

func (f *fixture) refuses(t *testing.T, path string, o crypto.Options, want int) {
	t.Helper()
	if status, _ := f.pushed(t, path, o); status != want {
		t.Errorf("push to %s is answered %d, want %d", path, status, want)
	}
}

// TestReplacedKeysAreTakenForAWhile replaces a suite's token, then its AES key
// as well, and lets the time for both pass.
func TestReplacedKeysAreTakenForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		other := handler.Suite{Key: otherKey, Codec: codec(t, otherOptions)}
		serve := func(o crypto.Options) *crypto.Codec {
			t.Helper()
			c := codec(t, o)
			if err := f.public.SetSuites([]handler.Suite{{Key: suiteKey, Codec: c}, other}); err != nil {
				t.Fatal(err)
			}
			return c
		}
		const own, shared = "/callback/" + suiteKey, "/callback"
		serve(newToken)
		time.Sleep(handler.FormerKeysFor / 2)
		current := serve(newAESKey)
		for _, path := range []string{own, shared} {
			for _, keys := range []crypto.Options{suiteOptions, newToken, newAESKey} {
				f.accepts(t, path, keys)
			}
		}
		time.Sleep(handler.FormerKeysFor / 2)
		if err := f.public.SetSuites([]handler.Suite{{Key: suiteKey, Codec: current}, other}); err != nil { // nothing changes
			t.Fatal(err)
		}
		for _, path := range []string{own, shared} {
			f.refuses(t, path, suiteOptions, 403)
			f.accepts(t, path, newToken)
			f.accepts(t, path, newAESKey)
		}
		time.Sleep(handler.FormerKeysFor / 2)
		for _, path := range []string{own, shared} {
			f.refuses(t, path, newToken, 403)
			f.accepts(t, path, newAESKey)
		}
	})
}

// TestSuitesComeAndGo serves another suite instead of the first.
func TestSuitesComeAndGo(t *testing.T) {
	f := newFixture(t, nil)
	set := func(suites ...handler.Suite) {
		t.Helper()
		if err := f.public.SetSuites(suites); err != nil {
			t.Fatal(err)
		}
	}
	third := crypto.Options{Token: newToken.Token, EncodingAESKey: newAESKey.EncodingAESKey, Key: "suitethird"}
	f.refuses(t, "/callback/suitethird", third, 404)
	set(handler.Suite{Key: otherKey, Codec: codec(t, otherOptions)}, handler.Suite{Key: "suitethird", Codec: codec(t, third)})
	f.refuses(t, "/callback/"+suiteKey, suiteOptions, 404)
	f.refuses(t, "/callback", suiteOptions, 403)
	for _, path := range []string{"/callback/suitethird", "/callback"} {
		if status, _ := f.pushed(t, path, third); status != 200 {
			t.Errorf("push to %s for a suite that came is answered %d, want 200", path, status)
		}
	}
	for _, bad := range [][]handler.Suite{nil, {{Key: "suitethird"}}} {
		if err := f.public.SetSuites(bad); err == nil {
			t.Errorf("SetSuites(%v) = nil, want an error", bad)
		}
	}
	f.refuses(t, "/callback/suitethird", newAESKey, 403) // another $key: it is served as before
	set(handler.Suite{Key: suiteKey, Codec: codec(t, suiteOptions)})
	f.accepts(t, "/callback", suiteOptions)
}

// TestAPushOfASuiteThatJustWent was let in by the handler and is unknown to the
// receiver.
func TestAPushOfASuiteThatJustWent(t *testing.T) {
	f := newFixture(t, nil)
	f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
		return suite.Receipt{}, fmt.Errorf("receive: %w", suite.ErrUnknownSuite)
	}
	f.refuses(t, "/callback/"+suiteKey, suiteOptions, 404)
}

// TestSuitesChangeUnderLoad changes the keys to and fro while both are used. No
// push fails.
func TestSuitesChangeUnderLoad(t *testing.T) {
	f := newFixture(t, nil)
	change := func(o crypto.Options) {
		if err := f.public.SetSuites([]handler.Suite{{Key: suiteKey, Codec: codec(t, o)}}); err != nil {
			t.Error(err)
		}
	}
	change(newToken)
	done := make(chan struct{})
	var pushers sync.WaitGroup
	for _, keys := range []crypto.Options{suiteOptions, newToken} {
		pushers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f.accepts(t, "/callback/"+suiteKey, keys)
				}
			}
		})
	}
	for i := range 100 {
		change([]crypto.Options{suiteOptions, newToken}[i%2])
	}
	close(done)
	pushers.Wait()
}
