package console

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"suitekeeper/handler/admin"
)

//go:embed templates/*.html
var templateFiles embed.FS

// view is what a page shows: a template with its data.
type view struct {
	Template string // the file in templates, without its ending
	Title    string // a message
	Name     string // of what the page is about, if there are many such pages
	Alerts   int    // how many there are, where the page is about them
	Section  string // of the navigation; empty: none
	Status   int    // zero: 200
	Data     any
	Once     bool // it is not sent anew when something changes: it shows a secret, costs much, or stays as it is
}

// page is what the layout needs around a view.
type page struct {
	view
	Locale   *locale
	Other    *locale // to switch to
	Person   *admin.Token
	Operator bool
	Flash    *flash // what there is to say; nil: nothing
	Now      time.Time
	Path     string // of this page, to come back to it
	Zone     string
	Version  string
}

// newPage puts a view into the layout as the visitor is to see it.
func (c *console) newPage(v *visit, view view) page {
	p := page{
		view: view, Locale: v.locale, Other: c.locales.other(v.locale), Person: v.person,
		Operator: v.person != nil && v.may(operators),
		Now:      v.now, Path: root, Zone: zoneName(v.now, c.Zone), Version: c.Version,
	}
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		p.Path = v.r.URL.RequestURI()
	}
	if p.Status == 0 {
		p.Status = http.StatusOK
	}
	return p
}

// pages are the templates, one set for each language and page. They are safe
// for concurrent use.
type pages struct{ sets map[string]*template.Template }

// The parts of a page.
const (
	layoutTemplate = "layout" // all of it
	mainTemplate   = "main"   // what is sent anew when something changes
)

func (c *console) loadPages() (*pages, error) {
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	all := &pages{sets: map[string]*template.Template{}}
	for _, l := range c.locales.list {
		shared, err := template.New("").Funcs(c.functions(l)).ParseFS(templateFiles, "templates/_*.html")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
			if strings.HasPrefix(name, "_") {
				continue
			}
			set, err := shared.Clone()
			if err == nil {
				set, err = set.ParseFS(templateFiles, "templates/"+f.Name())
			}
			if err != nil {
				return nil, err
			}
			all.sets[l.Code+"/"+name] = set
		}
	}
	return all, nil
}

// render writes a whole page.
func (p *pages) render(w io.Writer, page page) error { return p.execute(w, page, layoutTemplate) }

// renderMain writes the part of a page that is sent anew.
func (p *pages) renderMain(w io.Writer, page page) error { return p.execute(w, page, mainTemplate) }

func (p *pages) execute(w io.Writer, page page, part string) error {
	set, ok := p.sets[page.Locale.Code+"/"+page.Template]
	if !ok {
		return fmt.Errorf("there is no template %q", page.Template)
	}
	return set.ExecuteTemplate(w, part, page)
}
