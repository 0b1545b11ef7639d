package main_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/crypto"
)

const notJSON = "event+1 print+1" // what is authentic is kept, whatever the peer is told

// boundaryCases move bytes between the parts that are signed: joined they stay
// the same, and so does their SHA-1.
func boundaryCases(t *testing.T) (list []hostile) {
	token := attacked.Token.Reveal()
	// The parts have to sort as they are joined, before and after.
	letter := func(c byte) bool { return 'A' <= c && c < 'z' }
	sorted := func(nonce string) crypto.Envelope {
		for {
			e := fresh(t)
			e.Timestamp, e.Nonce = e.Timestamp[:10]+"999", nonce
			e.Signature = crypto.Sign(token, e.Timestamp, e.Nonce, e.Encrypt)
			if joined(token, e) == e.Timestamp+e.Nonce+e.Encrypt+token &&
				letter(e.Encrypt[1]) && letter(e.Encrypt[4]) && letter(e.Encrypt[60]) && letter(e.Encrypt[64]) {
				return e
			}
		}
	}
	add := func(name string, e crypto.Envelope, timestamp, nonce, encrypt string) hostile {
		moved := crypto.Envelope{Signature: e.Signature, Timestamp: timestamp, Nonce: nonce, Encrypt: encrypt}
		if joined(token, moved) != joined(token, e) {
			t.Fatalf("%s: joined the parts are %s, want %s", name, joined(token, moved), joined(token, e))
		}
		return hostile{name: "a boundary moved: " + name, sent: rawPush(moved), keepsOn: true}
	}
	e := sorted("9")
	list = append(list,
		hostile{name: "a push to move boundaries in", sent: rawPush(e), keepsOn: true}.does("stored", stored),
		add("three digits from timestamp to nonce", e, e.Timestamp[:10], e.Timestamp[10:]+e.Nonce, e.Encrypt).does("stored", "event~1"),
		add("a digit from timestamp to nonce", e, e.Timestamp[:12], e.Timestamp[12:]+e.Nonce, e.Encrypt).isMalformed(badTimestamp),
		add("the nonce to the timestamp", e, e.Timestamp+e.Nonce, "", e.Encrypt).isMalformed(badTimestamp),
		add("a character from encrypt to nonce", e, e.Timestamp, e.Nonce+e.Encrypt[:1], e.Encrypt[1:]).isMalformed(badEncrypt),
		add("four characters from encrypt to nonce", e, e.Timestamp, e.Nonce+e.Encrypt[:4], e.Encrypt[4:]).isRejected("undecryptable"),
		add("60 characters from encrypt to nonce", e, e.Timestamp, e.Nonce+e.Encrypt[:60], e.Encrypt[60:]).isRejected("undecryptable"),
		add("three blocks from encrypt to nonce", e, e.Timestamp, e.Nonce+e.Encrypt[:64], e.Encrypt[64:]).isMalformed(badNonce),
		add("all of encrypt to nonce", e, e.Timestamp, e.Nonce+e.Encrypt, "").isMalformed(badNonce),
	)
	e = sorted("9" + strings.Repeat("A", 63))
	return append(list,
		add("the nonce to encrypt", e, e.Timestamp, "", e.Nonce+e.Encrypt).isMalformed(badNonce),
		add("four characters from nonce to encrypt", e, e.Timestamp, e.Nonce[:60], e.Nonce[60:]+e.Encrypt).isRejected("undecryptable"),
		add("60 characters from nonce to encrypt", e, e.Timestamp, e.Nonce[:4], e.Nonce[4:]+e.Encrypt).isRejected("undecryptable"),
	)
}

// joined are the parts in the order in which they are signed.
func joined(token string, e crypto.Envelope) string {
	parts := []string{token, e.Timestamp, e.Nonce, e.Encrypt}
	slices.Sort(parts)
	return strings.Join(parts, "")
}

// sealCases are about whose key, token and $key it was.
func sealCases(t *testing.T) (list []hostile) {
	rejected := func(name, reason string, e crypto.Envelope) {
		list = append(list, hostile{name: name, sent: rawPush(e), keepsOn: true}.isRejected(reason))
	}
	text := func() string { return `{"EventType":"user_add_org",` + member() + `}` }
	as := func(change func(*keeper.SuiteConfiguration)) crypto.Envelope {
		s := attacked
		change(&s)
		return sealedFor(t, s, text())
	}
	rejected("another token", "bad_signature", as(func(s *keeper.SuiteConfiguration) { s.Token = brittle.Token }))
	rejected("another suite's push", "bad_signature", sealedFor(t, brittle, text()))
	rejected("another AES key", "undecryptable", as(func(s *keeper.SuiteConfiguration) { s.AESKey = brittle.AESKey }))
	for name, change := range map[string]func(*crypto.Envelope){
		"of zeros":             func(e *crypto.Envelope) { e.Signature = strings.Repeat("0", 40) },
		"one digit off":        func(e *crypto.Envelope) { e.Signature = flipDigit(e.Signature) },
		"of another nonce":     func(e *crypto.Envelope) { e.Nonce += "x" },
		"of another time":      func(e *crypto.Envelope) { e.Timestamp = "1445827045067" },
		"of another encrypt":   func(e *crypto.Envelope) { e.Encrypt = fresh(t).Encrypt },
		"without a token":      func(e *crypto.Envelope) { e.Signature = crypto.Sign("", e.Timestamp, e.Nonce, e.Encrypt) },
		"with the suite's key": func(e *crypto.Envelope) { e.Signature = crypto.Sign(attacked.Key, e.Timestamp, e.Nonce, e.Encrypt) },
	} {
		e := fresh(t)
		change(&e)
		rejected("a signature "+name, "bad_signature", e)
	}
	for name, key := range map[string]string{
		"of another suite": brittle.Key, "of a suite that is being created": "suite4xxxxxxxxxxxxxxx", "of a corp": "ding5bfeb97afcccb984",
		"a character short": attacked.Key[:20], "a character longer": attacked.Key + "1", "in capitals": strings.ToUpper(attacked.Key), "behind another": brittle.Key + attacked.Key,
	} {
		rejected("a $key "+name, "wrong_suite_key", as(func(s *keeper.SuiteConfiguration) { s.Key = key }))
	}
	for name, key := range map[string]string{
		"that is empty": "", "with NUL": attacked.Key + "\x00", "with a line break": attacked.Key + "\n", "with a space": " " + attacked.Key,
		"in wide letters": "ｓuitevictim0000000001", "of 65": strings.Repeat("k", 65), "of 10,000": strings.Repeat("k", 10_000),
	} {
		msg := text()
		size := 20 + len(msg) + len(key)
		rejected("a $key "+name, "undecryptable", encrypted(t, attacked, frameOf(msg, uint32(len(msg)), key, padding(size))))
	}
	return append(list, reflectionCases(t)...)
}

