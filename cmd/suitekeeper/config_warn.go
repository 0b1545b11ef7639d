package main

import (
	"fmt"
	"net/url"
	"path/filepath"

	"suitekeeper/crypto"
)

// shortToken is the length below which a token is worth a warning: the
// signature is a SHA-1 over token, timestamp, nonce and body joined without
// separators, so that its strength is the token's alone.
const shortToken = 20

// warnings returns what is allowed and yet probably not meant.
func (l *loader) warnings(c *Config) []Finding {
	var all []Finding
	warn := func(path, problem, cure string) {
		o := l.origin(path)
		all = append(all, Finding{o.where, o.line, o.key, problem, cure})
	}
	if len(c.Suites) == 0 {
		warn("suites", "is empty, so serve has nothing to receive and will not start", "give at least one suite")
	}
	for i, s := range c.Suites {
		at := fmt.Sprintf("suites[%d].", i)
		if s.Key == crypto.CreationKey {
			warn(at+"key", "is the key that DingTalk uses while a suite is being created",
				"once the suite exists, put its own suiteKey here, or its pushes will be refused")
		}
		if problem := weakToken(s.Token.Reveal()); problem != "" && !isExample(s.Token.Reveal()) {
			warn(at+"token", problem, newToken)
		}
		warnOfExamples(s, func(key, problem, cure string) { warn(at+key, problem, cure) })
	}
	if inside(c.Backup.Dir, c.Data) {
		warn("backup.dir", "lies in the data folder, and is lost with it", "choose a folder on another disk, or copy the backups away")
	}
	for _, api := range [][2]string{{"dingtalk.oapi_url", c.DingTalk.OAPIURL}, {"dingtalk.api_url", c.DingTalk.APIURL}} {
		if isClear(api[1]) {
			warn(api[0], "sends the suite secret over the network in clear", "use https")
		}
	}
	return all
}

// inside reports whether a folder lies in another one, or is that.
func inside(folder, other string) bool {
	if folder == "" {
		return false
	}
	a, errA := filepath.Abs(folder)
	b, errB := filepath.Abs(other)
	way, err := filepath.Rel(b, a)
	return errA == nil && errB == nil && err == nil && filepath.IsLocal(way)
}

const newToken = "choose 32 random letters and digits that begin with a letter, here and in the developer console"

// warnOfExamples finds values that were copied and never replaced.
func warnOfExamples(s SuiteConfig, warn func(key, problem, cure string)) {
	const forge = "is the value of a published example, so that anybody can forge pushes"
	if isExample(s.Key) {
		warn("key", "is the placeholder of the example", "put the suite's own suiteKey here, as the developer console shows it")
	}
	if isExample(s.Secret.Reveal()) {
		warn("secret", "is the placeholder of the example", "put the suite's own suiteSecret here, as the developer console shows it")
	}
	if isExample(s.Token.Reveal()) {
		warn("token", forge, newToken)
	}
	if isExample(s.AESKey.Reveal()) {
		warn("aes_key", forge, "have the developer console generate another EncodingAESKey, and put it here")
	}
}

// isExample reports whether value stands for one's own in an example.
func isExample(value string) bool {
	switch value {
	case "suiteexample0000000x", "replace-me",
		"ReplaceThisByARandomTokenOf32Chr", "ReplaceThisByTheEncodingAESKeyOf43LettersXY": // deploy/suitekeeper.yaml
		return true
	case "123456",
		"4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "1234567890123456789012345678901234567890123": // DingTalk's documentation
		return true
	}
	return false
}

// isClear reports whether what is sent to address can be read on the way.
func isClear(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !isLoopback(u.Hostname())
}

// weakToken says what makes a token easier to forge signatures for, or nothing.
func weakToken(token string) string {
	switch {
	case sortsFirst(token):
		return "starts with a digit, so it is sorted before the other parts of the signature, " +
			"which helps an attacker to forge one from a push that he saw"
	case len(token) < shortToken:
		return fmt.Sprintf("has fewer than %d characters, so that an attacker who saw one push can guess it", shortToken)
	default:
		return ""
	}
}

// sortsFirst tells whether a token comes before the other parts of a signature,
// which are sorted before they are joined. That lets whoever saw one push
// extend its hash (a SHA-1 weakness).
func sortsFirst(token string) bool { return token != "" && token[0] >= '0' && token[0] <= '9' }
