package dingtalktest

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed console/page.html console/style.css console/live.js
var consoleFiles embed.FS

const (
	consoleRows = 15 // of pushes and of calls, for each suite
	refreshPage = 3  // seconds
	burstEvents = 200
)

// console serves the pages under /console/. Its buttons are plain forms, so
// that it works without its script, which only saves the reloading.
func (p *Platform) console() http.Handler {
	pages := map[language]*template.Template{english: newPage(english), chinese: newPage(chinese)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /console/{$}", func(w http.ResponseWriter, r *http.Request) { p.showConsole(w, r, pages) })
	for _, name := range []string{"style.css", "live.js"} {
		mux.HandleFunc("GET /console/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, consoleFiles, "console/"+name)
		})
	}
	mux.HandleFunc("POST /console/act", p.act)
	return headers(http.NewCrossOriginProtection().Handler(mux))
}

func newPage(l language) *template.Template {
	return template.Must(template.New("page.html").Funcs(template.FuncMap{
		"t":     l.choose,
		"say":   l.say,
		"lang":  func() language { return l },
		"clock": func(t time.Time) string { return t.Format("15:04:05.000") },
		"took":  func(d time.Duration) string { return l.say(lasting(d)) },
		"ago":   func(t time.Time) string { return l.say(ago(t)) },
	}).ParseFS(consoleFiles, "console/page.html"))
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) showConsole(w http.ResponseWriter, r *http.Request, pages map[language]*template.Template) {
	if l := language(r.FormValue("lang")); pages[l] != nil {
		setLanguage(w, l)
		http.Redirect(w, r, "/console/", http.StatusSeeOther)
		return
	}
	view := struct {
		Refresh int
		Suites  []suiteView
	}{Refresh: refreshPage, Suites: p.view()}
	if r.FormValue("refresh") == "off" {
		view.Refresh = 0
	}
	var b bytes.Buffer // so that an error leaves no half page
	if err := pages[languageOf(r)].Execute(&b, view); err != nil {
		http.Error(w, "the page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// act presses one of the console's buttons and shows the page again.
func (p *Platform) act(w http.ResponseWriter, r *http.Request) {
	suite, corp := r.PostFormValue("suite"), r.PostFormValue("corp")
	err := p.press(r.Context(), r.PostFormValue("do"), suite, corp)
	switch {
	case errors.Is(err, ErrUnknownSuite), errors.Is(err, ErrUnknownCorp):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		http.Redirect(w, r, "/console/#"+url.PathEscape(suite), http.StatusSeeOther)
	}
}

func (p *Platform) press(ctx context.Context, do, suite, corp string) error {
	if what, fault, ok := strings.Cut(do, "/"); ok {
		return p.pressFault(ctx, what, Standing(fault), suite)
	}
	switch do {
	case "repush":
		return p.RePush(suite)
	case "ticket":
		return p.PushTicket(suite)
	case "check":
		_, err := p.CheckURL(ctx, suite, CheckUpdateSuiteURL)
		return err
	case "authorize":
		return p.authorizeNew(suite, 1)
	case "authorize3":
		return p.authorizeNew(suite, 3)
	case "again":
		return p.Authorize(suite, Authorization{CorpID: corp})
	case "change":
		return p.changeSome(suite, corp)
	case "relieve":
		return p.Relieve(suite, corp)
	case "stop":
		return p.StopApp(suite, corp, 0)
	case "restore":
		return p.RestoreApp(suite, corp, 0)
	case "remove":
		return p.RemoveApp(suite, corp, 0)
	case "relieve_all":
		return p.RelieveAll(suite)
	case "authorize_all":
		return p.AuthorizeAll(suite)
	case "burst":
		return p.Burst(suite, burstEvents)
	case "end_faults":
		return thenCheck((*Platform).EndFaults)(p, ctx, suite)
	}
	return fmt.Errorf("%w: no button %q", ErrInvalid, do)
}

// pressFault starts a fault, or ends it where that can be done here.
func (p *Platform) pressFault(ctx context.Context, what string, fault Standing, suite string) error {
	for _, f := range faultButtons() {
		switch {
		case f.name != fault:
		case what == "start":
			return f.start(p, ctx, suite)
		case what == "end" && f.end != nil:
			return f.end(p, ctx, suite)
		}
	}
	return fmt.Errorf("%w: no button to %s %q", ErrInvalid, what, fault)
}

// authorizeNew lets a corp authorise that did not exist before.
func (p *Platform) authorizeNew(suite string, codes int) error {
	a, err := p.newcomer(suite)
	if err != nil {
		return err
	}
	a.Codes = codes
	return p.Authorize(suite, a)
}

// changeSome changes a corp's scope in some visible way.
func (p *Platform) changeSome(suite, corp string) error {
	return p.onCorp("change authorization", suite, corp, func(s *suiteState, c *corpState) error {
		scope := c.scope.clone()
		scope.Departments = append(scope.Departments, p.ids.number())
		if i := slices.Index(scope.UserFields, "mobile"); i >= 0 {
			scope.UserFields = slices.Delete(scope.UserFields, i, i+1)
		} else {
			scope.UserFields = append(scope.UserFields, "mobile")
		}
		p.changeScope(s, c, scope)
		return nil
	})
}
