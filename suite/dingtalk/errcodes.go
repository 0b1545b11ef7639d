package dingtalk

import (
	"strconv"

	"suitekeeper/suite"
)

// gateway is the errcode of whatever DingTalk's gateway refuses. By itself it
// says nothing but "not now"; its sub_code may say more.
const gateway = 88

// faultOf classes a refusal.
func faultOf(code int64, subCode string) suite.Fault {
	if code != gateway {
		return faultOfCode(code)
	}
	if sub, err := strconv.ParseInt(subCode, 10, 64); err == nil {
		if f := faultOfCode(sub); f != suite.FaultOther {
			return f
		}
	}
	return suite.FaultThrottled
}

// faultOfCode is what DingTalk's errcodes mean for whoever made the call.
func faultOfCode(code int64) suite.Fault {
	switch code {
	case -1, // system busy
		40087: // creating the permanent code failed for now
		return suite.FaultTransient
	case 40085:
		return suite.FaultTicket
	case 40014, // the corp's token is invalid
		41022, // the suite's token is missing
		42001, // the corp's token has expired
		40082: // the suite's token is invalid
		return suite.FaultToken
	case 40078:
		return suite.FaultCodeSpent
	case 40102:
		return suite.FaultCodeExpired
	case 40079:
		return suite.FaultNotAuthorized
	case 40091:
		return suite.FaultReauthorize
	case 40084:
		return suite.FaultPermanentCode
	case 60020:
		return suite.FaultAddress
	case 40080, 40088:
		return suite.FaultSecret
	case 40083, 40090:
		return suite.FaultSuiteKey
	}
	// These say who calls what too often: this server, a corp or a suite, one
	// call or all of them.
	if 90001 <= code && code <= 90019 {
		return suite.FaultThrottled
	}
	return suite.FaultOther
}
