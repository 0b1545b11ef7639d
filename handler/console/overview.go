package console

import "suitekeeper/suite"

// overviewView is what needs a person, and how everything stands.
type overviewView struct {
	Alike              []alike
	Critical, Warnings int
	Suites             []suiteView
	Report             suite.Report
	Engine             string
	StoreSize          uint64
}

// suiteView is how one suite stands.
type suiteView struct {
	suite.SuiteReport
	Gauge  gauge
	Shares []share
	Total  int // authorisations in any state
	Pushes pushChart
}

func (c *console) overview(v *visit) (view, error) {
	report, err := c.Keeper.Status(v.ctx)
	if err != nil {
		return view{}, err
	}
	store := c.Store()
	data := overviewView{Report: report, Engine: store.Engine, StoreSize: uint64(max(store.SizeBytes, 0))}
	data.Alike = c.alike(report)
	for _, a := range report.Alerts {
		if a.Severity == suite.SeverityCritical {
			data.Critical++
		} else {
			data.Warnings++
		}
	}
	for _, s := range report.Suites {
		data.Suites = append(data.Suites, c.suiteView(s))
	}
	return view{Template: "overview", Title: "overview.title", Alerts: len(report.Alerts), Section: "overview", Data: data}, nil
}

func (c *console) suiteView(s suite.SuiteReport) suiteView {
	v := suiteView{SuiteReport: s, Gauge: c.gauge(s.Ticket), Pushes: newPushChart(s.PushesPerMinute)}
	v.Shares, v.Total = shares(s.Authorizations)
	return v
}

// suiteName is what people call a suite.
func suiteName(suites []suite.SuiteReport, key suite.SuiteKey) string {
	for _, s := range suites {
		if s.Key == key && s.Name != "" {
			return s.Name
		}
	}
	return string(key)
}
