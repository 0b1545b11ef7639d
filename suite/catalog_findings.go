package suite

import "slices"

// FindingCode names a finding of doctor's own. What doctor repeats of a server's
// alerts keeps their codes.
type FindingCode string

// The findings. The catalogue says for each what was found and what to do.
const (
	FindingConfigurationValid      FindingCode = "configuration_valid"
	FindingConfigurationInvalid    FindingCode = "configuration_invalid"
	FindingRestUnchecked           FindingCode = "rest_unchecked"
	FindingAESKeyMalformed         FindingCode = "aes_key_malformed"
	FindingTokenMalformed          FindingCode = "token_malformed"
	FindingAdminExposed            FindingCode = "admin_exposed"
	FindingConfigurationReadable   FindingCode = "configuration_readable"
	FindingNoSuites                FindingCode = "no_suites"
	FindingSuiteInCreation         FindingCode = "suite_in_creation"
	FindingExamplePlaceholder      FindingCode = "example_placeholder"
	FindingExamplePublished        FindingCode = "example_published"
	FindingTokenSortsFirst         FindingCode = "token_sorts_first"
	FindingTokenShort              FindingCode = "token_short"
	FindingDingTalkInClear         FindingCode = "dingtalk_in_clear"
	FindingDataSafe                FindingCode = "data_safe"
	FindingDataAbsent              FindingCode = "data_absent"
	FindingDataUnreadable          FindingCode = "data_unreadable"
	FindingDataOpen                FindingCode = "data_open"
	FindingDataMixedOwners         FindingCode = "data_mixed_owners"
	FindingKeyMissing              FindingCode = "key_missing"
	FindingStoreUnusable           FindingCode = "store_unusable"
	FindingServerRunning           FindingCode = "server_running"
	FindingServerRefuses           FindingCode = "server_refuses"
	FindingServerSilent            FindingCode = "server_silent"
	FindingServerAbsent            FindingCode = "server_absent"
	FindingServerStopped           FindingCode = "server_stopped"
	FindingListenerAnswers         FindingCode = "listener_answers"
	FindingListenerSilent          FindingCode = "listener_silent"
	FindingSuiteNotLoaded          FindingCode = "suite_not_loaded"
	FindingTicketFresh             FindingCode = "ticket_fresh"
	FindingNoAlerts                FindingCode = "no_alerts"
	FindingDingTalkReached         FindingCode = "dingtalk_reached"
	FindingDingTalkUnreachable     FindingCode = "dingtalk_unreachable"
	FindingClockRight              FindingCode = "clock_right"
	FindingClockOff                FindingCode = "clock_off"
	FindingClockWrong              FindingCode = "clock_wrong"
	FindingClockUnknown            FindingCode = "clock_unknown"
	FindingCredentialsAccepted     FindingCode = "credentials_accepted"
	FindingCredentialsNoTicket     FindingCode = "credentials_no_ticket"
	FindingCredentialsUnknown      FindingCode = "credentials_unknown"
	FindingCredentialsForOperators FindingCode = "credentials_for_operators"
	FindingCredentialsFailed       FindingCode = "credentials_failed"
	FindingURLMissing              FindingCode = "url_missing"
	FindingURLBroken               FindingCode = "url_broken"
	FindingURLClear                FindingCode = "url_clear"
	FindingURLPrivate              FindingCode = "url_private"
	FindingURLDNS                  FindingCode = "url_dns"
	FindingURLRefused              FindingCode = "url_refused"
	FindingURLUnroutable           FindingCode = "url_unroutable"
	FindingURLTimeout              FindingCode = "url_timeout"
	FindingURLBrokenOff            FindingCode = "url_broken_off"
	FindingURLTLSName              FindingCode = "url_tls_name"
	FindingURLTLSExpired           FindingCode = "url_tls_expired"
	FindingURLTLSChain             FindingCode = "url_tls_chain"
	FindingURLTLSUntrusted         FindingCode = "url_tls_untrusted"
	FindingURLNoTLS                FindingCode = "url_no_tls"
	FindingCertificateValid        FindingCode = "certificate_valid"
	FindingCertificateEnds         FindingCode = "certificate_ends"
	FindingAdminPublic             FindingCode = "admin_public"
	FindingURLRight                FindingCode = "url_right"
	FindingURLSlow                 FindingCode = "url_slow"
	FindingURLWrongAnswer          FindingCode = "url_wrong_answer"
	FindingURLRedirect             FindingCode = "url_redirect"
	FindingURLPage                 FindingCode = "url_page"
	FindingURLNotFound             FindingCode = "url_not_found"
	FindingURLForbidden            FindingCode = "url_forbidden"
	FindingURLGateway              FindingCode = "url_gateway"
	FindingURLStatus               FindingCode = "url_status"
	FindingURLUnknownSuite         FindingCode = "url_unknown_suite"
	FindingURLOtherPath            FindingCode = "url_other_path"
	FindingURLRejected             FindingCode = "url_rejected"
	FindingURLSources              FindingCode = "url_sources"
	FindingURLSourcesUnsure        FindingCode = "url_sources_unsure"
	FindingURLAltered              FindingCode = "url_altered"
	FindingURLUnavailable          FindingCode = "url_unavailable"
)

// FindingSeverity tells how bad a finding is.
type FindingSeverity string

// The severities of findings.
const (
	FindingError   FindingSeverity = "error"   // something does not work until it is cured
	FindingWarning FindingSeverity = "warning" // something may come to that
	FindingUnknown FindingSeverity = "unknown" // could not be checked
	FindingOK      FindingSeverity = "ok"
)

// FindingEntry is what the catalogue says about a finding. Both texts have
// placeholders in braces, which doctor fills. What is well has no cure.
type FindingEntry struct {
	Code     FindingCode
	Severity FindingSeverity
	Message  Text
	Cure     Text
}

// PlatformCode is the code that DingTalk shows for it when the callback URL is
// entered in its developer console; empty when it shows none that is known.
func (e FindingEntry) PlatformCode() string { return findingCodes[e.Code] }

// FindingEntries returns the catalogue of findings, in the order in which doctor
// looks. The slice is the caller's.
func FindingEntries() []FindingEntry {
	all := slices.Concat(serverFindings, urlFindings)
	for i, e := range all {
		all[i] = e.complete()
	}
	return all
}

// ExplainFinding returns what the catalogue says about a finding, and reports
// whether it is known.
func ExplainFinding(code FindingCode) (FindingEntry, bool) {
	for _, list := range [][]FindingEntry{serverFindings, urlFindings} {
		for _, e := range list {
			if e.Code == code {
				return e.complete(), true
			}
		}
	}
	return FindingEntry{}, false
}

// complete adds what DingTalk's own code for the finding means and, where there
// is no better one, the cure of that.
func (e FindingEntry) complete() FindingEntry {
	code, ok := ExplainCode(e.PlatformCode())
	if !ok {
		return e
	}
	e.Message.EN += " When the URL is entered in its developer console, DingTalk shows " + code.Code + ": " + code.Meaning.EN
	e.Message.ZH += "在开发者后台填写该地址时，钉钉会提示 " + code.Code + "：" + code.Meaning.ZH
	if e.Cure == (Text{}) {
		e.Cure = code.Cure
	}
	return e
}
