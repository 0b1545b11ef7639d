package suite

import "time"

// kind tells what an event means to the state that we keep.
type kind uint8

const (
	kindOther       kind = iota // nothing to us: stored for whoever wants it
	kindURLCheck                // check_create_suite_url, check_update_suite_url, check_url
	kindTicket                  // a new suite_ticket
	kindAuthCode                // tmp_auth_code: an authorisation to be exchanged
	kindAuthGranted             // org_suite_auth, org_suite_change: an authorisation with its permanent code
	kindAuthChanged             // change_auth, org_micro_app_scope_update: ask for the new scope
	kindRelieved                // suite_relieve, org_suite_relieve
	kindAppStopped              // org_micro_app_stop
	kindAppRestored             // org_micro_app_restore
	kindAppRemoved              // org_micro_app_remove
)

// incoming is one event as DingTalk told it: decoded, not yet applied.
type incoming struct {
	Type     string // EventType; of a SyncHTTP row its syncAction, else its eventType, else "biz_type_<n>"
	Kind     kind
	Source   Source
	SuiteKey string    // the SuiteKey that the event names inside; empty when it names none
	Corp     CorpID    // the customer corp; empty where the event names none, and for a ticket row (that names the ISV's own)
	Stamp    time.Time // the event's own time in UTC, to the millisecond; zero when absent or unreadable
	Raw      []byte    // the decrypted JSON, or the row's own bytes
	Odd      Phrase    // why the event must be quarantined; empty when it is sound

	Random   string   // kindURLCheck
	Ticket   Secret   // kindTicket
	AuthCode Secret   // kindAuthCode
	Agents   []Agent  // kindAuthGranted: all; kindApp…: the one concerned
	Grant    *granted // kindAuthGranted
}

// granted is what a SyncHTTP authorisation row brings beside its agents.
type granted struct {
	PermanentCode Secret
	CorpName      string
	Scope         *Scope // nil when the row carries none
}

// message is a decrypted push taken apart: one event, or one a row.
type message struct {
	Type   string // EventType of the whole push
	Events []incoming
}
