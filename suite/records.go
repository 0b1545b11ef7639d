package suite

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"suitekeeper/store"
)

// What is kept, and under which key. Values hold secrets in clear: the engine
// below is expected to seal them.
var (
	tickets = store.NewCollection("ticket", store.JSON[ticketRecord]()) // suite
	auths   = store.NewCollection("auth", store.JSON[authRecord]())     // suite, corp
	works   = store.NewCollection("work", store.JSON[workRecord]())     // suite, work id
	tokens  = store.NewCollection("token", store.JSON[tokenRecord]())   // suite, corp ("" for the suite's own)
	counts  = store.NewCollection("count", store.JSON[countRecord]())   // suite
	events  = store.NewCollection[eventRecord]("event", eventCodec{})   // event id
	prints  = store.NewCollection[printRecord]("print", printCodec{})   // suite, own time, SHA-256
	tallies = store.NewCollection("tally", store.JSON[tallyRecord]())   // one record
	audits  = store.NewCollection("audit", store.JSON[AuditEntry]())    // audit id

	wrongAnswers = store.NewCollection("wrong-answers", store.JSON[answerRecord]()) // suite; "" for pushes of which none is known
)

type ticketRecord struct {
	Value      string    `json:"value"`
	IssuedAt   time.Time `json:"issued_at"` // the time that orders tickets
	ReceivedAt time.Time `json:"received_at"`
	Event      EventID   `json:"event"`
}

type authRecord struct {
	Suite    SuiteKey `json:"suite"`
	Corp     CorpID   `json:"corp"`
	CorpName string   `json:"corp_name,omitempty"`
	Status   Status   `json:"status"`

	PermanentCode string    `json:"permanent_code,omitempty"`
	CodeStoredAt  time.Time `json:"code_stored_at,omitzero"` // by our clock
	CodeVoid      bool      `json:"code_void,omitempty"`     // the corp withdrew since: never handed out again

	Apps  []appRecord `json:"apps,omitempty"`
	Scope *Scope      `json:"scope,omitempty"`

	AuthorizedAt time.Time `json:"authorized_at,omitzero"` // own time of the newest authorisation
	RelievedAt   time.Time `json:"relieved_at,omitzero"`   // own time of the newest withdrawal
	ActivatedAt  time.Time `json:"activated_at,omitzero"`  // by our clock
	ChangedAt    time.Time `json:"changed_at,omitzero"`    // by our clock

	LostAt   time.Time `json:"lost_at,omitzero"`   // when an exchange proved to have ended without its answer reaching us, by the clock that orders codes; what was pushed before is spent with it
	Reauths  int       `json:"reauths,omitempty"`  // new codes asked for since the corp was last active
	ReauthAt time.Time `json:"reauth_at,omitzero"` // when that was done last, by our clock

	History []HistoryEntry `json:"history,omitempty"`

	loaded     Status // the state when it was read, for the count by state
	loadedName string // the name when it was read
}

// appRecord is an app with the own time of the event that last stopped or restored it.
type appRecord struct {
	Agent
	OrderedAt time.Time `json:"ordered_at,omitzero"`
}

// workRecord is what is still to be done for one corp of one suite. It exists
// as long as something is: done work leaves no record.
type workRecord struct {
	ID       string       `json:"id"`
	Codes    []codeRecord `json:"codes,omitempty"`    // to be exchanged, oldest push first
	Activate bool         `json:"activate,omitempty"` // tell DingTalk with the stored permanent code
	Refresh  time.Time    `json:"refresh,omitzero"`   // ask for apps and scope: since when that is wanted
	Missing  bool         `json:"missing,omitempty"`  // an authorisation whose code never came
	Reauth   bool         `json:"reauth,omitempty"`   // ask DingTalk for a new code
	Failure  *Failure     `json:"failure,omitempty"`  // why the last try did not succeed
	Attempts int          `json:"attempts,omitempty"` // tries since the last success
	NextAt   time.Time    `json:"next_at,omitzero"`   // not before; zero: now
	PushedAt time.Time    `json:"pushed_at,omitzero"` // arrival of the newest code, for measuring
}

type codeRecord struct {
	Code       string    `json:"code"`
	Event      EventID   `json:"event"`
	OrderedAt  time.Time `json:"ordered_at"` // the push's own time
	ReceivedAt time.Time `json:"received_at"`
	StartedAt  time.Time `json:"started_at,omitzero"` // an exchange was begun: the code may be burnt
}

// Failure says why an authorisation cannot be brought forward right now.
type Failure struct {
	Alert   AlertCode `json:"alert"`
	Code    string    `json:"code,omitempty"` // DingTalk's errcode
	Message Phrase    `json:"message"`        // DingTalk's words, or ours
	Address string    `json:"address,omitempty"`
	At      time.Time `json:"at"`
	Final   bool      `json:"final,omitempty"`  // trying again cannot help
	Curing  bool      `json:"curing,omitempty"` // a new code is asked for within cureTime, which may be all that is needed

	CorpName string `json:"corp_name,omitempty"` // of a final one, if it is known: a report reads no authorisations
}

type tokenRecord struct {
	Value     string    `json:"value"`
	AskedAt   time.Time `json:"asked_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

type countRecord map[Status]int

type eventRecord struct {
	ID         EventID
	Suite      SuiteKey
	Type       string
	Corp       CorpID
	Source     Source
	IssuedAt   time.Time // the event's own time, as it said
	ReceivedAt time.Time
	Outcome    Outcome
	Reason     Phrase // why quarantined or stale
	Duplicates int
	Payload    []byte
}

type printRecord struct {
	Event  EventID
	SeenAt time.Time // to the millisecond
}

// printCodec writes fingerprints short: there are as many as events, and they
// stay longer.
type printCodec struct{}

const printSize = len(EventID{}) + 8

func (printCodec) Encode(p printRecord) ([]byte, error) {
	b := append(make([]byte, 0, printSize), p.Event[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(p.SeenAt.UnixMilli())), nil
}

func (printCodec) Decode(data []byte) (p printRecord, err error) {
	if len(data) != printSize {
		return p, fmt.Errorf("fingerprint of %d bytes, want %d", len(data), printSize)
	}
	n := copy(p.Event[:], data)
	p.SeenAt = time.UnixMilli(int64(binary.BigEndian.Uint64(data[n:]))).UTC()
	return p, nil
}

func suiteID(suite SuiteKey) store.Key { return store.Key{}.Text(string(suite)) }

func corpID(suite SuiteKey, corp CorpID) store.Key { return suiteID(suite).Text(string(corp)) }

// printID is where an event's fingerprint stands: led by the event's own time,
// which a retry repeats, since keys in random order are what costs in a B+tree.
func printID(suite SuiteKey, in incoming) []byte {
	sum := sha256.Sum256(in.Raw)
	return append(suiteID(suite).Time(in.Stamp), sum[:]...)
}
