package dingtalk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"suitekeeper/suite"
)

// lenient reads answers as other clients do: what DingTalk answers to a call
// of ours is not worth losing for a broken character in a company's name.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// head is what every answer of the classic API has, and what either API
// answers to an address that it blocks: {"status":1111,"wait":5,"source":"x5",
// "punish":"deny","uuid":"…"}.
type head struct {
	Errcode jsontext.Value `json:"errcode"`
	Errmsg  jsontext.Value `json:"errmsg"`
	SubCode jsontext.Value `json:"sub_code"`
	SubMsg  jsontext.Value `json:"sub_msg"`
	Punish  jsontext.Value `json:"punish"`
}

// read makes an error of an answer that is no success, and reads one that is.
func (k call) read(status int, body []byte, answer any) error {
	var h head
	err := json.Unmarshal(body, &h, lenient)
	isObject := err == nil && jsontext.Value(body).Kind() == '{'
	code, known := h.code()
	switch {
	case isObject && known && code != 0:
		return k.refused(code, h)
	case isObject && text(h.Punish) == "deny":
		return k.fault(suite.FaultThrottled, suite.SayBlocked)
	case status == http.StatusTooManyRequests:
		return k.fault(suite.FaultThrottled, suite.SayHTTPStatus, strconv.Itoa(status))
	case status != http.StatusOK:
		return k.broken(suite.SayHTTPStatus, strconv.Itoa(status))
	case !isObject:
		return k.broken(suite.SayAnswerNoObject)
	case !known && (k.bare || len(h.Errcode) > 0):
		return k.broken(suite.SayAnswerNoErrcode)
	}
	if err := json.Unmarshal(body, answer, lenient); err != nil {
		return k.misshapen(err)
	}
	return nil
}

// code returns the errcode, which some answers give as a string of digits, and
// old ones leave out of a success.
func (h head) code() (code int64, known bool) {
	var n number
	if len(h.Errcode) == 0 || n.UnmarshalJSON(h.Errcode) != nil {
		return 0, false
	}
	return int64(n), true
}

// refused is the error of an errcode.
func (k call) refused(code int64, h head) error {
	message, subCode := text(h.Errmsg), text(h.SubCode)
	if subCode != "" && !strings.Contains(message, subCode) {
		message += " (sub_code " + subCode + ": " + text(h.SubMsg) + ")"
	}
	return k.refusal(faultOf(code, subCode), strconv.FormatInt(code, 10), message)
}

// refusal is the error of a call that DingTalk answered with a code.
func (k call) refusal(f suite.Fault, code, message string) error {
	err := &suite.PlatformError{
		Call:    k.name,
		Fault:   f,
		Code:    k.clean(code),
		Message: suite.Say(suite.SayNoMessage),
	}
	if message != "" {
		err.Message = suite.AsItIs(k.clean(message))
	}
	if f == suite.FaultAddress {
		err.Address = addressIn(message)
	}
	return err
}

// misshapen is the error of an answer that cannot be read, and says in which
// member that lies.
func (k call) misshapen(err error) error {
	var e *json.SemanticError
	if errors.As(err, &e) && e.JSONPointer != "" {
		return k.broken(suite.SayAnswerShapeAt, string(e.JSONPointer))
	}
	return k.broken(suite.SayAnswerShape)
}

// text returns what a raw string or number says.
func text(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		s, _ := jsontext.AppendUnquote(nil, v) // broken characters are replaced
		return string(s)
	case '0':
		return string(v)
	default:
		return ""
	}
}

// number is a whole number, which DingTalk gives as such or, in places, as a
// string of digits.
type number int64

// UnmarshalJSON reads either form; null is 0.
func (n *number) UnmarshalJSON(v []byte) error {
	if string(v) == "null" {
		*n = 0
		return nil
	}
	i, err := strconv.ParseInt(text(v), 10, 64)
	if err != nil {
		return errors.New("no whole number")
	}
	*n = number(i)
	return nil
}
