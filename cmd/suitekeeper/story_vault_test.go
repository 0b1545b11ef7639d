package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"filippo.io/age"
)

// console signs in as people do, and goes through every page of the console, in
// both languages.
func (s *story) console() {
	s.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	browser := &http.Client{Jar: jar, Timeout: patience}
	visit := func(path, language string) string {
		req, err := http.NewRequest(http.MethodGet, s.admin+path, nil)
		s.must(err)
		req.Header.Set("Accept-Language", language)
		page, err := readAnswer(browser.Do(req))
		s.must(err)
		s.shows("page "+path, page.body)
		return page.body
	}
	wrong := url.Values{"token": {s.newSecret("wrong token of the console")}}
	for status, form := range map[int]url.Values{http.StatusForbidden: wrong, http.StatusOK: {"token": {s.adminToken()}}} {
		page, err := readAnswer(browser.PostForm(s.admin+"/console/sign-in", form))
		s.must(err)
		s.shows("sign-in", page.body)
		if page.status != status {
			s.Errorf("signing in was answered %d, want %d", page.status, status)
		}
	}
	here, err := url.Parse(s.admin + "/console/")
	s.must(err)
	for _, c := range jar.Cookies(here) {
		s.secrets.add("session of the console", c.Value)
	}
	link := regexp.MustCompile(`(?:href|action)="(/console/[^"#]*)"`)
	for _, language := range []string{"en", "zh"} {
		seen, next := map[string]bool{}, []string{"/console/"}
		for len(next) > 0 && len(seen) < 300 {
			path := next[0]
			if next = next[1:]; seen[path] {
				continue
			}
			seen[path] = true
			for _, m := range link.FindAllStringSubmatch(visit(path, language), -1) {
				next = append(next, strings.ReplaceAll(m[1], "&amp;", "&"))
			}
		}
		for _, part := range []string{"/console/authorizations/", "/console/events/", "/console/rejections", "/console/audit", "/console/repush"} {
			if !strings.Contains(fmt.Sprint(seen), part) {
				s.Errorf("no page below %s was seen", part)
			}
		}
	}
}

func readAnswer(res *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(res.Body)
	return answer{res.StatusCode, res.Header, body.String()}, err
}

// settings writes the configuration of the receiver into a file, as people do.
func (s *story) settings(name string) string {
	s.Helper()
	text := fmt.Sprintf("listen: %s\nadmin: {listen: %s}\ndata: %s\nmaster_key: %s\ndingtalk: {oapi_url: %q, api_url: %q}\nsuites:\n",
		strings.TrimPrefix(s.callback, "http://"), strings.TrimPrefix(s.admin, "http://"), s.cfg.Data, s.cfg.MasterKey.Reveal(),
		s.cfg.DingTalk.OAPIURL, s.cfg.DingTalk.APIURL)
	for _, c := range s.cfg.Suites {
		text += fmt.Sprintf("  - {key: %s, secret: %s, token: %s, aes_key: %s, app_id: %d}\n",
			c.Key, c.Secret.Reveal(), c.Token.Reveal(), c.AESKey.Reveal(), c.AppID)
	}
	return s.file(name, text)
}

