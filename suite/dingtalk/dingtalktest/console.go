package dingtalktest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"
)

//go:embed console/page.html console/style.css
var consoleFiles embed.FS

const (
	consoleRows = 15 // of pushes and of calls, for each suite
	refreshPage = 3  // seconds
)

// console serves the pages under /console/. Its buttons are plain forms, so
// that it works without a script.
func (p *Platform) console() http.Handler {
	page := template.Must(template.New("page.html").Funcs(template.FuncMap{
		"clock": func(t time.Time) string { return t.Format("15:04:05.000") },
		"took":  func(d time.Duration) string { return d.Round(100 * time.Microsecond).String() },
		"ago":   ago,
	}).ParseFS(consoleFiles, "console/page.html"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /console/{$}", func(w http.ResponseWriter, r *http.Request) { p.showConsole(w, r, page) })
	mux.HandleFunc("GET /console/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, consoleFiles, "console/style.css")
	})
	mux.HandleFunc("POST /console/act", p.act)
	return headers(http.NewCrossOriginProtection().Handler(mux))
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) showConsole(w http.ResponseWriter, r *http.Request, page *template.Template) {
	view := struct {
		Refresh int
		Suites  []suiteView
	}{Refresh: refreshPage, Suites: p.view()}
	if r.FormValue("refresh") == "off" {
		view.Refresh = 0
	}
	var b bytes.Buffer // so that an error leaves no half page
	if err := page.Execute(&b, view); err != nil {
		http.Error(w, "the page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// act presses one of the console's buttons and shows the page again.
func (p *Platform) act(w http.ResponseWriter, r *http.Request) {
	suite, corp := r.PostFormValue("suite"), r.PostFormValue("corp")
	var err error
	switch do := r.PostFormValue("do"); do {
	case "repush":
		err = p.RePush(suite)
	case "ticket":
		err = p.PushTicket(suite)
	case "check":
		_, err = p.CheckURL(r.Context(), suite, CheckUpdateSuiteURL)
	case "authorize":
		err = p.authorizeNew(suite, 1)
	case "authorize3":
		err = p.authorizeNew(suite, 3)
	case "again":
		err = p.Authorize(suite, Authorization{CorpID: corp})
	case "change":
		err = p.changeSome(suite, corp)
	case "relieve":
		err = p.Relieve(suite, corp)
	case "stop":
		err = p.StopApp(suite, corp, 0)
	case "restore":
		err = p.RestoreApp(suite, corp, 0)
	case "remove":
		err = p.RemoveApp(suite, corp, 0)
	default:
		err = fmt.Errorf("%w: no button %q", ErrInvalid, do)
	}
	switch {
	case errors.Is(err, ErrUnknownSuite), errors.Is(err, ErrUnknownCorp):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		http.Redirect(w, r, "/console/", http.StatusSeeOther)
	}
}

// authorizeNew lets a corp authorise that did not exist before.
func (p *Platform) authorizeNew(suite string, codes int) error {
	var a Authorization
	err := p.onSuite("authorize", suite, func(s *suiteState) error {
		a = Authorization{CorpID: p.ids.hex("ding"), CorpName: fmt.Sprintf("测试企业 Corp %d", len(s.order)+1), Codes: codes}
		return nil
	})
	if err != nil {
		return err
	}
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

func ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := time.Since(t)
	if d < 10*time.Second {
		return d.Round(100*time.Millisecond).String() + " ago"
	}
	return d.Round(time.Second).String() + " ago"
}
