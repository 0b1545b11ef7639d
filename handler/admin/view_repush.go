package admin

import "suitekeeper/suite"

// NewRepush puts a replay into the shape of the API.
func NewRepush(r suite.Replay) Repush {
	repush := Repush{
		ID:    r.ID.String(),
		State: "running",
		Actor: r.Actor,
		Filter: RepushFilter{
			SuiteKey: string(r.Query.Suite), Type: r.Query.Type, CorpID: string(r.Query.Corp),
			Since: utc(r.Query.Since), Failed: r.Query.Failed,
		},
		StartedAt: utc(r.StartedAt),
		EndedAt:   utc(r.EndedAt),
		Total:     r.Total,
		Done:      r.Done,
		Changed:   r.Changed,
		Retried:   r.Retried,
		Failed:    r.Failed,
		Error:     r.Error,
	}
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

// NewRepushPreview puts a preview into the shape of the API.
func NewRepushPreview(p suite.ReplayPreview) RepushPreview {
	preview := RepushPreview{Events: p.Events, Types: p.Types, Corps: p.Corps, Oldest: utc(p.Oldest), Capped: p.Capped}
	if preview.Types == nil {
		preview.Types = map[string]int{}
	}
	return preview
}
