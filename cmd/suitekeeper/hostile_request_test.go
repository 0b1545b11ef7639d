package main_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"suitekeeper/crypto"
)

const (
	noObject     = "the body is not one JSON object"
	badNonce     = "nonce is not 1 to 64 printable ASCII characters"
	badTimestamp = "timestamp is not 10 or 13 digits"
	badSignature = "signature is not 40 hexadecimal digits"
	badEncrypt   = "encrypt is not standard base64"
)

// parameterCases are about the query.
func parameterCases(t *testing.T) (list []hostile) {
	e := fresh(t)
	q, signature, timestamp, nonce := queryOf(e), "signature="+e.Signature, "timestamp="+e.Timestamp, "nonce="+e.Nonce
	add := func(name, query string) hostile {
		return hostile{name: name, sent: rawRequest("POST", attackedPath+query, bodyOf(e)), keepsOn: true}
	}
	bad := func(name, query, says string) { list = append(list, add(name, "?"+query).isBad(says)) }
	list = append(list, add("no query", "").isBad("signature is missing"))
	bad("no signature", timestamp+"&"+nonce, "signature is missing")
	bad("no timestamp", signature+"&"+nonce, "timestamp is missing")
	bad("no nonce", signature+"&"+timestamp, "nonce is missing")
	bad("names in capitals", strings.ToUpper(q), "signature is missing")
	bad("names as of a list", strings.ReplaceAll(q, "=", "[]="), "signature is missing")
	bad("a space before a name", "+"+signature+"&"+timestamp+"&"+nonce, "signature is missing")
	bad("the signature twice", q+"&"+signature, "signature is repeated")
	bad("the timestamp twice", q+"&"+timestamp, "timestamp is repeated")
	bad("the nonce twice", q+"&"+nonce, "nonce is repeated")
	bad("the nonce twice, once escaped", q+"&%6eonce="+e.Nonce, "nonce is repeated")
	bad("the nonce twice, once empty", q+"&nonce", "nonce is repeated")
	bad("the signature three times", q+"&msg_"+signature+"&"+signature, "signature is repeated")
	bad("two signatures", q+"&msg_signature="+strings.Repeat("0", 40), "signature is there twice and different")
	bad("two timestamps", q+"&timeStamp=1445827045067", "timestamp is there twice and different")
	bad("1,500 nonces", q+strings.Repeat("&nonce=x", 1500), "nonce is repeated")
	bad("a semicolon between", strings.ReplaceAll(q, "&", ";"), "the query holds a semicolon")
	bad("a semicolon in a name that nobody knows", q+"&x;y=1", "the query holds a semicolon")
	bad("a broken escape", q+"&x=%zz", "the query holds a broken escape")
	bad("half an escape", q+"&x=%4", "the query holds a broken escape")
	bad("an escape in a name", q+"&%=1", "the query holds a broken escape")
	bad("a question mark between", strings.Replace(q, "&", "?", 1), "timestamp is missing")

	good := func(name, query string) { list = append(list, add(name, "?"+query).does("stored", "event~1")) }
	list = append(list, hostile{name: "as it should be", sent: rawPush(e), keepsOn: true}.does("stored", stored))
	good("1,500 parameters", q+strings.Repeat("&x=1", 1500))
	good("escaped throughout", strings.NewReplacer("s", "%73", "1", "%31", "n", "%6E").Replace(q))
	good("both names and the same", q+"&msg_"+signature+"&timeStamp="+e.Timestamp)
	good("nothing between", "&&&"+q+"&&=&")
	good("the signature in capitals", strings.Replace(q, e.Signature, strings.ToUpper(e.Signature), 1))
	return append(list, valueCases(t)...)
}

