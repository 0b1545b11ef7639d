package admin

import "suitekeeper/suite"

// NewAuthorizations puts a list into the shape of the API.
func NewAuthorizations(l suite.AuthorizationList) Authorizations {
	return Authorizations{Authorizations: mapped(l.Authorizations, newAuthorization), NextCursor: l.Next}
}

// NewAuthorizationDetail puts an authorisation into the shape of the API.
func NewAuthorizationDetail(d suite.AuthorizationDetail) AuthorizationDetail {
	return AuthorizationDetail{
		Authorization: newAuthorization(d.Authorization),
		History:       mapped(d.History, newHistoryEntry),
	}
}

func newAuthorization(a suite.Authorization) Authorization {
	return Authorization{
		SuiteKey:      string(a.Suite),
		CorpID:        string(a.Corp),
		CorpName:      a.CorpName,
		Status:        string(a.Status),
		PermanentCode: a.PermanentCode,
		Agents:        mapped(a.Agents, func(g suite.Agent) Agent { return Agent(g) }),
		Scope:         newScopeIfAny(a.Scope),
		AuthorizedAt:  utc(a.AuthorizedAt),
		ActivatedAt:   utc(a.ActivatedAt),
		ChangedAt:     utc(a.ChangedAt),
		RelievedAt:    utc(a.RelievedAt),
		Exchange:      newExchange(a.Exchange),
	}
}

func newScopeIfAny(s *suite.Scope) *Scope {
	if s == nil {
		return nil
	}
	scope := newScope(*s)
	return &scope
}

func newScope(s suite.Scope) Scope {
	return Scope{
		UserFields:      listed(s.UserFields),
		ConditionFields: listed(s.ConditionFields),
		Departments:     listed(s.Departments),
		Users:           listed(s.Users),
	}
}

func newExchange(e suite.Exchange) Exchange {
	exchange := Exchange{State: string(e.State), Attempts: e.Attempts, NextAttemptAt: utc(e.NextAttemptAt)}
	if f := e.Failure; f != nil {
		exchange.Error = &ExchangeError{
			Code: string(f.Alert), PlatformCode: f.PlatformCode, At: utc(f.At),
			Message: f.Message.EN, Cure: f.Cure.EN,
			MessageZH: f.Message.ZH, CureZH: f.Cure.ZH,
		}
	}
	return exchange
}

func newHistoryEntry(h suite.HistoryEntry) HistoryEntry {
	entry := HistoryEntry{
		At: utc(h.At), EventID: idText(h.Event), What: h.What,
		From: string(h.From), To: string(h.To),
	}
	entry.Detail, entry.DetailZH = bothTexts(h.Detail)
	if c := h.Scopes; c != nil {
		entry.Scopes = &ScopeChange{Was: newScope(c.Was), Is: newScope(c.Is)}
	}
	if c := h.Call; c != nil {
		meaning, cure := c.Explain()
		entry.Call = &Call{
			Meaning: meaning.EN, Cure: cure.EN, MeaningZH: meaning.ZH, CureZH: cure.ZH,
			Outcome: string(c.Outcome()), Code: c.Code,
			TookMS: c.Took.Milliseconds(), Repeats: c.Repeats, LastAt: utc(c.LastAt),
		}
		entry.Call.Message, entry.Call.MessageZH = bothTexts(c.Message)
	}
	return entry
}
