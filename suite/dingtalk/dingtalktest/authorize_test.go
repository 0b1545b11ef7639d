package dingtalktest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

func TestCodeWorksOnce(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		a := st.exchange(token, code)
		if a.errcode() != 0 || a.str("permanent_code") == "" {
			t.Fatalf("first exchange = %s, want a permanent code", a.text)
		}
		info, _ := a.fields["auth_corp_info"].(map[string]any)
		if info["corpid"] != corpID || info["corp_name"] != "Corp" {
			t.Errorf("auth_corp_info = %v", info)
		}
		if again := st.exchange(token, code); again.errcode() != 40078 {
			t.Errorf("second exchange = %s, want 40078", again.text)
		}
		for _, none := range []string{"", "unknown"} {
			if a := st.exchange(token, none); a.errcode() != 40078 {
				t.Errorf("exchange of %q = %s, want 40078", none, a.text)
			}
		}
		if c := st.corp(); c.PermanentCode != a.str("permanent_code") || !c.HandedOut || !c.Codes[0].Spent {
			t.Errorf("corp = %+v, want the permanent code handed out and the code spent", c)
		}
	})
}

func TestOfSeveralCodesOneWorks(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		codes, token := st.authorize(3), st.suiteToken()
		st.awaitQuiet()
		pushed := strings.Join(st.in.messages(), "\n") // in any order: one burst
		for _, code := range codes {
			if want := `{"AuthCode":"` + code + `","AuthCorpId":"ding1",`; !strings.Contains(pushed, want) {
				t.Errorf("pushed\n%s\nwant code %s of the corp", pushed, code)
			}
		}
		if a := st.exchange(token, codes[1]); a.errcode() != 0 {
			t.Fatalf("exchange of the second = %s, want it to work", a.text)
		}
		for _, i := range []int{0, 2} {
			if a := st.exchange(token, codes[i]); a.errcode() != 40078 {
				t.Errorf("exchange of code %d = %s, want 40078", i, a.text)
			}
		}
	})
}

func TestOldCodeIsExpired(t *testing.T) {
	inBubble(t, dingtalktest.Options{CodeTTL: time.Minute}, aSuite(), func(st *stand) {
		st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		time.Sleep(time.Minute)
		if a := st.exchange(token, code); a.errcode() != 40102 {
			t.Errorf("exchange after a minute = %s, want 40102", a.text)
		}
	})
}

func TestEventsOfACorpTellTheirOrder(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.authorize(1)
		st.must(st.ChangeAuth(suiteKey, corpID, dingtalktest.Scope{Departments: []int64{7}}))
		st.must(st.StopApp(suiteKey, corpID, appID))
		st.must(st.RestoreApp(suiteKey, corpID, 0))
		st.must(st.RemoveApp(suiteKey, corpID, 0))
		st.must(st.Relieve(suiteKey, corpID))
		st.authorize(1)
		st.awaitQuiet()
		want := []string{"tmp_auth_code", "change_auth", "org_micro_app_stop", "org_micro_app_restore", "org_micro_app_remove", "suite_relieve", "tmp_auth_code"}
		byStamp := map[int64]string{}
		for _, msg := range st.in.messages() {
			var e struct {
				EventType, AuthCorpId, SuiteKey string
				TimeStamp                       json.RawMessage
				AppId, AgentId                  int64
			}
			if err := json.Unmarshal([]byte(msg), &e); err != nil {
				t.Fatal(err)
			}
			if e.AuthCorpId != corpID || e.SuiteKey != suiteKey {
				t.Errorf("%s names corp %q and suite %q", msg, e.AuthCorpId, e.SuiteKey)
			}
			if isText := e.TimeStamp[0] == '"'; isText != (e.EventType == "suite_relieve") {
				t.Errorf("TimeStamp of %s = %s: only suite_relieve has a text", e.EventType, e.TimeStamp)
			}
			if strings.HasPrefix(e.EventType, "org_micro_app") && (e.AppId != appID || e.AgentId == 0) {
				t.Errorf("%s names app %d, agent %d", e.EventType, e.AppId, e.AgentId)
			}
			var stamp int64
			if err := json.Unmarshal([]byte(strings.Trim(string(e.TimeStamp), `"`)), &stamp); err != nil {
				t.Fatal(err)
			}
			if byStamp[stamp] != "" {
				t.Errorf("%s and %s have the same stamp", byStamp[stamp], e.EventType)
			}
			byStamp[stamp] = e.EventType
		}
		var stamps []int64
		for s := range byStamp {
			stamps = append(stamps, s)
		}
		slices.Sort(stamps)
		var got []string
		for _, s := range stamps {
			got = append(got, byStamp[s])
		}
		if !slices.Equal(got, want) {
			t.Errorf("by their stamps the events are %v, want %v", got, want)
		}
	})
}

