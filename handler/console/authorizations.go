package console

import (
	"suitekeeper/suite"
)

// authorizationsView is a part of a suite's authorisations.
type authorizationsView struct {
	Suites []suite.SuiteReport // to choose from
	Suite  suite.SuiteReport
	Status suite.Status
	Search string
	Tabs   []tab
	List   []suite.Authorization
	Short  bool // the search has not come to the end yet
	Pager  pager
}

// tab is a state to filter by; the empty one is for all.
type tab struct {
	Status suite.Status
	Count  int
	To     string
	Here   bool
}

// pager leads through a list that has more than one page.
type pager struct {
	First string // to its beginning; empty: this is it
	Next  string // to what follows; empty: nothing does
}

func (c *console) authorizations(v *visit) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	data := authorizationsView{Suites: report.Suites, Status: suite.Status(v.query("status")), Search: v.query("q")}
	page := view{Template: "authorizations", Title: "authorizations.title", Section: "authorizations"}
	if len(report.Suites) == 0 {
		page.Data = data
		return page, nil
	}
	if data.Suite, err = chosenSuite(report.Suites, suite.SuiteKey(v.query("suite"))); err != nil {
		return view{}, err
	}
	list, err := c.Keeper.Authorizations(v.ctx, suite.AuthorizationQuery{
		Suite: data.Suite.Key, Status: data.Status, Search: data.Search, Cursor: v.query("cursor"),
	})
	if err != nil {
		return view{}, err
	}
	data.List, data.Short = list.Authorizations, list.Next != "" && len(list.Authorizations) < suite.DefaultLimit
	data.Tabs = statusTabs(data)
	data.Pager = v.pager("authorizations", list.Next, "suite", data.Suite.Key, "status", data.Status, "q", data.Search)
	page.Data = data
	return page, nil
}

// chosenSuite is the suite that is asked for, or the first one.
func chosenSuite(suites []suite.SuiteReport, key suite.SuiteKey) (suite.SuiteReport, error) {
	for _, s := range suites {
		if key == "" || s.Key == key {
			return s, nil
		}
	}
	var configured []suite.SuiteKey
	for _, s := range suites {
		configured = append(configured, s.Key)
	}
	return suite.SuiteReport{}, suite.UnknownSuite(key, configured)
}

func statusTabs(data authorizationsView) []tab {
	all := tab{Here: data.Status == "", To: link("authorizations", "suite", data.Suite.Key, "q", data.Search)}
	tabs := []tab{all}
	for _, status := range suite.Statuses() {
		n := data.Suite.Authorizations[status]
		tabs[0].Count += n
		tabs = append(tabs, tab{
			Status: status, Count: n, Here: data.Status == status,
			To: link("authorizations", "suite", data.Suite.Key, "status", status, "q", data.Search),
		})
	}
	return tabs
}

// pager leads on from this page of a list, whose filters are given as for link.
func (v *visit) pager(page, next string, filters ...any) pager {
	var p pager
	if v.query("cursor") != "" {
		p.First = link(page, filters...)
	}
	if next != "" {
		p.Next = link(page, append(filters, "cursor", next)...)
	}
	return p
}
