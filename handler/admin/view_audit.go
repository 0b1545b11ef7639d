package admin

import "suitekeeper/suite"

// NewAudit puts a list into the shape of the API.
func NewAudit(l suite.AuditList) Audit {
	return Audit{Entries: mapped(l.Entries, newAuditEntry), NextCursor: l.Next}
}

func newAuditEntry(e suite.AuditEntry) AuditEntry {
	entry := AuditEntry{
		ID:         e.ID.String(),
		At:         utc(e.At),
		Actor:      e.Actor,
		Role:       e.Role,
		RemoteAddr: e.RemoteAddr,
		Action:     string(e.Action),
		SuiteKey:   string(e.Suite),
		CorpID:     string(e.Corp),
		EventID:    idText(e.Event),
	}
	entry.Detail, entry.DetailZH = bothTexts(e.Detail)
	if e.Replay != nil {
		filter := newRepushFilter(*e.Replay)
		entry.Filter = &filter
	}
	return entry
}

// NewRejections puts a report into the shape of the API.
func NewRejections(r suite.RejectionReport) Rejections {
	rejections := Rejections{Rejections: mapped(r.Rejections, newRejection), Counts: make(map[string]int, len(r.Counts))}
	for reason, n := range r.Counts {
		rejections.Counts[string(reason)] = n
	}
	return rejections
}

func newRejection(r suite.Rejection) Rejection {
	message, cure := r.Explain()
	return Rejection{
		At:         utc(r.At),
		SuiteKey:   string(r.Suite),
		RemoteAddr: r.RemoteAddr,
		Reason:     string(r.Reason),
		Message:    message.EN, Cure: cure.EN,
		MessageZH: message.ZH, CureZH: cure.ZH,
	}
}