func TestRelieveEndsEverythingAndReauthorisationIsNew(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		codes, token := st.authorize(2), st.suiteToken()
		permanent := st.exchange(token, codes[0]).str("permanent_code")
		if a := st.activate(token, permanent); a.errcode() != 0 {
			t.Fatalf("activate_suite = %s, want success", a.text)
		}
		access := st.corpToken()

		st.must(st.Relieve(suiteKey, corpID))
		if a := st.activate(token, permanent); a.errcode() != 40079 {
			t.Errorf("activate_suite after relieve = %s, want 40079", a.text)
		}
		if a := st.exchange(token, codes[1]); a.errcode() != 40078 {
			t.Errorf("exchange after relieve = %s, want 40078", a.text)
		}
		if a := st.get("/auth/scopes?access_token=" + access); a.errcode() != 40014 {
			t.Errorf("auth/scopes after relieve = %s, want 40014", a.text)
		}
		if c := st.corp(); c.Authorized || c.PermanentCode != "" {
			t.Errorf("after relieve the corp = %+v, want no permanent code in force", c)
		}
		if err := st.Relieve(suiteKey, corpID); !errors.Is(err, dingtalktest.ErrUnknownCorp) {
			t.Errorf("second Relieve = %v, want %v", err, dingtalktest.ErrUnknownCorp)
		}

		fresh := st.authorize(1)[0]
		renewed := st.exchange(token, fresh).str("permanent_code")
		if renewed == "" || renewed == permanent {
			t.Fatalf("permanent code after re-authorising = %q, want a new one", renewed)
		}
		if a := st.activate(token, permanent); a.errcode() != 40084 {
			t.Errorf("activate_suite with the old permanent code = %s, want 40084", a.text)
		}
		if a := st.activate(token, renewed); a.errcode() != 0 {
			t.Errorf("activate_suite with the new one = %s, want success", a.text)
		}
	})
}

func TestAuthorisingTwiceBringsNoSecondCode(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.authorize(1)
		if codes := st.authorize(1); len(codes) != 0 {
			t.Errorf("second Authorize made codes %v, want none", codes)
		}
		st.awaitQuiet()
		var types []string
		for _, p := range st.Pushes() {
			types = append(types, p.Event)
		}
		slices.Sort(types) // both are pushed in the same instant
		if want := []string{"change_auth", "tmp_auth_code"}; !slices.Equal(types, want) {
			t.Errorf("pushed %v, want %v", types, want)
		}
	})
}

func TestReauthPushesANewCode(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		st.ticket()
		code, token := st.authorize(1)[0], st.suiteToken()
		unactive := func() []any {
			a := st.post("/service/get_unactive_corp?suite_access_token="+token, `{"app_id":62282}`)
			list, ok := a.fields["corp_list"].([]any)
			if !ok || a.fields["has_more"] != false {
				t.Fatalf("get_unactive_corp = %s", a.text)
			}
			return list
		}
		reauth := func() answer {
			return st.post("/service/reauth_corp?suite_access_token="+token, `{"app_id":"62282","corpid_list":["ding1","ding-unknown"]}`)
		}
		st.awaitQuiet()
		lost := st.exchange(token, code).str("permanent_code")
		if got := unactive(); len(got) != 1 || got[0] != corpID {
			t.Fatalf("get_unactive_corp lists %v, want the corp", got)
		}
		if a := reauth(); a.errcode() != 0 {
			t.Fatalf("reauth_corp = %s", a.text)
		}
		st.awaitQuiet()
		codes := st.corp().Codes
		if len(codes) != 2 || !codes[0].Spent || codes[1].Spent {
			t.Fatalf("codes = %+v, want a fresh one", codes)
		}
		if msgs := st.in.messages(); !strings.Contains(msgs[len(msgs)-1], codes[1].Value) {
			t.Errorf("last push = %s, want the fresh code", msgs[len(msgs)-1])
		}
		permanent := st.exchange(token, codes[1].Value).str("permanent_code")
		if permanent == "" || permanent == lost {
			t.Fatalf("permanent code = %q, want a new one", permanent)
		}
		st.activate(token, permanent)
		if got := unactive(); len(got) != 0 {
			t.Errorf("get_unactive_corp lists %v after activation, want nobody", got)
		}
		reauth()
		if got := len(st.corp().Codes); got != 2 {
			t.Errorf("reauth_corp made code %d for a corp that is active, want none", got)
		}
		if a := st.post("/service/reauth_corp?suite_access_token="+token, `{"app_id":"1","corpid_list":["ding1"]}`); a.errcode() != 40086 {
			t.Errorf("reauth_corp with another app = %s, want 40086", a.text)
		}
	})
}

