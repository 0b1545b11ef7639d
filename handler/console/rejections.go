package console

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"suitekeeper/suite"
)

// rejectionsView is what was refused at the door.
type rejectionsView struct {
	Reasons []rejectReason // the most frequent first
	List    []rejectionView
	Codes   []suite.CodeEntry // that DingTalk shows when the URL is entered
}

// rejectReason is how often there was one reason, with what it means.
type rejectReason struct {
	Reason suite.RejectReason
	Count  int
	Newest *rejectionView // nil: it is no longer remembered
}

// rejectionView is a push that was refused, or several in a row that differ in
// nothing but their time.
type rejectionView struct {
	suite.Rejection
	SuiteName     string
	Message, Cure suite.Text
	Count         int
	First         time.Time // when the oldest of them came
}

func (c *console) rejections(v *visit) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	refused := c.Keeper.Rejections()
	data := rejectionsView{Codes: urlCodes()}
	newest := map[suite.RejectReason]*rejectionView{}
	for _, r := range refused.Rejections {
		if n := len(data.List); n > 0 && data.List[n-1].likens(r) {
			data.List[n-1].Count++
			data.List[n-1].First = r.At
			continue
		}
		row := rejectionView{Rejection: r, Count: 1, First: r.At}
		row.Message, row.Cure = r.Explain()
		if r.Suite != "" {
			row.SuiteName = suiteName(report.Suites, r.Suite)
		}
		data.List = append(data.List, row)
		if newest[r.Reason] == nil {
			newest[r.Reason] = &row
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(refused.Counts)) {
		data.Reasons = append(data.Reasons, rejectReason{reason, refused.Counts[reason], newest[reason]})
	}
	slices.SortStableFunc(data.Reasons, func(a, b rejectReason) int { return cmp.Compare(b.Count, a.Count) })
	return view{Template: "rejections", Title: "rejections.title", Section: "rejections", Data: data}, nil
}

// urlCodes are what DingTalk shows in its developer console when it does not take
// a callback URL: of most of these no push ever comes.
func urlCodes() []suite.CodeEntry {
	return slices.DeleteFunc(suite.CodeEntries(), func(e suite.CodeEntry) bool { return !e.URLCheck() })
}

// likens tells whether an older push was refused in the same way.
func (v rejectionView) likens(r suite.Rejection) bool {
	r.At = v.At
	return v.Rejection == r
}
