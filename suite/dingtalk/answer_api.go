package dingtalk

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"suitekeeper/suite"
)

// readAPI reads an answer of the newer API. That refuses with an HTTP status
// and {"code":"…","message":"…","requestid":"…"}. Everything else reads like an
// answer of the classic API, and to a path that it does not know even the
// newer host answers 200 with an errcode.
func (k call) readAPI(status int, body []byte, answer any) error {
	var no struct {
		Code    jsontext.Value `json:"code"`
		Message jsontext.Value `json:"message"`
	}
	if status != http.StatusOK && json.Unmarshal(body, &no, lenient) == nil {
		if code := text(no.Code); code != "" {
			return k.refusal(faultOfAPI(status, code), code, text(no.Message))
		}
	}
	return k.read(status, body, answer)
}

// faultOfAPI is what the newer API's codes mean for whoever made the call. The
// code counts before the status: a rate limit, for one, comes with 403.
func faultOfAPI(status int, code string) suite.Fault {
	switch code {
	case "invalidSuiteTicket":
		return suite.FaultTicket
	case "invalidAuthInfo": // the corp has not authorised the suite
		return suite.FaultNotAuthorized
	case "invalidClientIdOrSecret":
		return suite.FaultSecret
	case "invalidSuiteKey":
		return suite.FaultSuiteKey
	case "Forbidden.AccessDenied.IpNotInWhiteList":
		return suite.FaultAddress
	}
	// These say who calls what too often, by the second or by the minute; the
	// last is that of the gateway which Alibaba's services share.
	for _, limit := range []string{"Forbidden.AccessDenied.Qps", "Forbidden.AccessDenied.Qpm", "Throttling"} {
		if strings.HasPrefix(code, limit) {
			return suite.FaultThrottled
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return suite.FaultThrottled
	case status >= http.StatusInternalServerError:
		return suite.FaultTransient
	default:
		return suite.FaultOther
	}
}
