package console

import (
	"math"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"suitekeeper/handler/admin"
)

// signInView is the form that asks for a token.
type signInView struct {
	Next    string // where to go afterwards
	Ended   bool   // a session is over
	Problem string // why the last try failed: a message below sign_in; empty: there was none
	Wait    int    // with the problem "slow": seconds before the next try
}

// signInForm asks for a token, unless somebody is signed in already.
func (c *console) signInForm(v *visit) (view, error) {
	return signInPage(signInView{Next: localPath(v.query("next")), Ended: v.query("ended") != ""}, http.StatusOK), nil
}

func signInPage(data signInView, status int) view {
	return view{Template: "signin", Title: "sign_in.title", Status: status, Data: data, Once: true}
}

// signIn begins a session, once that is in the audit log.
func (c *console) signIn(v *visit) (result, error) {
	form := signInView{Next: localPath(v.r.PostFormValue("next"))}
	var token admin.Token
	presented := strings.TrimSpace(v.r.PostFormValue("token"))
	ok, wait := c.Throttle.Try(v.r.RemoteAddr, func() (ok bool) {
		token, ok = admin.FindToken(c.Tokens, presented)
		return ok
	})
	switch {
	case wait > 0:
		form.Problem, form.Wait = "slow", int(math.Ceil(wait.Seconds()))
		return c.signInRefused(v, form, http.StatusTooManyRequests), nil
	case !ok:
		form.Problem = "wrong"
		return c.signInRefused(v, form, http.StatusForbidden), nil
	}
	v.person = &token
	if !v.may(viewers) {
		v.person, form.Problem = nil, "app"
		return c.signInRefused(v, form, http.StatusForbidden), nil
	}
	if err := c.Keeper.RecordSignIn(v.ctx, v.actor()); err != nil {
		return result{}, err
	}
	if err := c.sessions.begin(v.ctx, token, v.now); err != nil {
		return result{}, err
	}
	return result{To: form.Next}, nil
}

// signInRefused shows the form again, and logs it: somebody may be trying
// tokens.
func (c *console) signInRefused(v *visit, form signInView, status int) result {
	c.Logger.Warn("console sign-in refused", zap.String("reason", form.Problem), zap.String("remote_addr", v.address()))
	page := signInPage(form, status)
	return result{View: &page}
}

// signOut ends the session. That the audit log cannot be written keeps nobody
// signed in.
func (c *console) signOut(v *visit) (result, error) {
	if v.person != nil {
		if err := c.Keeper.RecordSignOut(v.ctx, v.actor()); err != nil {
			c.Logger.Error("a sign-out is not in the audit log", zap.Error(err))
		}
	}
	if err := c.sessions.Destroy(v.ctx); err != nil {
		return result{}, err
	}
	return result{To: root + "sign-in"}, nil
}
