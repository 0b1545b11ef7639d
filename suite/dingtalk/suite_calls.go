package dingtalk

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"suitekeeper/suite"
)

// SuiteToken asks for a new suite_access_token.
func (c *Client) SuiteToken(ctx context.Context, cred suite.Credentials) (suite.Token, error) {
	k := call{
		name: "get_suite_token", path: "/service/get_suite_token",
		body: struct {
			SuiteKey    suite.SuiteKey `json:"suite_key"`
			SuiteSecret string         `json:"suite_secret"`
			SuiteTicket string         `json:"suite_ticket"`
		}{cred.Key, cred.Secret.Reveal(), cred.Ticket.Reveal()},
		suite: cred.Key, secrets: []suite.Secret{cred.Secret, cred.Ticket},
	}
	var answer struct {
		Token     string `json:"suite_access_token"`
		ExpiresIn number `json:"expires_in"`
	}
	asked := time.Now()
	if err := c.do(ctx, k, &answer); err != nil {
		return suite.Token{}, err
	}
	return k.token(answer.Token, answer.ExpiresIn, asked)
}

// token makes a token of an answer. Its life is counted from before the
// request, since nobody knows when DingTalk began to count.
func (k call) token(value string, expiresIn number, asked time.Time) (suite.Token, error) {
	if value == "" {
		return suite.Token{}, k.broken(suite.SayAnswerLacks, "token")
	}
	const year = 365 * 24 * 3600 // far above the documented 7200 s, far below an overflow
	if expiresIn <= 0 || expiresIn > year {
		return suite.Token{}, k.broken(suite.SayAnswerNoLifetime)
	}
	return suite.Token{Value: suite.Secret(value), ExpiresAt: asked.Add(time.Duration(expiresIn) * time.Second)}, nil
}

// PermanentCode exchanges a tmp_auth_code, which burns it. An answer with a
// permanent code is a success even where it does not say whose it is: Corp is
// empty then.
func (c *Client) PermanentCode(ctx context.Context, suiteToken, tmpAuthCode suite.Secret) (suite.PermanentCode, error) {
	k := call{
		name: "get_permanent_code", path: "/service/get_permanent_code", query: withSuiteToken(suiteToken),
		body: struct {
			TmpAuthCode string `json:"tmp_auth_code"`
		}{tmpAuthCode.Reveal()},
		secrets: []suite.Secret{suiteToken, tmpAuthCode},
	}
	var answer struct {
		PermanentCode string         `json:"permanent_code"`
		AuthCorpInfo  jsontext.Value `json:"auth_corp_info"`
	}
	if err := c.do(ctx, k, &answer); err != nil {
		return suite.PermanentCode{}, err
	}
	if answer.PermanentCode == "" {
		return suite.PermanentCode{}, k.broken(suite.SayAnswerLacks, "permanent_code")
	}
	var corp struct {
		CorpID   jsontext.Value `json:"corpid"`
		CorpName jsontext.Value `json:"corp_name"`
	}
	// The code cannot be had again: nothing beside it is worth an error.
	_ = json.Unmarshal(answer.AuthCorpInfo, &corp, lenient)
	return suite.PermanentCode{
		Code: suite.Secret(answer.PermanentCode), Corp: suite.CorpID(text(corp.CorpID)), CorpName: text(corp.CorpName),
	}, nil
}

// Activate makes the app visible to the corp. Doing it again is harmless.
func (c *Client) Activate(ctx context.Context, suiteToken suite.Secret, key suite.SuiteKey, corp suite.CorpID, permanentCode suite.Secret) error {
	return c.do(ctx, call{
		name: "activate_suite", path: "/service/activate_suite", query: withSuiteToken(suiteToken),
		body: struct {
			SuiteKey      suite.SuiteKey `json:"suite_key"`
			AuthCorpID    suite.CorpID   `json:"auth_corpid"`
			PermanentCode string         `json:"permanent_code"`
		}{key, corp, permanentCode.Reveal()},
		suite: key, bare: true, secrets: []suite.Secret{suiteToken, permanentCode},
	}, new(struct{}))
}

// maxPages bounds how often Unactivated asks for more.
const maxPages = 20

// Unactivated lists the corps that authorised the app but were never
// activated. DingTalk says that there are more but takes no cursor, so it asks
// on only as long as that brings corps that it did not know. When a later page
// fails it returns the error together with what the pages before it named.
func (c *Client) Unactivated(ctx context.Context, suiteToken suite.Secret, appID int64) ([]suite.CorpID, error) {
	k := call{
		name: "get_unactive_corp", path: "/service/get_unactive_corp", query: withSuiteToken(suiteToken),
		body: struct {
			AppID int64 `json:"app_id"` // a number here, a string in reauth_corp
		}{appID},
		secrets: []suite.Secret{suiteToken},
	}
	var list []suite.CorpID
	seen := make(map[string]bool)
	for range maxPages {
		var page struct {
			CorpList *[]string `json:"corp_list"`
			HasMore  bool      `json:"has_more"`
		}
		if err := c.do(ctx, k, &page); err != nil {
			return list, err
		}
		if page.CorpList == nil {
			return list, k.broken(suite.SayAnswerLacks, "corp_list")
		}
		known := len(list)
		for _, id := range *page.CorpList {
			if id != "" && !seen[id] {
				seen[id] = true
				list = append(list, suite.CorpID(id))
			}
		}
		if !page.HasMore || len(list) == known {
			break
		}
	}
	return list, nil
}

// Reauthorize makes DingTalk push a new tmp_auth_code for each corp. It makes
// no call for no corps.
func (c *Client) Reauthorize(ctx context.Context, suiteToken suite.Secret, appID int64, corps []suite.CorpID) error {
	if len(corps) == 0 {
		return nil
	}
	return c.do(ctx, call{
		name: "reauth_corp", path: "/service/reauth_corp", query: withSuiteToken(suiteToken),
		body: struct {
			AppID      string         `json:"app_id"`
			CorpIDList []suite.CorpID `json:"corpid_list"`
		}{strconv.FormatInt(appID, 10), corps},
		bare: true, secrets: []suite.Secret{suiteToken},
	}, new(struct{}))
}

func withSuiteToken(token suite.Secret) url.Values {
	return url.Values{"suite_access_token": {token.Reveal()}}
}