func flipDigit(s string) string {
	if s[0] == '0' {
		return "1" + s[1:]
	}
	return "0" + s[1:]
}

// reflectionCases send our own replies back, which are sealed as pushes are.
func reflectionCases(t *testing.T) (list []hostile) {
	codec, err := crypto.New(crypto.Options{Token: attacked.Token.Reveal(), EncodingAESKey: attacked.AESKey.Reveal(), Key: attacked.Key})
	if err != nil {
		t.Fatal(err)
	}
	for i, writes := range []string{notJSON, "event~1"} { // the first is kept, others are repeats of it
		reply, err := codec.Seal([]byte("success"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		h := hostile{name: fmt.Sprintf("our reply, sent back %d", i), sent: rawPush(reply), keepsOn: true}.isRejected("not_json")
		h.writes = writes
		list = append(list, h)
	}
	return list
}

// paddingCases are every wrong padding and length behind a signature that is
// right, and every right padding.
func paddingCases(t *testing.T) (list []hostile) {
	// filled is a text of that many bytes with its head and its $key.
	filled := func(size int) string {
		msg := `{"EventType":"user_add_org",` + member() + `,"x":"`
		return msg + strings.Repeat("x", size-20-len(attacked.Key)-len(msg)-2) + `"}`
	}
	pack := func(msg string, length uint32, padding []byte) string {
		return rawPush(encrypted(t, attacked, frameOf(msg, length, attacked.Key, padding)))
	}
	wrong := func(name string, sent string) {
		list = append(list, hostile{name: name, sent: sent, keepsOn: true}.isRejected("undecryptable"))
	}
	for n := range 256 {
		count := n // as many as they say
		if n == 0 {
			count = 16
		}
		msg := filled(384 - count)
		sent := pack(msg, uint32(len(msg)), bytes.Repeat([]byte{byte(n)}, count))
		if n >= 1 && n <= 32 {
			list = append(list, hostile{name: fmt.Sprintf("padding of %d, which is right", n), sent: sent, keepsOn: true}.does("stored", stored))
			continue
		}
		wrong(fmt.Sprintf("padding of %d", n), sent)
	}
	for i := range 31 {
		msg := filled(288)
		pad := bytes.Repeat([]byte{32}, 32)
		pad[i] ^= 1
		wrong(fmt.Sprintf("padding whose byte %d differs", i), pack(msg, uint32(len(msg)), pad))
	}
	msg := filled(304)
	pad := bytes.Repeat([]byte{16}, 16)
	for name, length := range map[string]uint32{
		"one over the end": uint32(len(msg) + len(attacked.Key) + 1), "over the padding": uint32(len(msg) + len(attacked.Key) + 16),
		"of 2^31": 1 << 31, "of 2^31-1": 1<<31 - 1, "of 2^32-1": 1<<32 - 1, "of 16 MB": 16 << 20, "with the bytes swapped": uint32(len(msg)) << 24,
		"of all": uint32(len(msg) + len(attacked.Key)),
	} {
		wrong("a length "+name, pack(msg, length, pad))
	}
	for name, length := range map[string]int{"one short": len(msg) - 1, "one long": len(msg) + 1, "of nothing": 0} {
		reason := "wrong_suite_key"
		if length == 0 { // the whole text as $key is too long to be one
			reason = "undecryptable"
		}
		list = append(list, hostile{name: "a length " + name, sent: pack(msg, uint32(length), pad), keepsOn: true}.isRejected(reason))
	}
	for name, text := range map[string][]byte{
		"of one block":            []byte("0123456789abcdef"),
		"of nothing but padding":  bytes.Repeat([]byte{32}, 32),
		"of less than a head":     append([]byte("0123456789abcdefabc"), bytes.Repeat([]byte{13}, 13)...),
		"of a block and a half":   bytes.Repeat([]byte{7}, 24),
		"of a byte":               {1},
		"of 700 kB of noise":      bytes.Repeat([]byte("noise"), 140_000)[:700_000],
		"of 700 kB that is short": bytes.Repeat([]byte("noise"), 140_000)[:699_999],
	} {
		wrong("a ciphertext "+name, rawPush(encrypted(t, attacked, text)))
	}
	return list
}
