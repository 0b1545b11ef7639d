package handler

import (
	"bytes"
	"strconv"
)

// framing knows where on a connection requests begin, as long as nothing but
// plain ones come on it, one after the other. The zero value is for a new
// connection.
type framing struct {
	left   int64 // bytes to come of the request that began last
	ahead  byte  // the first of the next request, if it was read before the others; else 0
	unsure bool  // where requests begin, for good
}

// follow is told of all that is read. It tells of the request that begins with
// b, unless some of it was read before.
func (f *framing) follow(b []byte) (r plainRequest, begins bool) {
	switch {
	case f.unsure || len(b) == 0:
		return plainRequest{}, false
	case f.left > 0:
		f.left -= int64(len(b))
		f.unsure = f.left < 0
		return plainRequest{}, false
	case len(b) == 1 && f.ahead == 0:
		// net/http reads a byte while it serves, to hear when the peer goes away.
		f.ahead = b[0]
		return plainRequest{}, false
	}
	r, ok := readPlainRequest(f.ahead, b)
	begins, f.ahead = f.ahead == 0, 0
	f.left = r.bytes - int64(len(b))
	f.unsure = !ok || f.left < 0
	return r, begins && !f.unsure
}

// plainRequest is a request whose end can be told from its first bytes, as
// DingTalk, the usual proxies and load balancers send them: one host, one length
// at most, and nothing else that has a say in where it or its connection ends.
type plainRequest struct {
	path  []byte // as it is written, without escapes
	push  bool   // it is one, going by all but its body
	body  int64  // bytes
	bytes int64  // of all of it that was not read before
}

// readPlainRequest reads the head of a request, of which one byte may have been
// read before. It is not ok where anything is unusual or missing, and all that is
// ok net/http takes, and reads in the same way.
func readPlainRequest(before byte, b []byte) (r plainRequest, ok bool) {
	line, rest, whole := cutLine(b)
	method, line, _ := bytes.Cut(line, []byte(" "))
	target, known := bytes.CutSuffix(line, []byte(" HTTP/1.1"))
	r.path, _, _ = bytes.Cut(target, []byte("?"))
	if !whole || !known || !targetChars.makeUp(target) || target[0] != '/' || bytes.IndexByte(r.path, '%') >= 0 {
		return plainRequest{}, false
	}
	switch {
	case isMethod("POST", before, method):
		_, r.push = suiteOf(r.path)
	case !isMethod("GET", before, method) && !isMethod("HEAD", before, method):
		return plainRequest{}, false
	}
	hosts, lengths := 0, 0
	for {
		if line, rest, whole = cutLine(rest); !whole {
			return plainRequest{}, false
		}
		if len(line) == 0 {
			r.bytes = int64(len(b)-len(rest)) + r.body
			return r, hosts == 1
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || !tokenChars.makeUp(name) {
			return plainRequest{}, false
		}
		switch value = bytes.Trim(value, " \t"); {
		case bytes.EqualFold(name, []byte("Host")):
			if hosts++; !hostChars.makeUp(value) {
				return plainRequest{}, false
			}
		case bytes.EqualFold(name, []byte("Content-Length")):
			n, err := strconv.ParseUint(string(value), 10, 31)
			if lengths++; err != nil || lengths > 1 {
				return plainRequest{}, false
			}
			r.body = int64(n)
		case bytes.EqualFold(name, []byte("Content-Encoding")):
			r.push = false // there is another answer to it
		case bytes.EqualFold(name, []byte("Connection")):
			if !bytes.EqualFold(value, []byte("keep-alive")) {
				return plainRequest{}, false
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")), bytes.EqualFold(name, []byte("Expect")), bytes.EqualFold(name, []byte("Upgrade")):
			return plainRequest{}, false
		}
	}
}

func isMethod(name string, before byte, b []byte) bool {
	if before != 0 {
		return name[0] == before && name[1:] == string(b)
	}
	return name == string(b)
}

// What names of headers consist of (RFC 9110, 5.6.2), targets that begin with a
// path (RFC 3986, 3.3 and 3.4), and hosts as a rule.
var (
	tokenChars  = newChars("-!#$%&'*+.^_`|~")
	targetChars = newChars("-._~!$&'()*+,;=:@/?%")
	hostChars   = newChars("-.:[]")
)

// chars is a set of them.
type chars [256]bool

// newChars are letters, digits and the others.
func newChars(others string) *chars {
	var set chars
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + others) {
		set[c] = true
	}
	return &set
}

// makeUp tells whether b consists of them.
func (set *chars) makeUp(b []byte) bool {
	for _, c := range b {
		if !set[c] {
			return false
		}
	}
	return len(b) > 0
}

// cutLine cuts off a line that holds no characters which control something.
func cutLine(b []byte) (line, rest []byte, whole bool) {
	line, rest, whole = bytes.Cut(b, []byte("\r\n"))
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, false
		}
	}
	return line, rest, whole
}

// suiteOf reads which suite the path of a push names, if it is one.
func suiteOf(path []byte) (named []byte, push bool) {
	rest, push := bytes.CutPrefix(path, []byte("/callback"))
	if !push || len(rest) == 0 {
		return nil, push
	}
	named, push = bytes.CutPrefix(rest, []byte("/"))
	return named, push && len(named) > 0 && bytes.IndexByte(named, '/') < 0
}
