package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Addresses of this machine from which a peer can connect. The proxy is trusted
// and the stranger is not.
const (
	proxy    = "127.0.0.2"
	stranger = "127.0.0.9"
)

// allowedSources may push; trustedProxies say who pushes.
var (
	allowedSources = []string{"203.0.113.0/24", "2001:db8:1::/48"}
	trustedProxies = []string{proxy, "127.0.0.16/28", "fd00::/8"}
)

// claim is what a peer says of where a request comes from, and what is believed.
type claim struct {
	name    string
	from    string
	headers []string
	remote  string
	allowed bool
}

func claims() (list []claim) {
	const good, bad = "203.0.113.7", "198.51.100.1"
	add := func(allowed bool, name, from, remote string, headers ...string) {
		list = append(list, claim{name, from, headers, remote, allowed})
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-IP",
		"X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "X-Forwarded", "Forwarded-For", "Client-IP", "Remote-Addr", "Via", "X-Envoy-External-Address", "X_Forwarded_For"} {
		value := good
		if name == "Forwarded" {
			value = "for=" + good
		}
		add(false, name+" of a stranger", stranger, stranger, name+": "+value)
		if name != "X-Forwarded-For" {
			add(false, name+" of a proxy", proxy, proxy, name+": "+value)
			add(true, name+" beside the one that counts", proxy, good, "X-Forwarded-For: "+good, name+": "+bad)
			add(false, name+" against the one that counts", proxy, bad, "X-Forwarded-For: "+bad, name+": "+value)
		}
	}
	xff := func(allowed bool, name, remote string, values ...string) {
		var headers []string
		for _, v := range values {
			headers = append(headers, "X-Forwarded-For: "+v)
		}
		add(allowed, name, proxy, remote, headers...)
	}
	add(false, "a stranger that names a proxy", stranger, stranger, "X-Forwarded-For: "+good+", "+proxy)
	add(false, "a stranger that names itself a proxy", stranger, stranger, "X-Forwarded-For: "+good+", "+stranger)
	xff(false, "nothing", proxy)
	xff(true, "a client", good, good)
	xff(false, "another client", bad, bad)
	xff(true, "spaces", good, " \t  "+good+" \t ")
	xff(true, "spaces around commas", good, bad+" ,\t"+good+"  ,  127.0.0.17")
	xff(true, "no space at all", good, bad+","+good+",127.0.0.17")
	add(true, "the name in small letters", proxy, good, "x-forwarded-for: "+good)
	xff(true, "a second header", good, bad, good)
	xff(true, "a second header of proxies", good, bad+", "+good, "127.0.0.17, 127.0.0.18", proxy)
	xff(false, "a second header against the first", bad, good, bad)
	xff(false, "three headers, the first forged", bad, good, good+", "+bad, "127.0.0.17")
	xff(false, "a forged hop on the left", bad, good+", "+bad)
	xff(false, "many forged hops on the left", bad, strings.Repeat(good+", ", 500)+bad)
	xff(false, "a forged proxy on the left", bad, good+", 127.0.0.17, "+bad)
	xff(true, "proxies behind the client", good, good+", 127.0.0.17, 127.0.0.31")
	xff(false, "one behind that is no proxy", "127.0.0.32", good+", 127.0.0.32")
	xff(false, "nothing but proxies", "127.0.0.18", "127.0.0.18, 127.0.0.17")
	xff(true, "a port", good, good+":443")
	xff(false, "a port of another", bad, good+", "+bad+":443")
	xff(true, "IPv6", "2001:db8:1::7", "2001:db8:1::7")
	xff(true, "IPv6 in capitals, in full", "2001:db8:1::7", "2001:0DB8:0001:0000:0000:0000:0000:0007")
	xff(true, "IPv6 with a port", "2001:db8:1::7", "[2001:db8:1::7]:443")
	xff(true, "IPv6 in brackets", "2001:db8:1::7", "[2001:db8:1::7]")
	xff(true, "IPv6 behind IPv6", "2001:db8:1::7", "2001:db8:1::7, fd00::1, [fd00::2]:80")
	xff(false, "IPv6 of a neighbour", "2001:db8:2::7", "2001:db8:1::7, 2001:db8:2::7")
	xff(false, "IPv6 with a zone", "fe80::1", "fe80::1%eth0")
	xff(true, "IPv4 in IPv6", good, "::ffff:"+good)
	xff(true, "IPv4 in IPv6, in hexadecimal", good, "::ffff:cb00:7107")
	xff(true, "IPv4 in IPv6 with a port", good, "[::ffff:"+good+"]:443")
	xff(true, "proxies as IPv4 in IPv6", good, good+", ::ffff:127.0.0.17")
	xff(false, "IPv4 in IPv6 of another", bad, good+", ::ffff:"+bad)
	xff(false, "IPv4 behind NAT64", "64:ff9b::cb00:7107", "64:ff9b::"+good)
	xff(false, "IPv4 in IPv6, the old way", "::cb00:7107", "::"+good)
	for name, garbage := range map[string]string{
		"nothing": "", "a comma": ",", "words": "unknown", "a name": "localhost", "a network": good + "/24", "leading zeros": "203.000.113.007",
		"hexadecimal": "0xcb007107", "a number": "3405803783", "three parts": "203.0.113", "five parts": good + ".1", "a sign": "+" + good,
		"two addresses": good + " " + good, "a semicolon": good + ";" + good, "quotes": `"` + good + `"`, "as in Forwarded": "for=" + good, "a port too large": good + ":65536",
		"a port of letters": good + ":http", "open brackets": "[2001:db8:1::7", "IPv4 in brackets": "[" + good + "]", "brackets in brackets": "[[2001:db8:1::7]]",
		"wide digits": "２０３.0.113.7", "no UTF-8": "\xff\xfe", "a long text": strings.Repeat("x", 8000),
	} {
		xff(false, "garbage, "+name, proxy, garbage)
		xff(false, "garbage behind a client, "+name, proxy, good+", "+garbage)
		xff(true, "garbage before a client, "+name, good, garbage+", "+good)
		xff(false, "garbage before another client, "+name, bad, good+", "+garbage+", "+bad)
		xff(false, "garbage before a proxy, "+name, "127.0.0.17", garbage+", 127.0.0.17")
	}
	return list
}

