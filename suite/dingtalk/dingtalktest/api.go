package dingtalktest

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const maxBody = 1 << 20

// endpoint is one call of the API.
type endpoint struct {
	name   Endpoint
	method string
	path   string
	serve  func(*Platform, *apiCall) (object, *refusal)
}

func endpoints() []endpoint {
	return []endpoint{
		{GetSuiteToken, http.MethodPost, "/service/get_suite_token", (*Platform).getSuiteToken},
		{GetPermanentCode, http.MethodPost, "/service/get_permanent_code", (*Platform).getPermanentCode},
		{ActivateSuite, http.MethodPost, "/service/activate_suite", (*Platform).activateSuite},
		{GetAuthInfo, http.MethodPost, "/service/get_auth_info", (*Platform).getAuthInfo},
		{GetCorpToken, http.MethodPost, "/service/get_corp_token", (*Platform).getCorpToken},
		{GetUnactiveCorp, http.MethodPost, "/service/get_unactive_corp", (*Platform).getUnactiveCorp},
		{ReauthCorp, http.MethodPost, "/service/reauth_corp", (*Platform).reauthCorp},
		{AuthScopes, http.MethodGet, "/auth/scopes", (*Platform).authScopes},
		{GetFailedResult, http.MethodGet, "/call_back/get_call_back_failed_result", (*Platform).getFailedResult},
		{SuiteAccessToken, http.MethodPost, "/v1.0/oauth2/suiteAccessToken", (*Platform).suiteAccessToken},
		{CorpAccessToken, http.MethodPost, "/v1.0/oauth2/corpAccessToken", (*Platform).corpAccessToken},
		{AppsAuthInfo, http.MethodGet, "/v1.0/oauth2/apps/authInfo", (*Platform).appsAuthInfo},
	}
}

func (p *Platform) routes() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		mux.HandleFunc(e.path, func(w http.ResponseWriter, r *http.Request) { p.serveCall(w, r, e) })
	}
	mux.Handle("/console/", p.console())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, &refusedPath)
	})
	return mux
}

// object is a JSON object that is written out.
type object map[string]any

// apiCall is one call under way. What it learns about itself ends in the
// records.
type apiCall struct {
	endpoint Endpoint
	path     string
	query    url.Values
	header   http.Header
	body     fields
	from     string // the caller's address

	suite     *suiteState
	corp      string
	handedOut *corpState // whose permanent code the answer holds
	lost      bool       // the answer never arrives, by BurnCode
}

// serveCall answers one call: half the latency, the effect, the other half,
// and then the answer or what is staged instead of it.
func (p *Platform) serveCall(w http.ResponseWriter, r *http.Request, e endpoint) {
	start := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, r, &refusedBody)
		return
	}
	f := p.takeFault(e.name)
	// A client that hangs up cuts the waiting short, but does not stop DingTalk.
	pause(r.Context(), f.Delay+p.o.Latency/2)
	c := &apiCall{endpoint: e.name, path: e.path, query: r.URL.Query(), header: r.Header, from: remote(r)}
	done := f.Spoil == Intact || f.Done
	result, refused := object{}, (*refusal)(nil)
	if done {
		p.change(func() { result, refused = p.take(c, r, e, body) })
	}
	if c.lost && f.Spoil == Intact {
		f.Spoil = Dropped
	}
	pause(r.Context(), p.o.Latency/2)
	p.recordCall(c, start, done, refused, f)

	switch f.Spoil {
	case Intact:
		p.deliver(w, r, c, result, refused)
	case Refused:
		no := staged(f)
		refuse(w, r, &no)
	default:
		_, right := render(r, result, refused)
		f.spoil(w, right)
	}
}

// take checks what every call must satisfy and lets it take effect.
func (p *Platform) take(c *apiCall, r *http.Request, e endpoint, body []byte) (object, *refusal) {
	switch {
	case r.Method != e.method && e.method == http.MethodGet:
		return nil, &refusedNotGET
	case r.Method != e.method:
		return nil, &refusedNotPOST
	case e.method == http.MethodPost:
		if !isJSON(r.Header) {
			return nil, &refusedType
		}
		var err error
		if c.body, err = parseObject(body); err != nil {
			return nil, &refusedBody
		}
	}
	return e.serve(p, c)
}

// deliver answers, and notes whether a permanent code got as far as the
// connection.
func (p *Platform) deliver(w http.ResponseWriter, r *http.Request, c *apiCall, result object, refused *refusal) {
	note := func(handedOut bool) {
		if c.handedOut != nil {
			p.change(func() { c.handedOut.handedOut = handedOut })
		}
	}
	// Noted first, so that nobody sees what the client makes of the code
	// before seeing that it was handed out.
	note(true)
	err := r.Context().Err()
	if err == nil {
		err = answer(w, r, result, refused)
	}
	if err != nil {
		note(false)
	}
}

// refuse answers with a refusal. A client that is gone has no use for it.
func refuse(w http.ResponseWriter, r *http.Request, why *refusal) {
	_ = answer(w, r, nil, why)
}

// answer writes a result, or a refusal in the words of the host that the path
// belongs to.
func answer(w http.ResponseWriter, r *http.Request, result object, refused *refusal) error {
	status, body := render(r, result, refused)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

func render(r *http.Request, result object, refused *refusal) (int, []byte) {
	status, shown := http.StatusOK, result
	newStyle := strings.HasPrefix(r.URL.Path, "/v1.0/")
	switch {
	case refused != nil && newStyle:
		status = positive(refused.status, http.StatusBadRequest)
		shown = object{"code": refused.code, "message": refused.message, "requestid": "01A08FE7-68C3-7BBD-B223-447768EA4B29"}
	case refused != nil:
		shown = object{"errcode": refused.errcode, "errmsg": refused.errmsg}
		if refused.subCode != "" {
			shown["sub_code"], shown["sub_msg"] = refused.subCode, refused.subMsg
		}
	case !newStyle:
		shown["errcode"], shown["errmsg"] = 0, "ok"
	}
	body, err := json.Marshal(shown)
	if err != nil { // objects hold nothing that JSON cannot say
		return http.StatusInternalServerError, nil
	}
	return status, body
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func isJSON(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == "application/json"
}
