package dingtalktest

import (
	"net/http"
	"strconv"
)

// refusal is one way in which DingTalk says no, in the words of both hosts:
// oapi answers 200 with errcode and errmsg, api answers 4xx with code and
// message.
type refusal struct {
	errcode int
	errmsg  string
	subCode string // with errcode 88
	subMsg  string

	code    string
	message string
	status  int // 400 when zero
}

var (
	refusedSystem     = refusal{errcode: -1, errmsg: "系统繁忙", code: "unknownError", message: "未知错误", status: http.StatusInternalServerError}
	refusedPath       = refusal{errcode: 404, errmsg: "请求的URI地址不存在", code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method.", status: http.StatusNotFound}
	refusedNotGET     = refusal{errcode: 43001, errmsg: "需要GET请求", code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method.", status: http.StatusNotFound}
	refusedNotPOST    = refusal{errcode: 43002, errmsg: "需要POST请求", code: "InvalidAction.NotFound", message: "Specified api is not found, please check your url and method.", status: http.StatusNotFound}
	refusedType       = refusal{errcode: 43004, errmsg: "无效的HTTP HEADER Content-Type", code: "UnsupportedMediaType", message: "Content-Type must be application/json", status: http.StatusUnsupportedMediaType}
	refusedBody       = refusal{errcode: 40038, errmsg: "不合法的请求格式", code: "MalformedJSON", message: "body is not a JSON object"}
	refusedCorpToken  = refusal{errcode: 40014, errmsg: "不合法的access_token", code: "InvalidAuthentication", message: "不合法的access_token"}
	refusedNoToken    = refusal{errcode: 41022, errmsg: "缺少suitetoken", code: "AuthenticationFailed.MissingParameter", message: "缺少参数：x-acs-dingtalk-access-token"}
	refusedCode       = refusal{errcode: 40078, errmsg: "不存在的临时授权码"}
	refusedOldCode    = refusal{errcode: 40102, errmsg: "临时授权码已过期"}
	refusedCorp       = refusal{errcode: 40079, errmsg: "不存在的授权信息", code: "invalidAuthInfo", message: "授权关系不存在"}
	refusedOrg        = refusal{errcode: 40079, errmsg: "不存在的授权信息", code: "orgNotAuthApp", message: "企业未授权开通应用"}
	refusedUnknownOrg = refusal{errcode: 40079, errmsg: "不存在的授权信息", code: "orgNotExist", message: "企业已解散"}
	refusedCorpID     = refusal{errcode: 41027, errmsg: "需要授权企业的corpid参数", code: "invalidCorpId", message: "参数错误"}
	refusedSecret     = refusal{errcode: 40088, errmsg: "不合法的套件key或secret", code: "invalidClientIdOrSecret", message: "无效的clientId或者clientSecret"}
	refusedSuiteToken = refusal{errcode: 40082, errmsg: "不合法的suitetoken", code: "InvalidAuthentication", message: "不合法的access_token"}
	refusedKey        = refusal{errcode: 40083, errmsg: "不合法的suitekey", code: "invalidSuiteKey", message: "suitekey不合法"}
	refusedPermanent  = refusal{errcode: 40084, errmsg: "不合法的永久授权码"}
	refusedTicket     = refusal{errcode: 40085, errmsg: "不存在的suiteticket", code: "invalidSuiteTicket", message: "suiteTicket无效"}
	refusedApp        = refusal{errcode: 40086, errmsg: "不合法的第三方应用appid"}
	refusedSignature  = sub("853004", "签名不匹配")
	refusedLimit      = sub("90018", "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了")
)

// sub is the refusal 88, whose reason stands in sub_code and sub_msg.
func sub(code, msg string) refusal {
	return refusal{
		errcode: 88,
		errmsg:  "ding talk error[subcode=" + code + ",submsg=" + msg + "]",
		subCode: code, subMsg: msg,
		code: "Forbidden.AccessDenied.QpsLimitForApi", message: msg, status: http.StatusForbidden,
	}
}

// refusedAddress names the address from which DingTalk saw the call come.
func refusedAddress(from, suite string) refusal {
	msg := "访问ip不在白名单之中,request ip=" + from + " suiteKey(" + suite + ")"
	return refusal{errcode: 60020, errmsg: msg, code: "Forbidden.AccessDenied.IpNotInWhiteList", message: msg, status: http.StatusForbidden}
}

// staged is the refusal that a Fault asks for.
func staged(f Fault) refusal {
	r := refusedSystem
	if f.SubCode != "" {
		r = sub(f.SubCode, f.Message)
	}
	if f.Errcode != 0 && f.SubCode == "" {
		r.errcode, r.errmsg = f.Errcode, "staged"
	}
	if f.Code != "" {
		r.code, r.status = f.Code, http.StatusBadRequest
	}
	if f.Message != "" && f.SubCode == "" {
		r.errmsg, r.message = f.Message, f.Message
	}
	if f.Status != 0 {
		r.status = f.Status
	}
	return r
}

// shown is how a refusal, or none, stands in the records.
func (r *refusal) shown(newStyle bool) string {
	switch {
	case r == nil:
		return "0"
	case newStyle:
		return r.code
	case r.subCode != "":
		return strconv.Itoa(r.errcode) + "/" + r.subCode
	}
	return strconv.Itoa(r.errcode)
}
