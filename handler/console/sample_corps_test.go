package console_test

import (
	"fmt"
	"time"

	"suitekeeper/suite"
)

func (s *sample) sampleAuthorizations() []suite.AuthorizationDetail {
	scope := suite.Scope{UserFields: []string{"name", "mobile"}, Departments: []int64{1, 42}, Users: []string{"manager01"}}
	app := suite.Agent{AgentID: 9001, AppID: 10001, Name: "星图考勤"}
	return []suite.AuthorizationDetail{
		{
			Authorization: suite.Authorization{
				Suite: suiteA, Corp: corpActive, CorpName: "星河科技", Status: suite.StatusActive, PermanentCode: "•••0001",
				Agents: []suite.Agent{app, {AgentID: 9002, AppID: 10002, Name: "<script>alert(1)</script>", Stopped: true}}, Scope: &scope,
				AuthorizedAt: s.ago(40 * 24 * time.Hour), ActivatedAt: s.ago(40*24*time.Hour - time.Second), ChangedAt: s.ago(5 * time.Hour),
				Exchange: suite.Exchange{State: suite.ExchangeDone},
			},
			History: s.sampleHistory(scope),
		},
		{Authorization: suite.Authorization{
			Suite: suiteA, Corp: corpPending, Status: suite.StatusPending, AuthorizedAt: s.ago(2 * time.Minute), ChangedAt: s.ago(time.Minute),
			Exchange: suite.Exchange{
				State: suite.ExchangeWaiting, Attempts: 3, NextAttemptAt: s.now.Add(20 * time.Second),
				Failure: &suite.ExplainedFailure{
					Alert: suite.AlertPlatformUnreachable, PlatformCode: "-1", At: s.ago(time.Minute),
					Message: suite.Text{EN: "DingTalk is busy.", ZH: "钉钉系统繁忙。"},
					Cure:    suite.Text{EN: "suitekeeper tries again by itself.", ZH: "suitekeeper 会自动重试。"},
				},
			},
		}},
		{
			Authorization: suite.Authorization{
				Suite: suiteA, Corp: corpFailed, CorpName: "青禾教育", Status: suite.StatusFailed,
				AuthorizedAt: s.ago(30 * time.Hour), ChangedAt: s.ago(30 * time.Hour),
				Exchange: suite.Exchange{
					State: suite.ExchangeFailed, Attempts: 1,
					Failure: &suite.ExplainedFailure{
						Alert: suite.AlertCodeBurnt, PlatformCode: "40078", At: s.ago(30 * time.Hour),
						Message: suite.Text{EN: "The code is used up: 40078.", ZH: "授权码已被使用：40078。"},
						Cure:    suite.Text{EN: "Ask DingTalk for a new one.", ZH: "请钉钉重新推送授权码。"},
					},
				},
			},
			History: []suite.HistoryEntry{
				{At: s.ago(30 * time.Hour), What: "authorized", To: suite.StatusPending, Detail: suite.Say(suite.SayCodeReceived)},
				{At: s.ago(30 * time.Hour), What: "failed", From: suite.StatusPending, To: suite.StatusFailed, Detail: suite.Say(suite.SayCallAnswered, "get_permanent_code", "40078", "不存在的临时授权码")},
			},
		},
		{Authorization: suite.Authorization{
			Suite: suiteA, Corp: corpRelieved, CorpName: "远山物流", Status: suite.StatusRelieved,
			AuthorizedAt: s.ago(90 * 24 * time.Hour), ActivatedAt: s.ago(90 * 24 * time.Hour), RelievedAt: s.ago(9 * 24 * time.Hour), ChangedAt: s.ago(9 * 24 * time.Hour),
			Exchange: suite.Exchange{State: suite.ExchangeDone},
		}},
		{Authorization: suite.Authorization{
			Suite: suiteA, Corp: corpDisabled, CorpName: "A/B & Söhne", Status: suite.StatusDisabled, PermanentCode: "•••0005", Agents: []suite.Agent{app},
			AuthorizedAt: s.ago(400 * 24 * time.Hour), ActivatedAt: s.ago(400 * 24 * time.Hour), ChangedAt: s.ago(24 * time.Hour),
			Exchange: suite.Exchange{State: suite.ExchangeHeld},
		}},
	}
}

