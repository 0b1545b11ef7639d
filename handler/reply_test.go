package handler_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"

	"suitekeeper/crypto"
	"suitekeeper/handler"
	"suitekeeper/suite"
)

// openReply reads a reply as DingTalk does. It is written from DingTalk's
// description and shares nothing with package crypto.
func openReply(tb testing.TB, o crypto.Options, body string) string {
	tb.Helper()
	var reply map[string]string // so that a number for timeStamp fails
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		tb.Fatalf("reply %q: %v", body, err)
	}
	if len(reply) != 4 || strings.Trim(reply["timeStamp"], "0123456789") != "" {
		tb.Fatalf("reply %q, want the four members with timeStamp of digits", body)
	}
	parts := []string{o.Token, reply["timeStamp"], reply["nonce"], reply["encrypt"]}
	sort.Strings(parts)
	if want := fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, "")))); reply["msg_signature"] != want {
		tb.Fatalf("reply signed %q, want %q", reply["msg_signature"], want)
	}
	key, err := base64.StdEncoding.DecodeString(o.EncodingAESKey + "=")
	if err != nil {
		tb.Fatal(err)
	}
	text, err := base64.StdEncoding.DecodeString(reply["encrypt"])
	if err != nil {
		tb.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		tb.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(text, text)
	text = text[16 : len(text)-int(text[len(text)-1])]
	size := int(text[0])<<24 | int(text[1])<<16 | int(text[2])<<8 | int(text[3])
	if owner := string(text[4+size:]); owner != o.Key {
		tb.Fatalf("reply for $key %q, want %q", owner, o.Key)
	}
	return string(text[4 : 4+size])
}

func TestReplyDecryptsToWhatTheReceiverSays(t *testing.T) {
	for _, want := range []string{"success", "brdkKLMW", "", strings.Repeat("long", 2000)} {
		f := newFixture(t, nil)
		f.receiver.receive = func(context.Context, suite.Push) (suite.Receipt, error) {
			return suite.Receipt{Reply: want}, nil
		}
		got := send(t, f.start(t), pushTo("/callback/"+suiteKey, seal(t, suiteOptions, `{}`)))
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/json" || got.ContentLength < 0 {
			t.Errorf("push answered %d, %v, want 200 and JSON of known length", got.StatusCode, got.Header)
		}
		if reply := openReply(t, suiteOptions, got.body); reply != want {
			t.Errorf("reply = %q, want %q", reply, want)
		}
	}
}

func TestPushReachesTheReceiverAsItWasSealed(t *testing.T) {
	const text = `{"EventType":"suite_ticket","SuiteTicket":"é"}`
	for path, o := range map[string]crypto.Options{
		"/callback/" + suiteKey: suiteOptions,
		"/callback/" + otherKey: otherOptions,
		"/callback":             otherOptions,
	} {
		f := newFixture(t, nil)
		e := seal(t, o, text)
		got := send(t, f.start(t), pushTo(path, e))
		if reply := openReply(t, o, got.body); reply != "success" {
			t.Errorf("POST %s replied %q, want success", path, reply)
		}
		pushes := f.receiver.received()
		if len(pushes) != 1 {
			t.Fatalf("POST %s gave %d pushes, want 1", path, len(pushes))
		}
		p := pushes[0]
		if string(p.Suite) != o.Key || string(p.Text) != text || !p.SignedAt.Equal(e.Time()) || p.ReceivedAt.IsZero() {
			t.Errorf("POST %s gave %+v, want suite %s, text %q, signed at %v", path, p, o.Key, text, e.Time())
		}
	}
}

func TestCallbackTellsSuitesThatShareATokenApart(t *testing.T) {
	shared := otherOptions
	shared.Token = suiteOptions.Token
	sameKeys := suiteOptions
	sameKeys.Key = crypto.CreationKey
	f := newFixture(t, func(o *handler.Options) {
		o.Suites = []handler.Suite{
			{Key: otherKey, Codec: codec(t, shared)},
			{Key: suiteKey, Codec: codec(t, suiteOptions)},
			{Key: crypto.CreationKey, Codec: codec(t, sameKeys)},
		}
	})
	addr := f.start(t)
	for _, o := range []crypto.Options{shared, suiteOptions, sameKeys} {
		got := send(t, addr, pushTo("/callback", seal(t, o, `{}`)))
		if got.StatusCode != 200 || openReply(t, o, got.body) != "success" {
			t.Errorf("push of %s answered %d %s, want success", o.Key, got.StatusCode, got.body)
		}
	}
	foreign := suiteOptions
	foreign.Key = "suiteforeign"
	send(t, addr, pushTo("/callback", seal(t, foreign, `{}`)))
	got := f.receiver.rejections()
	if len(got) != 1 || got[0].Reason != suite.RejectSuiteKey {
		t.Errorf("push with a foreign $key gave rejections %+v, want one for the $key, which tells more than another suite's AES key", got)
	}
}
