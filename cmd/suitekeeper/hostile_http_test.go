package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"suitekeeper/crypto"
)

const tooLarge = 1<<20 + 1

// rawRequest is a request as bytes. Its length is added unless a header tells.
func rawRequest(method, target, body string, headers ...string) string {
	text := method + " " + target + " HTTP/1.1\r\nHost: isv.example.com\r\n"
	for _, h := range headers {
		text += h + "\r\n"
	}
	if all := strings.Join(headers, "\n"); !strings.Contains(all, "Content-Length:") && !strings.Contains(all, "Transfer-Encoding:") {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return text + "\r\n" + body
}

func queryOf(e crypto.Envelope) string {
	return "signature=" + e.Signature + "&timestamp=" + e.Timestamp + "&nonce=" + strings.ReplaceAll(e.Nonce, "+", "%2B")
}

func bodyOf(e crypto.Envelope) string { return `{"encrypt":"` + e.Encrypt + `"}` }

// rawPush is a push as DingTalk sends it.
func rawPush(e crypto.Envelope, headers ...string) string {
	return rawRequest("POST", attackedPath+"?"+queryOf(e), bodyOf(e), headers...)
}

func chunked(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

const (
	isChunked = "Transfer-Encoding: chunked"
	stored    = "event+1 print+1"
)

func methodCases(t *testing.T) (list []hostile) {
	add := func(name, sent string, status int, code, says string) {
		h := hostile{name: name, sent: sent, keepsOn: true}.is(status, code, says)
		list = append(list, h)
	}
	notAllowed := func(name, sent string) {
		add(name, sent, http.StatusMethodNotAllowed, "method_not_allowed", "the method is not allowed here")
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PUSH", "post", "POST1"} {
		notAllowed(method+" of the callback", rawRequest(method, attackedPath, ""))
	}
	notAllowed("HEAD of the callback", rawRequest("HEAD", "/callback", ""))
	notAllowed("POST of health", rawRequest("POST", "/healthz", ""))
	notFound := func(name, target string) {
		e := fresh(t)
		add(name, rawRequest("POST", target+"?"+queryOf(e), bodyOf(e)), http.StatusNotFound, "not_found", "no such path")
	}
	notFound("no path", "/")
	notFound("another path", "/admin/")
	notFound("the path in capitals", "/CALLBACK")
	notFound("a slash behind", "/callback/")
	notFound("a slash behind the key", attackedPath+"/")
	notFound("two slashes", "/"+attackedPath)
	notFound("dots in the path", "/x/.."+attackedPath)
	notFound("a path below the key", attackedPath+"/etc/passwd")
	notFound("an escaped slash", "/callback%2f"+attacked.Key)
	notFound("a back slash", `/callback\`+attacked.Key)
	notFound("the operators' side", "/api/v1/status")
	for name, key := range map[string]string{
		"the key of nobody": "nobody", "a key in capitals": strings.ToUpper(attacked.Key), "a key with NUL": attacked.Key + "%00",
		"a key that is no UTF-8": "%ff%fe", "an endless key": strings.Repeat("k", 9000), "a key that climbs": "..%2f..%2f" + attacked.Key,
	} {
		e := fresh(t)
		add(name, rawRequest("POST", "/callback/"+key+"?"+queryOf(e), bodyOf(e)), http.StatusNotFound, "unknown_suite", "no such suite is configured")
	}
	return list
}

func httpCases(t *testing.T) (list []hostile) {
	bad := func(name, sent string) {
		list = append(list, hostile{name: name, sent: sent}.isBad(notHTTP))
	}
	good := func(name, sent string) {
		list = append(list, hostile{name: name, sent: sent, keepsOn: true}.does("stored", stored))
	}
	push := func() string { return rawPush(fresh(t)) }
	bad("a TLS hello", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"+strings.Repeat("\x00", 154)+"\r\n\r\n")
	bad("SSH", "SSH-2.0-OpenSSH_9.9\r\n\r\n")
	bad("HTTP/0.9", "GET /callback\r\n\r\n")
	bad("HTTP/3.0", strings.Replace(push(), "HTTP/1.1", "HTTP/3.0", 1))
	bad("HTTP/1.10", strings.Replace(push(), "HTTP/1.1", "HTTP/1.10", 1))
	bad("a method of no letters", strings.Replace(push(), "POST", "PO(ST", 1))
	bad("a space in the path", strings.Replace(push(), "/callback", "/call back", 1))
	bad("a broken escape in the path", strings.Replace(push(), "/callback", "/%zzcallback", 1))
	bad("a control byte in the query", strings.Replace(push(), "?", "?\x01", 1))
	bad("no Host", strings.Replace(push(), "Host: isv.example.com\r\n", "", 1))
	bad("a Host of nonsense", strings.Replace(push(), "isv.example.com", "isv example/com", 1))
	bad("a header without a colon", strings.Replace(push(), "Host:", "Nonsense\r\nHost:", 1))
	bad("a space before the colon", strings.Replace(push(), "Content-Length:", "Content-Length :", 1))
	bad("a header without a name", strings.Replace(push(), "Host:", ": x\r\nHost:", 1))
	bad("NUL in a header", strings.Replace(push(), "Host:", "X: a\x00b\r\nHost:", 1))
	bad("a wish that nobody can grant", rawPush(fresh(t), "Expect: the-unexpected"))
	good("a whole URL as target", strings.Replace(push(), " /", " http://elsewhere.example.com/", 1))
	good("wishes to be asked on", rawPush(fresh(t), "Expect: 100-continue"))
	good("another method in a header", rawPush(fresh(t), "X-HTTP-Method-Override: DELETE"))
	good("wants another protocol", rawPush(fresh(t), "Upgrade: websocket", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="))
	list = append(list,
		hostile{name: "HTTP/1.0", sent: strings.Replace(push(), "HTTP/1.1", "HTTP/1.0", 1)}.does("stored", stored),
		hostile{name: "HTTP/2 without TLS", sent: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}.is(404, "not_found", "no such path"),
		hostile{name: "half a request line", sent: "POST /callb", hangsUp: true}.isBad(notHTTP),
		hostile{name: "half of the headers", sent: push()[:100], hangsUp: true}.isBad(notHTTP),
		hostile{name: "half a body", sent: push()[:320], hangsUp: true, keepsOn: true}.isBad("the body did not arrive in full"),
	)
	return list
}

func headerCases(t *testing.T) (list []hostile) {
	const says = "the headers are too large"
	large := func(name, sent string) {
		list = append(list, hostile{name: name, sent: sent}.is(431, "headers_too_large", says))
	}
	e := fresh(t)
	large("a header of 20 kB", rawPush(e, "X-Filler: "+strings.Repeat("x", 20_000)))
	large("a query of 20 kB", strings.Replace(rawPush(e), "?", "?x="+strings.Repeat("x", 20_000)+"&", 1))
	large("3,000 headers", rawPush(e, strings.Repeat("A: b\r\n", 3000)+"C: d"))
	large("4,000 parameters", strings.Replace(rawPush(e), "?", "?"+strings.Repeat("a=b&", 5000), 1))
	large("a request line without an end", strings.Repeat("P", 17_000))
	list = append(list, hostile{name: "an endless header", sent: "POST / HTTP/1.1\r\nX: ", goesOn: strings.Repeat("x", 4096)}.is(431, "headers_too_large", says))
	refused := func(name string, says string, headers ...string) {
		e := fresh(t)
		list = append(list, hostile{name: name, sent: rawPush(e, headers...), keepsOn: true}.is(415, "unsupported_encoding", says))
	}
	const compressed = "the body must not be compressed"
	refused("gzip", compressed, "Content-Encoding: gzip")
	refused("brotli in capitals", compressed, "content-encoding: BR")
	refused("gzip behind identity", compressed, "Content-Encoding: identity, gzip")
	refused("gzip in a second header", compressed, "Content-Encoding: identity", "Content-Encoding: gzip")
	list = append(list,
		hostile{name: "gzip that nobody announced", sent: rawRequest("POST", attackedPath+"?"+queryOf(e), "\x1f\x8b\x08\x00"), keepsOn: true}.isBad(noObject),
		hostile{name: "identity", sent: rawPush(fresh(t), "Content-Encoding: Identity"), keepsOn: true}.does("stored", stored),
		hostile{name: "1,500 headers", sent: rawPush(fresh(t), strings.Repeat("A: b\r\n", 1500)+"C: d"), keepsOn: true}.does("stored", stored),
		hostile{name: "a form", sent: rawRequest("POST", attackedPath+"?"+queryOf(e), "encrypt="+e.Encrypt,
			"Content-Type: application/x-www-form-urlencoded"), keepsOn: true}.isBad(noObject),
	)
	return list
}

// lengthCases are about where a body ends.
func lengthCases(t *testing.T) (list []hostile) {
	sent := func(body string, headers ...string) string {
		return rawRequest("POST", attackedPath+"?"+queryOf(fresh(t)), body, headers...)
	}
	notHTTP := func(name string, headers ...string) {
		list = append(list, hostile{name: name, sent: sent("{}", headers...)}.isBad(notHTTP))
	}
	notHTTP("two lengths", "Content-Length: 2", "Content-Length: 3")
	notHTTP("two lengths in one header", "Content-Length: 2, 2")
	notHTTP("a negative length", "Content-Length: -1")
	notHTTP("a length with a sign", "Content-Length: +2")
	notHTTP("a length in hexadecimal", "Content-Length: 0x2")
	notHTTP("an empty length", "Content-Length:")
	notHTTP("a length beyond all numbers", "Content-Length: 99999999999999999999")

	coded := func(name string, headers ...string) {
		list = append(list, hostile{name: name, sent: sent(chunked("{}"), headers...)}.
			is(415, "unsupported_encoding", "the transfer encoding must be chunked or none"))
	}
	coded("gzip in transfer", "Transfer-Encoding: gzip, chunked")
	coded("chunked twice", isChunked, isChunked)
	coded("identity in transfer", "Transfer-Encoding: identity", "Content-Length: 2")
	coded("chunked in disguise", "Transfer-Encoding: \"chunked\"")
	coded("chunked with a comma", "Transfer-Encoding: chunked,")

	large := func(name, sent, goesOn string) {
		list = append(list, hostile{name: name, sent: sent, goesOn: goesOn}.is(413, "too_large", "the body is too large"))
	}
	large("a byte too many", sent(strings.Repeat("x", tooLarge)), "")
	large("too much announced", sent("", fmt.Sprintf("Content-Length: %d", tooLarge)), "")
	large("the largest length there is", sent("{}", "Content-Length: 9223372036854775807"), "")
	large("a chunk too large", sent(chunked(strings.Repeat("x", tooLarge)), isChunked), "")
	large("endless chunks", sent("", isChunked), chunked(strings.Repeat(" ", 4096))[:4096+8])
	large("endless small chunks", sent("", isChunked), strings.Repeat("f\r\n{{{{{{{{{{{{{{{\r\n", 1000))

	broken := func(name, body string) {
		list = append(list, hostile{name: name, sent: sent(body, isChunked)}.isBad("the body did not arrive in full"))
	}
	broken("a chunk of no size", "zz\r\n{}\r\n0\r\n\r\n")
	broken("a chunk of negative size", "-2\r\n{}\r\n0\r\n\r\n")
	broken("a chunk beyond all sizes", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n")
	broken("a chunk without an end", "2\r\n{}}}0\r\n\r\n")
	broken("an endless chunk extension", "2;x="+strings.Repeat("x", 9000)+"\r\n{}\r\n0\r\n\r\n")

	e := fresh(t)
	smuggled := rawRequest("POST", attackedPath+"?"+queryOf(e), chunked(bodyOf(e))+"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "Content-Length: 3", isChunked)
	list = append(list,
		hostile{name: "a length and chunks", sent: smuggled}.does("stored", stored),
		hostile{name: "the same length twice", sent: rawPush(e, fmt.Sprintf("Content-Length: %[1]d\r\nContent-Length: %[1]d", len(bodyOf(e)))), keepsOn: true}.does("stored", "event~1"),
	)
	e = fresh(t)
	list = append(list, hostile{name: "chunks with a trailer", sent: rawRequest("POST", attackedPath+"?"+queryOf(e),
		fmt.Sprintf("%x\r\n%s\r\n0\r\nContent-Encoding: gzip\r\n\r\n", len(bodyOf(e)), bodyOf(e)), isChunked)}.does("stored", stored))
	return list
}