// vaults backs up, verifies, restores, rotates and examines, well and badly, while
// the receiver runs and when it has stopped.
func (s *story) vaults() {
	s.Helper()
	dir := s.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	config := s.settings("vaults.yaml")
	somebody := s.file("somebody.key", s.masterKey("master key of somebody else"))
	phrase := s.file("passphrase", s.newSecret("passphrase of a backup"))
	key, err := age.GenerateX25519Identity()
	s.must(err)
	s.secrets.add("key of a recipient", strings.TrimPrefix(key.String(), "AGE-SECRET-KEY-1"))
	identity := s.file("identity", key.String())

	for _, form := range [][]string{{}, {"-o", "json"}, {"--lang", "zh"}} {
		all := func(status int, args ...string) { s.command(status, append(args, form...)...) }
		n := fmt.Sprint(len(form), form)
		all(0, "backup", at("master"+n), "--config", config)
		all(0, "backup", at("recipient"+n), "--config", config, "--recipient", key.Recipient().String())
		all(0, "verify", at("master"+n), "--config", config)
		all(0, "verify", at("recipient"+n), "--identity", identity)
		all(1, "verify", at("recipient"+n), "--identity", phrase)
		all(1, "verify", at("master"+n), "--passphrase-file", somebody)
		all(1, "verify", at("master"+n), "--identity", identity)
		all(1, "verify", s.cfg.Data, "--config", config)
		all(1, "restore", at("master"+n), "--config", config)
		all(0, "restore", at("master"+n), "--config", config, "--data", at("restored"+n))
		all(0, "verify", at("restored"+n), "--config", config)
		all(1, "verify", at("restored"+n)) // without the master key
		all(0, "keys", "rotate", "--config", config)
		all(1, "doctor", "--config", config)
	}
	s.command(0, "backup", at("phrase"), "--config", config, "--passphrase-file", phrase)
	s.command(1, "keys", "wrap", "--config", config)
	s.observe()
	s.stop()
	s.command(0, "backup", at("stopped"), "--config", config, "--data", s.cfg.Data)
	s.command(1, "keys", "wrap", "--config", config)
	s.command(1, "keys", "wrap", "--config", config, "--old-master-key-file", somebody)
	s.command(2, "keys", "rotate", "--config", config, "--data", s.cfg.Data)
	s.command(1, "doctor", "--config", config)
	s.command(0, "status", "--config", config, "--data", s.cfg.Data)
	s.damaged(at, config)

	// What was restored is served, and still hides its secrets.
	folder := s.cfg.Data
	s.cfg.Data = at("restored0[]")
	s.start()
	s.observe()
	s.stop()
	s.searchFolder()
	s.cfg.Data = folder
	s.start()
	s.searchBelow(dir)
}

// damaged has the commands meet files that are not whole.
func (s *story) damaged(at func(string) string, config string) {
	s.Helper()
	text, err := os.ReadFile(at("stopped"))
	s.must(err)
	for i, bad := range [][]byte{text[:len(text)/2], text[:100], bytes.Replace(text, []byte("scrypt"), []byte("Scrypt"), 1), nil} {
		s.must(os.WriteFile(at("bad"), bad, 0o600))
		s.command(1, "verify", at("bad"), "--config", config)
		s.command(1, "restore", at("bad"), "--config", config, "--data", at(fmt.Sprint("never", i)))
	}
	whole, err := os.ReadFile(filepath.Join(s.cfg.Data, "suitekeeper.key"))
	s.must(err)
	for i, bad := range [][]byte{whole[:len(whole)/2], bytes.ReplaceAll(whole, []byte("A"), []byte("B")), []byte("{}"), nil} {
		folder := at(fmt.Sprint("odd", i))
		s.must(os.Mkdir(folder, 0o700))
		db, err := os.ReadFile(filepath.Join(s.cfg.Data, "suitekeeper.db"))
		s.must(errors.Join(err, os.WriteFile(filepath.Join(folder, "suitekeeper.db"), db, 0o600),
			os.WriteFile(filepath.Join(folder, "suitekeeper.key"), bad, 0o600)))
		s.command(1, "status", "--config", config, "--data", folder)
		s.command(1, "serve", "--config", config, "--data", folder)
	}
}

// searchBelow looks for the secrets in everything that the commands have
// written, but for the tokens that servers make.
func (s *story) searchBelow(dir string) {
	s.Helper()
	files := 0
	s.must(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "admin.token" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range s.secrets.in(string(text)) {
			s.Errorf("the file %s holds the %s", path, found)
		}
		files++
		return err
	}))
	if files < 10 {
		s.Errorf("only %d files were looked at", files)
	}
}
