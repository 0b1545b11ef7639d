package admin

import "suitekeeper/suite"

// NewRepush puts a replay into the shape of the API.
func NewRepush(r suite.Replay) Repush {
	repush := Repush{
		ID:        r.ID.String(),
		State:     "running",
		Actor:     r.Actor,
		Filter:    newRepushFilter(r.Query),
		StartedAt: utc(r.StartedAt),
		EndedAt:   utc(r.EndedAt),
		Total:     r.Total,
		Done:      r.Done,
		Changed:   r.Changed,
		Retried:   r.Retried,
		Failed:    r.Failed,
	}
	repush.Error, repush.ErrorZH = bothTexts(r.Error)
	if r.Event != (suite.EventID{}) {
		repush.EventID = r.Event.String()
	}
	switch {
	case r.Error != "":
		repush.State = "stopped"
	case !r.EndedAt.IsZero():
		repush.State = "done"
	}
	return repush
}

func newRepushFilter(q suite.ReplayQuery) RepushFilter {
	return RepushFilter{
		SuiteKey: string(q.Suite), Type: q.Type, CorpID: string(q.Corp), Since: utc(q.Since), Failed: q.Failed,
	}
}

// NewRepushPreview puts a preview into the shape of the API.
func NewRepushPreview(p suite.ReplayPreview) RepushPreview {
	preview := RepushPreview{Events: p.Events, Types: p.Types, Corps: p.Corps, Oldest: utc(p.Oldest), Capped: p.Capped}
	if preview.Types == nil {
		preview.Types = map[string]int{}
	}
	return preview
}
