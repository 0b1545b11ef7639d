package console

import (
	"fmt"
	"html/template"
	"net/url"
	"time"

	"suitekeeper/suite"
)

// functions are what the templates of a language may call.
func (c *console) functions(l *locale) template.FuncMap {
	return template.FuncMap{
		"t":      l.t,
		"word":   l.word,
		"text":   l.text,
		"phrase": func(p suite.Phrase) string { return l.phrase(p, c.Zone) },
		"gap":    l.gap,
		"asset":  c.assets.path,
		"age":    l.age,
		"ago":    func(now, t time.Time) (string, error) { return l.age(now.Sub(t)) },
		"moment": func(now, t time.Time) moment { return l.moment(now, t, c.Zone) },
		"took":   took,
		"number": number,
		"bytes":  size,
		"said":   l.said,
		"link":   link,
		"called": suiteName,
		"corp":   corpPath,
		"event":  eventPath,
		"nav": func(p page, section, to string) navItem {
			return navItem{"nav." + section, root + to, p.Section == section}
		},
		"paged":  func(p page, v any) paged { return paged{p, v} },
		"single": func(r suite.Replay) bool { return r.Event != suite.EventID{} },
		"chosen": func(value string, from []string) choice { return choice{value, from} },
		"suites": func(key any, from []suite.SuiteReport, all bool) suiteChoice {
			return suiteChoice{suite.SuiteKey(fmt.Sprint(key)), from, all}
		},
	}
}

// choice is a field of a form with what may be put into it.
type choice struct {
	Chosen string
	From   []string
}

// suiteChoice chooses a suite or, with All, none in particular.
type suiteChoice struct {
	Chosen suite.SuiteKey
	From   []suite.SuiteReport
	All    bool
}

// navItem is a link of the navigation.
type navItem struct {
	Label, To string
	Here      bool // the page belongs to it
}

// paged hands a part of a page what the whole page knows.
type paged struct {
	Page  page
	Value any
}

// moment is a time as a page shows it.
type moment struct{ Machine, Exact, Short string }

func (l *locale) moment(now, t time.Time, zone *time.Location) moment {
	return moment{Machine: t.UTC().Format(time.RFC3339Nano), Exact: exactly(t, zone), Short: l.clock(now, t, zone)}
}

// link is the address of a page, with the names and values of its query behind
// it. What is empty is left out.
func link(page string, pairs ...any) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := fmt.Sprint(pairs[i+1]); value != "" {
			query.Set(fmt.Sprint(pairs[i]), value)
		}
	}
	if len(query) == 0 {
		return root + page
	}
	return root + page + "?" + query.Encode()
}

// corpPath is the page of one authorisation.
func corpPath(key suite.SuiteKey, corp suite.CorpID) string {
	return root + "authorizations/" + url.PathEscape(string(key)) + "/" + url.PathEscape(string(corp))
}

// eventPath is the page of one event.
func eventPath(id suite.EventID) string { return root + "events/" + id.String() }
