package dingtalktest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// text is the same in English and Chinese.
type text struct{ en, zh string }

// textf fills the same values into both.
func textf(en, zh string, args ...any) text {
	return text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// language is that of the page.
type language string

const (
	english language = "en"
	chinese language = "zh"
)

// The cookie has a name of its own, for cookies do not keep ports apart.
const languageCookie = "standin_lang"

// say picks the language's words.
func (l language) say(t text) string {
	if l == chinese {
		return t.zh
	}
	return t.en
}

// choose picks from two words, which may have values to fill in.
func (l language) choose(en, zh string, args ...any) string {
	if len(args) == 0 {
		return l.say(text{en, zh})
	}
	return l.say(textf(en, zh, args...))
}

// languageOf is what was chosen on the page, or else what the browser prefers.
func languageOf(r *http.Request) language {
	if c, err := r.Cookie(languageCookie); err == nil {
		switch l := language(c.Value); l {
		case english, chinese:
			return l
		}
	}
	// Browsers name the language that their user prefers first.
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "zh") {
		return chinese
	}
	return english
}

// setLanguage keeps the choice for this page alone.
func setLanguage(w http.ResponseWriter, l language) {
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: string(l), Path: "/console/", //nolint:gosec // no secret, and loopback has no TLS
		MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// ago tells how long ago something was.
func ago(t time.Time) text {
	if t.IsZero() {
		return text{"never", "从未"}
	}
	d := lasting(time.Since(t))
	return text{d.en + " ago", d.zh + "前"}
}

// lasting tells how long something took, in one or two units.
func lasting(d time.Duration) text {
	switch {
	case d < time.Second:
		return textf("%d ms", "%d 毫秒", d.Milliseconds())
	case d < 10*time.Second:
		return textf("%.1f s", "%.1f 秒", d.Seconds())
	case d < time.Minute:
		return textf("%d s", "%d 秒", int(d.Seconds()))
	case d < time.Hour:
		return textf("%d min %d s", "%d 分 %d 秒", int(d.Minutes()), int(d.Seconds())%60)
	}
	return textf("%d h %d min", "%d 小时 %d 分", int(d.Hours()), int(d.Minutes())%60)
}