// valueCases sign what they send, so that only the form can be at fault.
func valueCases(t *testing.T) (list []hostile) {
	malformed := func(name, says string, change func(*crypto.Envelope)) {
		e := fresh(t)
		change(&e)
		if says != badSignature {
			e.Signature = crypto.Sign(attacked.Token.Reveal(), e.Timestamp, e.Nonce, e.Encrypt)
		}
		values := url.Values{"signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}
		body := `{"encrypt":` + quoteJSON(e.Encrypt) + `}`
		list = append(list, hostile{name: name, sent: rawRequest("POST", attackedPath+"?"+values.Encode(), body), keepsOn: true}.isMalformed(says))
	}
	for name, value := range map[string]string{
		"empty": "", "a digit short": "178361051312", "of 9 digits": "178361051", "of 14 digits": "17836105131234", "negative": "-178361051",
		"with a sign": "+178361051", "of letters": "abcdefghij", "hexadecimal": "0x17836105", "with a point": "1783610.51",
		"with an exponent": "1783610e51", "in wide digits": "１７８３６１０５１３", "in Arabic digits": "١٧٨٣٦١٠٥١٣",
		"with a space": "1783610513 ", "with a line break": "178361051\n", "with NUL": "178361051\x00", "spelt out": "now",
	} {
		malformed("a timestamp "+name, badTimestamp, func(e *crypto.Envelope) { e.Timestamp = value })
	}
	for name, value := range map[string]string{
		"empty": "", "of 65": strings.Repeat("n", 65), "of 10,000": strings.Repeat("n", 10_000), "with a space": "a b", "with DEL": "a\x7f",
		"with NUL": "a\x00", "with a line break": "a\r\nX: y", "that is no UTF-8": "a\xff", "in Chinese": "随机",
	} {
		malformed("a nonce "+name, badNonce, func(e *crypto.Envelope) { e.Nonce = value })
	}
	for name, value := range map[string]string{
		"empty": "", "of 39": strings.Repeat("a", 39), "of 41": strings.Repeat("a", 41), "with a g": strings.Repeat("g", 40),
		"of SHA-256": strings.Repeat("a", 64), "in base64": "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "in wide digits": strings.Repeat("１", 40),
	} {
		malformed("a signature "+name, badSignature, func(e *crypto.Envelope) { e.Signature = value })
	}
	for name, change := range map[string]func(string) string{
		"empty":                  func(string) string { return "" },
		"without padding":        func(s string) string { return s + "YWJjYQ" },
		"with nothing else":      func(string) string { return "====" },
		"padded in the middle":   func(s string) string { return "YQ==" + s },
		"with spare bits":        func(s string) string { return s[:len(s)-4] + "YR==" },
		"for URLs":               func(s string) string { return s[:len(s)-4] + "-_-_" },
		"with a line break":      func(s string) string { return s[:64] + "\r\n" + s[64:] },
		"with a line break last": func(s string) string { return s + "\n" },
		"with a space":           func(s string) string { return s[:4] + " " + s[4:] },
		"with NUL":               func(s string) string { return s + "\x00" },
		"in wide letters":        func(s string) string { return s + "ＡＡＡＡ" },
	} {
		malformed("an encrypt "+name, badEncrypt, func(e *crypto.Envelope) { e.Encrypt = change(e.Encrypt) })
	}
	for name, at := range map[string]string{
		"zero": "0000000000000", "in 2286": "9999999999999", "of seconds": fmt.Sprint(time.Now().Unix()), "of 1973": "0100000000",
	} {
		e := fresh(t)
		e.Timestamp = at
		e.Signature = crypto.Sign(attacked.Token.Reveal(), e.Timestamp, e.Nonce, e.Encrypt)
		list = append(list, hostile{name: "a signed timestamp " + name, sent: rawPush(e), keepsOn: true}.does("stored", stored))
	}
	return list
}

// bodyCases are about the JSON around the envelope.
func bodyCases(t *testing.T) (list []hostile) {
	e := fresh(t)
	b, value := bodyOf(e), `"`+e.Encrypt+`"`
	sent := func(name, body string) hostile {
		return hostile{name: name, sent: rawRequest("POST", attackedPath+"?"+queryOf(e), body), keepsOn: true}
	}
	bad := func(name, body, says string) { list = append(list, sent("a body "+name, body).isBad(says)) }
	for name, body := range map[string]string{
		"of nothing": "", "of spaces": " \r\n\t ", "of words": "encrypt", "null": "null", "of a string": value, "of a number": "1e999999999",
		"of a list": "[" + b + "]", "of XML": "<xml><encrypt>" + e.Encrypt + "</encrypt></xml>", "cut off": b[:len(b)-1], "with more behind": b + b,
		"with NUL behind": b + "\x00", "with a comma behind": b + ",", "with a byte order mark": "\ufeff" + b, "in UTF-16": "\xff\xfe{\x00}\x00",
		"of single quotes": strings.ReplaceAll(b, `"`, `'`), "with a comment": "/**/" + b, "without quotes": `{encrypt:` + value + `}`,
		"with a comma too many": b[:len(b)-1] + ",}", "that is no UTF-8": `{"x":"` + "\xff" + `",` + b[1:], "with a line break in a string": `{"x":"` + "\n" + `",` + b[1:],
		"with a broken escape": `{"x":"\q",` + b[1:], "with half a surrogate": `{"x":"\ud800",` + b[1:], "with NaN": `{"x":NaN,` + b[1:],
		"nested 20,000 deep":          `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `,` + b[1:],
		"nested 500,000 deep":         strings.Repeat(`{"x":`, 200_000),
		"with a name of 1 MB, cut":    `{"` + strings.Repeat("n", 1_000_000),
		"with a number of 1 MB, cut":  `{"x":` + strings.Repeat("1", 1_000_000),
		"of escapes without an end":   `{"encrypt":"` + strings.Repeat(`\u0041`, 170_000),
		"with a control byte in name": `{"encrypt` + "\x01" + `":1,` + b[1:],
	} {
		bad(name, body, noObject)
	}
	bad("of nothing inside", "{}", "encrypt is missing")
	bad("with the name in capitals", `{"Encrypt":`+value+`}`, "encrypt is missing")
	bad("with encrypt one level down", `{"data":`+b+`}`, "encrypt is missing")
	bad("with a look-alike", `{"еncrypt":`+value+`}`, "encrypt is missing")
	bad("with a number", `{"encrypt":1}`, "encrypt is no string")
	bad("with null", `{"encrypt":null}`, "encrypt is no string")
	bad("with a list", `{"encrypt":[`+value+`]}`, "encrypt is no string")
	bad("with encrypt twice", `{"encrypt":`+value+`,`+b[1:], "encrypt is repeated")
	bad("with encrypt twice in disguise", `{"\u0065ncrypt":`+value+`,`+b[1:], "encrypt is repeated")
	bad("with another name twice", `{"x":1,"x":2,`+b[1:], "the body holds an object with a repeated name")
	bad("with a name twice one level down", `{"x":{"encrypt":1,"encrypt":1},`+b[1:], "the body holds an object with a repeated name")

	good := func(name, body string) { list = append(list, sent("a body "+name, body).does("stored", "event~1")) }
	list = append(list, sent("a body as it should be", b).does("stored", stored))
	good("with more inside", `{"x":{"encrypt":1},"":null,`+b[1:])
	good("with both spellings", `{"Encrypt":"x","ENCRYPT":"y",`+b[1:])
	good("with a string of 900 kB", `{"x":"`+strings.Repeat("x", 900_000)+`",`+b[1:])
	good("with escaped letters", `{"encrypt":"`+fmt.Sprintf(`\u%04x`, e.Encrypt[0])+e.Encrypt[1:]+`"}`)
	good("nested 9,000 deep", `{"x":`+strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)+`,`+b[1:])
	good("of just the largest size", b+strings.Repeat(" ", 1<<20-len(b)))
	return list
}