func TestSyncHTTPBringsEverythingInRows(t *testing.T) {
	s := aSuite()
	s.Mode = dingtalktest.SyncHTTP
	inBubble(t, dingtalktest.Options{}, s, func(st *stand) {
		ticket := st.ticket()
		st.authorize(1)
		st.awaitQuiet()
		st.must(st.ChangeAuth(suiteKey, corpID, dingtalktest.Scope{Users: []string{"zhangsan"}}))
		st.awaitQuiet()
		st.must(st.StopApp(suiteKey, corpID, 0))
		st.awaitQuiet()
		st.must(st.Relieve(suiteKey, corpID))
		st.awaitQuiet()

		type data struct {
			SyncAction    string
			SuiteTicket   string
			PermanentCode string `json:"permanent_code"`
			AgentID       int64  `json:"agentId"`
			AuthInfo      struct {
				Agent []struct{ Agentid, Appid int64 }
			} `json:"auth_info"`
			AuthScope struct {
				AuthOrgScopes struct {
					AuthedUser []string `json:"authed_user"`
				} `json:"auth_org_scopes"`
			} `json:"auth_scope"`
		}
		var rows []data
		var lastModified, lastID int64
		for i, msg := range st.in.messages() {
			var push struct {
				EventType string
				BizData   []struct {
					ID          int64
					GmtModified int64  `json:"gmt_modified"`
					CorpID      string `json:"corp_id"`
					BizID       string `json:"biz_id"`
					BizType     int    `json:"biz_type"`
					BizData     string `json:"biz_data"`
				} `json:"bizData"`
			}
			if err := json.Unmarshal([]byte(msg), &push); err != nil {
				t.Fatal(err)
			}
			for _, r := range push.BizData {
				var d data
				if err := json.Unmarshal([]byte(r.BizData), &d); err != nil {
					t.Fatal(err)
				}
				rows = append(rows, d)
				if i >= 2 && (r.ID <= lastID || r.GmtModified <= lastModified) {
					t.Errorf("row %s is not newer than the one before", msg)
				}
				lastID, lastModified = r.ID, r.GmtModified
				wantCorp, wantType, wantBiz := corpID, 4, "1489999"
				switch d.SyncAction {
				case "suite_ticket":
					wantCorp, wantType = "dingisv", 2
				case "org_micro_app_stop":
					wantType, wantBiz = 7, "62282"
				}
				if push.EventType != "SYNC_HTTP_PUSH_HIGH" || r.CorpID != wantCorp || r.BizType != wantType || r.BizID != wantBiz {
					t.Errorf("%s came as %s", d.SyncAction, msg)
				}
			}
		}
		slices.SortStableFunc(rows[:2], func(a, b data) int { return strings.Compare(b.SyncAction, a.SyncAction) }) // one instant
		var actions []string
		for _, r := range rows {
			actions = append(actions, r.SyncAction)
		}
		want := []string{"suite_ticket", "org_suite_auth", "org_suite_change", "org_micro_app_stop", "org_suite_relieve"}
		if !slices.Equal(actions, want) {
			t.Fatalf("rows = %v, want %v", actions, want)
		}
		auth, changed := rows[1], rows[2]
		if rows[0].SuiteTicket != ticket || auth.PermanentCode == "" || auth.PermanentCode != changed.PermanentCode ||
			len(auth.AuthInfo.Agent) != 1 || auth.AuthInfo.Agent[0].Appid != appID || rows[3].AgentID != auth.AuthInfo.Agent[0].Agentid {
			t.Errorf("rows hold %+v", rows)
		}
		if got := changed.AuthScope.AuthOrgScopes.AuthedUser; !slices.Equal(got, []string{"zhangsan"}) {
			t.Errorf("changed scope has users %v, want zhangsan", got)
		}
	})
}

func TestRowsAreForSyncHTTPOnly(t *testing.T) {
	inBubble(t, dingtalktest.Options{}, aSuite(), func(st *stand) {
		if err := st.PushRows(suiteKey, dingtalktest.High, dingtalktest.Row{}); !errors.Is(err, dingtalktest.ErrNotInThisMode) {
			t.Errorf("PushRows = %v, want %v", err, dingtalktest.ErrNotInThisMode)
		}
	})
}
