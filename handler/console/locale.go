package console

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"suitekeeper/suite"
)

//go:embed locales
var localeFiles embed.FS

// languageCookie holds the language that somebody chose for this browser.
const languageCookie = "suitekeeper_language"

// locales are the languages that the console speaks. They are safe for
// concurrent use.
type locales struct {
	list    []*locale
	matcher language.Matcher
}

// locale is one language.
type locale struct {
	Code string // as in file names and in the cookie
	Tag  string // as HTML and HTTP name it
	Name string // in itself
	loc  *i18n.Localizer
}

func loadLocales(from fs.FS) (*locales, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	files, err := fs.Glob(from, "locales/*.yaml") // name.code.yaml
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if _, err := bundle.LoadMessageFileFS(from, f); err != nil {
			return nil, fmt.Errorf("messages of %s: %w", f, err)
		}
	}
	all := &locales{list: []*locale{
		{Code: "en", Tag: "en", Name: "English"},
		{Code: "zh", Tag: "zh-CN", Name: "中文"},
	}}
	var tags []language.Tag
	for _, l := range all.list {
		l.loc = i18n.NewLocalizer(bundle, l.Code)
		tags = append(tags, language.Make(l.Code))
	}
	all.matcher = language.NewMatcher(tags)
	return all, nil
}

// of returns the language to answer a request in: the one that was chosen, or
// else the one that the browser prefers.
func (a *locales) of(r *http.Request) *locale {
	if c, err := r.Cookie(languageCookie); err == nil {
		if l := a.byCode(c.Value); l != nil {
			return l
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return a.list[0]
	}
	_, i, _ := a.matcher.Match(wanted...)
	return a.list[i]
}

func (a *locales) byCode(code string) *locale {
	for _, l := range a.list {
		if l.Code == code {
			return l
		}
	}
	return nil
}

// other is the language to switch to.
func (a *locales) other(l *locale) *locale {
	for _, o := range a.list {
		if o != l {
			return o
		}
	}
	return l
}

// t returns a message. What follows the key are names and values for its
// placeholders; a Count chooses between one and many.
func (l *locale) t(key string, pairs ...any) (string, error) {
	config := &i18n.LocalizeConfig{MessageID: key}
	if len(pairs) > 0 {
		data := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			name, ok := pairs[i].(string)
			if !ok {
				return "", fmt.Errorf("message %s: %v is no name of a placeholder", key, pairs[i])
			}
			data[name] = pairs[i+1]
		}
		config.TemplateData, config.PluralCount = data, data["Count"]
	}
	return l.loc.Localize(config)
}

// word returns how a value of a fixed vocabulary is called, or the value
// itself when it is one that we do not know: DingTalk adds some every month.
func (l *locale) word(vocabulary string, value any) (string, error) {
	text, err := l.loc.Localize(&i18n.LocalizeConfig{MessageID: fmt.Sprintf("%s.%v", vocabulary, value)})
	if missing := (*i18n.MessageNotFoundErr)(nil); errors.As(err, &missing) {
		return fmt.Sprint(value), nil
	}
	return text, err
}

// text chooses from a text that comes in both languages.
func (l *locale) text(t suite.Text) string {
	if l.Code == "zh" {
		return t.ZH
	}
	return t.EN
}

// gap stands between two sentences: Chinese punctuation brings its own.
func (l *locale) gap() string {
	if l.Code == "zh" {
		return ""
	}
	return " "
}

// plainFailure is said when no page can be shown.
func (l *locale) plainFailure() string {
	return l.text(suite.Text{
		EN: "suitekeeper could not show this page. Its log tells why.",
		ZH: "suitekeeper 无法显示此页面，原因见日志。",
	})
}
