package main_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/store"
	"suitekeeper/suite"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

// folderSuite is the other suite of a kept folder, which gets SyncHTTP pushes.
var folderSuite = keeper.SuiteConfiguration{
	Key: "suitefolder", Secret: "foldersecret", Token: "foldertoken0123456789x",
	AESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
}

// told is what was known of a data folder when it was written: what DingTalk
// knew, and what the version that wrote it told.
type told struct {
	Version string                     `json:"version"`
	Schema  int                        `json:"schema"`
	Ticket  string                     `json:"ticket"`
	Codes   map[string]string          `json:"codes"`   // permanent codes, by corp
	Events  []string                   `json:"events"`  // payloads that were acknowledged
	Answers map[string]json.RawMessage `json:"answers"` // of the admin API, by path
}

// writeFolder has a binary, of whatever version, store something of every kind.
func writeFolder(t *testing.T, binary, data string) told {
	t.Helper()
	v := newVictim(t, binary, data, 0)
	appendTo(t, v.config, fmt.Sprintf("  - {key: %s, secret: %s, token: %s, aes_key: %s}\n",
		folderSuite.Key, folderSuite.Secret.Reveal(), folderSuite.Token.Reveal(), folderSuite.AESKey.Reveal()))
	v.dingTalk.register(t, folderSuite, dingtalktest.SyncHTTP)
	must(t, v.dingTalk.SetCallbackURL(folderSuite.Key, "http://"+v.callback+"/callback"))
	v.start()
	must(t, v.dingTalk.PushTicket(v.suite.Key))
	must(t, v.dingTalk.PushTicket(folderSuite.Key))
	v.authorize(4)
	for _, corp := range []string{"dingsync1", "dingsync2"} {
		must(t, v.dingTalk.Authorize(folderSuite.Key, dingtalktest.Authorization{CorpID: corp, CorpName: "星河科技"}))
	}
	v.settled(func() bool { return v.allActivated() })
	must(t, v.dingTalk.ChangeAuth(v.suite.Key, "ding00001", dingtalktest.Scope{Departments: []int64{7}}))
	must(t, v.dingTalk.StopApp(v.suite.Key, "ding00002", 0))
	must(t, v.dingTalk.Relieve(v.suite.Key, "ding00003"))
	must(t, v.dingTalk.StopApp(folderSuite.Key, "dingsync2", 0))
	for _, text := range []string{
		`{"EventType":"user_add_org","CorpId":"ding00001","UserId":["zhangsan"],"TimeStamp":1750000000000}`,
		`{"EventType":"made_up_next_year","AuthCorpId":"ding00001","值":"新"}`,
		`{"EventType":"suite_ticket","SuiteTicket":"first","SuiteTicket":"second"}`,
	} {
		_, err := v.dingTalk.PushEvent(v.suite.Key, []byte(text))
		must(t, err)
	}
	// One more waits for an answer that never comes.
	must(t, v.dingTalk.Fault(dingtalktest.GetPermanentCode, dingtalktest.Fault{Spoil: dingtalktest.HTTPFail, Times: dingtalktest.Always}))
	must(t, v.dingTalk.Authorize(v.suite.Key, dingtalktest.Authorization{CorpID: "dingwaits"}))
	v.settled(func() bool { return v.dingTalk.Counts().Queued == 0 })
	v.ask(http.MethodPost, "/api/v1/suites/"+v.suite.Key+"/authorizations/ding00001/reveal") // for the audit log
	known := v.tell()
	v.stop()
	must(t, withStore(t.Context(), data, func(r store.Reader) (err error) {
		known.Schema, err = store.SchemaVersion(r)
		return err
	}))
	known.Ticket = v.storedTicket(v.suite.Key)
	return known
}

// settled waits for something that DingTalk sees.
func (v *victim) settled(cond func() bool) {
	v.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := v.dingTalk.Wait(ctx, cond); err != nil {
		v.Fatalf("%v: %+v; log:\n%s", err, v.dingTalk.Counts(), v.log.tail())
	}
}

// ask calls the admin API, and returns the answer if it was 200.
func (v *victim) ask(method, path string) json.RawMessage {
	v.Helper()
	req, err := http.NewRequest(method, "http://"+v.admin+path, nil)
	must(v, err)
	req.Header.Set("Authorization", "Bearer "+v.token())
	page, err := readAnswer(http.DefaultClient.Do(req))
	must(v, err)
	if page.status != http.StatusOK {
		return nil
	}
	return json.RawMessage(page.body)
}

// tell asks for everything that a version tells of its store.
func (v *victim) tell() told {
	v.Helper()
	known := told{
		Version: strings.TrimSpace(string(v.run("version"))), Codes: map[string]string{}, Answers: map[string]json.RawMessage{},
	}
	paths := []string{"/api/v1/suites", "/api/v1/audit?limit=500"}
	for _, key := range []string{v.suite.Key, folderSuite.Key} {
		list := "/api/v1/suites/" + key + "/authorizations"
		paths = append(paths, list+"?limit=500", "/api/v1/events?limit=500&suite_key="+key)
		s, _ := v.dingTalk.Suite(key)
		for _, c := range s.Corps {
			paths = append(paths, list+"/"+url.PathEscape(c.ID))
			if c.PermanentCode != "" {
				known.Codes[c.ID] = c.PermanentCode
			}
		}
	}
	for _, path := range paths {
		if answer := v.ask(http.MethodGet, path); answer != nil {
			known.Answers[path] = answer
		}
	}
	events := map[string]bool{}
	for _, p := range v.dingTalk.Pushes() {
		if p.OK && p.Suite == v.suite.Key {
			events[string(p.Message)] = true
		}
	}
	known.Events = slices.Sorted(maps.Keys(events))
	return known
}

// packFolder keeps a data folder as testdata.
func packFolder(t *testing.T, data, into string, known told) {
	t.Helper()
	must(t, os.MkdirAll(into, 0o755))
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	must(t, err)
	_, err = w.Write([]byte(read(t, filepath.Join(data, "suitekeeper.db"))))
	must(t, err)
	must(t, w.Close())
	text, err := json.MarshalIndent(known, "", " ")
	must(t, err)
	for name, content := range map[string][]byte{
		"suitekeeper.db.gz": packed.Bytes(), "suitekeeper.key": []byte(read(t, filepath.Join(data, "suitekeeper.key"))),
		"told.json": append(text, '\n'),
	} {
		must(t, os.WriteFile(filepath.Join(into, name), content, 0o600))
	}
}

// unpackFolder makes a data folder of testdata.
func unpackFolder(t *testing.T, from string) (data string, known told) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	must(t, os.Mkdir(data, 0o700))
	r, err := gzip.NewReader(strings.NewReader(read(t, filepath.Join(from, "suitekeeper.db.gz"))))
	must(t, err)
	db, err := io.ReadAll(r)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(data, "suitekeeper.db"), db, 0o600))
	must(t, os.WriteFile(filepath.Join(data, "suitekeeper.key"), []byte(read(t, filepath.Join(from, "suitekeeper.key"))), 0o600))
	must(t, json.Unmarshal([]byte(read(t, filepath.Join(from, "told.json"))), &known))
	return data, known
}

// folderSuites are the suites of a kept folder, as a configuration has them.
func folderSuites() []keeper.SuiteConfiguration {
	return []keeper.SuiteConfiguration{{
		Key: "suitekill9", Secret: "kill9secret", Token: "kill9token0123456789x",
		AESKey: suite.Secret("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"), AppID: 77,
	}, folderSuite}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, err)
	must(t, f.Close())
}