func (s *sample) sampleHistory(is suite.Scope) []suite.HistoryEntry {
	pushed, changed := eventID(1), eventID(2)
	was := suite.Scope{UserFields: []string{"name"}, Departments: []int64{1, 7}, Users: []string{"manager01"}}
	return []suite.HistoryEntry{
		{At: s.ago(40 * 24 * time.Hour), Event: &pushed, What: "authorized", To: suite.StatusPending, Detail: suite.Say(suite.SayCodeReceived)},
		{At: s.ago(40*24*time.Hour - 50*time.Millisecond), What: "get_permanent_code", Call: &suite.Call{
			Code: "60020", Message: "访问ip不在白名单之中,request ip=203.0.113.7", Took: 48 * time.Millisecond, Repeats: 3, LastAt: s.ago(40*24*time.Hour - 150*time.Millisecond),
		}},
		{At: s.ago(40*24*time.Hour - 190*time.Millisecond), What: "get_permanent_code", Call: &suite.Call{Took: 51 * time.Millisecond}},
		{At: s.ago(40*24*time.Hour - 200*time.Millisecond), Event: &pushed, What: "exchanged", Detail: suite.Say(suite.SayCodeStored)},
		{At: s.ago(40*24*time.Hour - time.Second), What: "activated", From: suite.StatusPending, To: suite.StatusActive},
		{At: s.ago(5 * time.Hour), Event: &changed, What: "scope_changed", Detail: "was …; is …", Scopes: &suite.ScopeChange{Was: was, Is: is}},
		{At: s.ago(4*time.Hour + time.Minute), What: "auth/scopes", Call: &suite.Call{Message: suite.Say(suite.SayNoAnswerWithin, "5s"), Took: 5 * time.Second}},
		{At: s.ago(4 * time.Hour), What: "something_new", Detail: "后续版本的说明"},
	}
}

func (s *sample) sampleEvents() []suite.EventDetail {
	event := func(n byte, ago time.Duration, e suite.EventDetail) suite.EventDetail {
		e.ID, e.Suite, e.ReceivedAt, e.IssuedAt = eventID(n), suiteA, s.ago(ago), s.ago(ago+2*time.Second)
		if e.Source == "" {
			e.Source = suite.SourceHTTP
		}
		return e
	}
	return []suite.EventDetail{
		event(5, 40*time.Second, suite.EventDetail{
			Event:   suite.Event{Type: "user_add_org", Corp: corpActive, Outcome: suite.OutcomeStored},
			Payload: []byte(`{"EventType":"user_add_org","UserId":["user1","<img src=x>"],"CorpId":"ding00000000000000000001"}`),
		}),
		event(4, 10*time.Minute, suite.EventDetail{
			Event:   suite.Event{Type: "tmp_auth_code", Outcome: suite.OutcomeQuarantined, Duplicates: 2, Reason: suite.Say(suite.SayMissing, "AuthCode")},
			Payload: []byte(`{"EventType":"tmp_auth_code","EventType":"x"`),
		}),
		event(3, 30*time.Hour, suite.EventDetail{
			Event:   suite.Event{Type: "tmp_auth_code", Corp: corpFailed, Outcome: suite.OutcomeApplied, Duplicates: 1},
			Payload: []byte(canaryPayload),
		}),
		event(2, 5*time.Hour, suite.EventDetail{
			Event:   suite.Event{Type: "org_suite_change", Corp: corpActive, Outcome: suite.OutcomeApplied, Source: suite.SourceSyncHTTP},
			Payload: []byte(`{"biz_type":4,"biz_data":"{\"syncAction\":\"org_suite_change\"}"}`),
		}),
		event(1, 40*24*time.Hour, suite.EventDetail{
			Event:   suite.Event{Type: "tmp_auth_code", Corp: corpActive, Outcome: suite.OutcomeStale, Reason: suite.Say(suite.SayCorpWithdrew, "2026-10-18T08:00:00Z")},
			Payload: []byte(`{"EventType":"tmp_auth_code"}`),
		}),
	}
}

// crowdedSample is a world with long names, in which much goes wrong at once.
func crowdedSample(now time.Time) *sample {
	s := newSample(now)
	s.report.Suites[0].Name = "my_extremely_long_suite_name_for_attendance_and_payroll_考勤与薪酬管理套件"
	s.auths[0].CorpName = "北京星河数字科技有限责任公司上海浦东新区第一分公司（钉钉生态合作伙伴）Subsidiary_Without_Any_Space_GmbH_and_Co_KG"
	s.auths[2].CorpName = s.auths[0].CorpName
	refused := s.auths[1].Exchange.Failure
	refused.Alert, refused.PlatformCode = suite.AlertAddressNotWhitelisted, "60020"
	for i := range 6 {
		a := s.report.Alerts[1]
		a.Corp = suite.CorpID(fmt.Sprintf("ding%032x", i))
		s.report.Alerts = append(s.report.Alerts, a)
		s.refuse.Rejections = append(s.refuse.Rejections, suite.Rejection{
			At: s.ago(time.Hour + time.Duration(i)*time.Second), Suite: suiteA, RemoteAddr: "2001:db8:85a3:8d3:1319:8a2e:370:7348", Reason: suite.RejectSignature,
		})
	}
	for i := range corpEvents {
		e := s.events[0]
		e.ID, e.ReceivedAt = eventID(byte(100+i)), s.ago(time.Duration(i)*time.Hour)
		s.events = append(s.events, e)
	}
	return s
}

// corpEvents is how many events the page of a corp shows.
const corpEvents = 50
