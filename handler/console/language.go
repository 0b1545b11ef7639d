package console

import (
	"net/http"
	"time"
)

// languageLifetime is how long a browser keeps the language that was chosen.
const languageLifetime = 365 * 24 * time.Hour

// chooseLanguage keeps a language for this browser, and shows the page again.
func (c *console) chooseLanguage(v *visit) (result, error) {
	res := result{To: localPath(v.r.PostFormValue("back"))}
	if l := c.locales.byCode(v.r.PostFormValue("language")); l != nil {
		res.Cookie = &http.Cookie{ //nolint:gosec // Secure where there is TLS; it holds the name of a language
			Name: languageCookie, Value: l.Code, Path: root, MaxAge: int(languageLifetime / time.Second),
			HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
		}
	}
	return res, nil
}