// newGuarded is a receiver behind proxies that takes pushes from some sources.
func newGuarded(t *testing.T) *testReceiver {
	if l, err := net.Listen("tcp", stranger+":0"); err != nil {
		t.Skipf("this machine has no address %s, from which a stranger could come: %v", stranger, err)
	} else {
		l.Close()
	}
	r := newTestReceiver(t, "http://127.0.0.1:1", attacked)
	r.cfg.AllowedSources, r.cfg.TrustedProxies = allowedSources, trustedProxies
	r.start()
	return r
}

// from sends the bytes of a request from an address.
func (r *testReceiver) from(address, to, request string) answer {
	r.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	conn, err := dialer.Dial("tcp", strings.TrimPrefix(to, "http://"))
	r.must(err)
	defer conn.Close()
	r.must(conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, request)
	r.must(err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	r.must(err)
	body, err := io.ReadAll(res.Body)
	r.must(err)
	return answer{res.StatusCode, res.Header, string(body)}
}

// TestForgedHeadersDoNotHelpToPush claims all kinds of things about where a push
// comes from. Only what trusted proxies say counts, up to the first hop that is
// none; who is not allowed is told nothing, and nothing is stored.
func TestForgedHeadersDoNotHelpToPush(t *testing.T) {
	r := newGuarded(t)
	const refused = `{"code":"rejected","message":"the push was rejected"}`
	for _, c := range claims() {
		t.Run(c.name, func(t *testing.T) {
			before, said := r.contents(), len(r.log.String())
			got := r.from(c.from, r.callback, rawPush(fresh(t), append(c.headers, "Connection: close")...))
			var line struct{ Remote, Reason, Msg string }
			r.until("it is logged", func() bool { return json.Unmarshal([]byte(r.log.String()[said:]), &line) == nil })
			if line.Remote != c.remote {
				t.Errorf("remote in the log = %s, want %s", line.Remote, c.remote)
			}
			writes := before.changes(r.contents())
			if c.allowed {
				if err := successFor(attacked, got); err != nil || writes != stored {
					t.Errorf("%v; it wrote %q, want success and %q", err, writes, stored)
				}
				return
			}
			if got.status != http.StatusForbidden || got.body != refused || writes != "" || line.Reason != "source_not_allowed" {
				t.Errorf("answered %d %s for %q, wrote %q, want 403 and nothing written", got.status, got.body, line.Reason, writes)
			}
			for what, request := range map[string]string{
				"a suite that nobody has": strings.Replace(rawPush(fresh(t), c.headers...), attackedPath, "/callback/nobody", 1),
				"a wrong signature":       strings.Replace(rawPush(fresh(t), c.headers...), "timestamp=1", "timestamp=2", 1),
				"no sense":                rawRequest("POST", "/callback", "nonsense", c.headers...),
			} {
				if got := r.from(c.from, r.callback, request); got.status != http.StatusForbidden || got.body != refused {
					t.Errorf("a push with %s is answered %d %s, want the same", what, got.status, got.body)
				}
			}
		})
	}
}

// TestForgedHeadersAreNotAudited signs in with the same claims. The audit log
// names whom the proxies name.
func TestForgedHeadersAreNotAudited(t *testing.T) {
	r := newGuarded(t)
	form := url.Values{"token": {r.adminToken()}}.Encode()
	for _, c := range claims() {
		t.Run(c.name, func(t *testing.T) {
			got := r.from(c.from, r.admin, rawRequest("POST", "/console/sign-in", form,
				append(c.headers, "Content-Type: application/x-www-form-urlencoded", "Connection: close")...))
			if got.status != http.StatusSeeOther {
				t.Fatalf("sign-in is answered %d %s, want 303", got.status, got.body)
			}
			var log struct {
				Entries []struct {
					RemoteAddr string `json:"remote_addr"`
				}
			}
			a := r.get(r.admin+"/api/v1/audit?limit=1", r.adminToken())
			r.must(json.Unmarshal([]byte(a.body), &log))
			if len(log.Entries) != 1 || log.Entries[0].RemoteAddr != c.remote {
				t.Errorf("audit log = %s, want one from %s", a.body, c.remote)
			}
		})
	}
}

// TestForgedHeadersDoNotHelpToTryTokens tries tokens, each as somebody else.
func TestForgedHeadersDoNotHelpToTryTokens(t *testing.T) {
	r := newGuarded(t)
	try := func(from, token, forwarded string) int {
		return r.from(from, r.admin, rawRequest("GET", "/api/v1/status", "", "Connection: close",
			"Authorization: Bearer "+token, "X-Forwarded-For: "+forwarded, "X-Real-IP: "+forwarded)).status
	}
	const tries = 20 // without a pause, see admin.Throttle
	for i := range tries + 5 {
		want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusTooManyRequests}[i < tries]
		if got := try(stranger, "wrong", fmt.Sprintf("198.51.100.%d", i)); got != want {
			t.Errorf("try %d of a stranger, each as somebody else, is answered %d, want %d", i, got, want)
		}
		if got := try(proxy, "wrong", fmt.Sprintf("203.0.113.%d, 192.0.2.1", i)); got != want {
			t.Errorf("try %d of a client that forges the hop before it is answered %d, want %d", i, got, want)
		}
	}
	for name, forwarded := range map[string]string{"whom the stranger named": "198.51.100.1", "whom the client named": "203.0.113.1"} {
		if got := try(proxy, r.adminToken(), forwarded); got != http.StatusOK {
			t.Errorf("%s is answered %d, want 200: others' tries are not theirs", name, got)
		}
	}
}
