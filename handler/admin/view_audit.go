package admin

import "suitekeeper/suite"

// NewAudit puts a list into the shape of the API.
func NewAudit(l suite.AuditList) Audit {
	return Audit{Entries: mapped(l.Entries, newAuditEntry), NextCursor: l.Next}
}

func newAuditEntry(e suite.AuditEntry) AuditEntry {
	return AuditEntry{
		ID:         e.ID.String(),
		At:         utc(e.At),
		Actor:      e.Actor,
		Role:       e.Role,
		RemoteAddr: e.RemoteAddr,
		Action:     string(e.Action),
		SuiteKey:   string(e.Suite),
		CorpID:     string(e.Corp),
		EventID:    idText(e.Event),
		Detail:     e.Detail,
	}
}
