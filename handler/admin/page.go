package admin

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"suitekeeper/suite"
)

// Page says which part of a list is asked for.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"At most so many entries"`
	Cursor string `query:"cursor" maxLength:"512" doc:"The next_cursor of the list before, with the same filters"`
}

// The lists that are held in memory as a whole and cut into pages here. A
// cursor names the list and the entry before the page.
const (
	suitesList     = "suites"
	rejectionsList = "rejections"
	repushesList   = "repushes"
)

// place is what a cursor of that list stands for; empty for its beginning.
func (p Page) place(list string) (string, error) {
	if p.Cursor == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if place, ok := strings.CutPrefix(string(text), list+" "); err == nil && ok && place != "" {
		return place, nil
	}
	return "", problemCursor()
}

// from is the page that begins at an entry, and the cursor of the next one.
func from[T any](p Page, list string, all []T, begin int, place func(i int) string) (page []T, next string) {
	end := min(begin+p.Limit, len(all))
	if end < len(all) && end > 0 {
		next = base64.RawURLEncoding.EncodeToString([]byte(list + " " + place(end-1)))
	}
	return all[begin:end], next
}

// suitesOf cuts the page out of all suites. They are in the order of the
// configuration, and a reload may change it: where the suite of the cursor is
// gone the list begins anew, so that none is missed.
func (p Page) suitesOf(all Suites) (Suites, error) {
	place, err := p.place(suitesList)
	begin := slices.IndexFunc(all.Suites, func(s Suite) bool { return s.SuiteKey == place }) + 1
	all.Suites, all.NextCursor = from(p, suitesList, all.Suites, begin, func(i int) string { return all.Suites[i].SuiteKey })
	return all, err
}

// rejectionsOf cuts the page out of what was refused. Refused pushes are
// numbered by their counts; the newest has the highest number.
func (p Page) rejectionsOf(all Rejections) (Rejections, error) {
	place, err := p.place(rejectionsList)
	if err != nil {
		return Rejections{}, err
	}
	newest, begin := 0, 0
	for _, n := range all.Counts {
		newest += n
	}
	if place != "" {
		before, err := strconv.Atoi(place)
		if err != nil {
			return Rejections{}, problemCursor()
		}
		begin = min(max(newest-before+1, 0), len(all.Rejections))
	}
	all.Rejections, all.NextCursor = from(p, rejectionsList, all.Rejections, begin, func(i int) string { return strconv.Itoa(newest - i) })
	return all, nil
}

// repushesOf cuts the page out of all repushes, whose ids grow.
func (p Page) repushesOf(all []Repush) (Repushes, error) {
	place, err := p.place(repushesList)
	begin := slices.IndexFunc(all, func(r Repush) bool { return place == "" || r.ID < place })
	if begin < 0 {
		begin = len(all)
	}
	page, next := from(p, repushesList, all, begin, func(i int) string { return all[i].ID })
	return Repushes{Repushes: page, NextCursor: next}, err
}

func problemCursor() *Problem {
	return problemParameter("query.cursor", suite.Say(suite.SayForeignCursor))
}
