package admin

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"suitekeeper/suite"
)

// CredentialCheck is the answer to POST /api/v1/suites/{suite_key}/check.
type CredentialCheck struct {
	Accepted bool   `json:"accepted" doc:"DingTalk gave a suite_access_token for key, secret and ticket, asked from the server's address"`
	Alert    *Alert `json:"alert,omitempty" doc:"What the refusal, or the lack of an answer, amounts to; absent when accepted"`
}

// suiteInput names a suite.
type suiteInput struct {
	SuiteKey string `path:"suite_key" maxLength:"256"`
}

func checkOperation() huma.Operation {
	op := post("check", "/api/v1/suites/{suite_key}/check", "Ask DingTalk whether it accepts a suite's credentials", 200, missing)
	op.Description = "One call of get_suite_token, of whose answer nothing is kept. It is for operators, because DingTalk blocks whoever calls too often."
	return op
}

func (a *api) check(ctx context.Context, in *suiteInput) (*answer[CredentialCheck], error) {
	refused, err := a.Keeper.CheckCredentials(ctx, suite.SuiteKey(in.SuiteKey))
	return answered(refused, err, newCredentialCheck)
}

func newCredentialCheck(refused *suite.Alert) CredentialCheck {
	if refused == nil {
		return CredentialCheck{Accepted: true}
	}
	alert := newAlert(*refused)
	return CredentialCheck{Alert: &alert}
}
