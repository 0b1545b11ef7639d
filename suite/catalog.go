package suite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AlertCode names a condition that needs a person.
type AlertCode string

// The alerts. The catalogue says for each what happened and what to do.
const (
	AlertTicketMissing           AlertCode = "ticket_missing"
	AlertTicketStale             AlertCode = "ticket_stale"
	AlertTicketRejected          AlertCode = "ticket_rejected"
	AlertCodeBurnt               AlertCode = "code_burnt"
	AlertCodeMissing             AlertCode = "code_missing"
	AlertAddressNotWhitelisted   AlertCode = "address_not_whitelisted"
	AlertSuiteSecretWrong        AlertCode = "suite_secret_wrong"
	AlertSuiteKeyWrong           AlertCode = "suite_key_wrong"
	AlertNotAuthorized           AlertCode = "not_authorized"
	AlertReauthorizeNeeded       AlertCode = "reauthorize_needed"
	AlertPermanentCodeWrong      AlertCode = "permanent_code_wrong"
	AlertThrottled               AlertCode = "throttled"
	AlertPlatformUnreachable     AlertCode = "platform_unreachable"
	AlertPlatformRefused         AlertCode = "platform_refused"
	AlertClockSkew               AlertCode = "clock_skew"
	AlertEventsQuarantined       AlertCode = "events_quarantined"
	AlertPushesRejectedSignature AlertCode = "pushes_rejected_signature"
	AlertPushesRejectedAESKey    AlertCode = "pushes_rejected_aes_key"
	AlertPushesRejectedSuiteKey  AlertCode = "pushes_rejected_suite_key"
	AlertPushesRejectedNotJSON   AlertCode = "pushes_rejected_not_json"
	AlertPushesRejectedSource    AlertCode = "pushes_rejected_source"
	AlertSuiteUnknown            AlertCode = "suite_unknown"
	AlertTicketGivenUp           AlertCode = "ticket_given_up"
	AlertAnswerNotAccepted       AlertCode = "answer_not_accepted"
	AlertOverloaded              AlertCode = "overloaded"
	AlertStoreSlow               AlertCode = "store_slow"
	AlertDiskAlmostFull          AlertCode = "disk_almost_full"
	AlertDiskFull                AlertCode = "disk_full"
	AlertBackupFailed            AlertCode = "backup_failed"
	AlertRecordDamaged           AlertCode = "record_damaged"
)

// Severity tells how urgent an alert is.
type Severity string

// The severities.
const (
	SeverityCritical Severity = "critical" // something does not work until a person acts
	SeverityWarning  Severity = "warning"  // something may come to that, or concerns single events
)

// rank orders severities, the most urgent first.
func (s Severity) rank() int {
	if s == SeverityCritical {
		return 0
	}
	return 1
}

// Text is the same in English and Chinese.
type Text struct{ EN, ZH string }

// asItIs is for what has no translation: DingTalk's words, or ours of the log.
func asItIs(s string) Text { return Text{s, s} }

// Entry is what the catalogue says about an alert. Message tells what happened,
// Cure what to do next; both have placeholders, which Fill replaces.
type Entry struct {
	Code     AlertCode
	Severity Severity
	Message  Text
	Cure     Text
}

// AlertEntries returns the catalogue of alerts. The slice is the caller's.
func AlertEntries() []Entry { return slices.Clone(alertEntries) }

// Values are what the placeholders of an entry stand for. They are shown to
// operators, so they hold no secrets. An absent one reads as "unknown".
type Values struct {
	Suite    SuiteKey      // {suite}
	Corp     CorpID        // {corp}, after its name
	CorpName string        // as far as it is known
	Address  string        // {address}: an IP address, ours or the peer's
	Code     string        // {code}: DingTalk's errcode
	Got      string        // {got}: the key that a push carried
	Detail   Text          // {detail}: what exactly went wrong
	Count    int           // {count}
	Age      time.Duration // {age}
	Skew     time.Duration // {skew}: by how much our clock is ahead of DingTalk's, negative when behind
}

// Fill returns the entry's texts with their placeholders replaced. A value that
// looks like a placeholder is not replaced again.
func (e Entry) Fill(v Values) (message, cure Text) {
	en := v.words("unknown", v.Detail.EN, ageEN(v.Age), skewEN(v.Skew))
	zh := v.words("未知", v.Detail.ZH, ageZH(v.Age), skewZH(v.Skew))
	return Text{en.fill(e.Message.EN), zh.fill(e.Message.ZH)}, Text{en.fill(e.Cure.EN), zh.fill(e.Cure.ZH)}
}

// NamedCorp is a company as people know it, with the id that it has at DingTalk;
// the id alone while its name is not known, and nothing without an id.
func NamedCorp(id CorpID, name string) string {
	if id == "" || name == "" {
		return string(id)
	}
	return name + " (" + string(id) + ")"
}

// words are what placeholders, without their braces, are replaced by.
type words map[string]string

func (v Values) words(unknown, detail, age, skew string) words {
	w := words{
		"suite": string(v.Suite), "corp": NamedCorp(v.Corp, v.CorpName), "address": v.Address, "code": v.Code, "got": v.Got, "detail": detail,
		"count": strconv.Itoa(v.Count), "age": age, "skew": skew,
	}
	for name, word := range w {
		if word == "" {
			w[name] = unknown
		}
	}
	return w
}

// fill replaces what it knows. There are too many texts to be filled for a
// strings.Replacer, which is made for one set of words and many texts.
func (w words) fill(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if word, known := w[name]; known && closed {
			b.WriteString(word)
			text = after
			continue
		}
		b.WriteByte('{')
		text = rest
	}
}

func ageEN(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	h, m := hoursMinutes(d)
	if h == 0 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

func ageZH(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d 秒", d/time.Second)
	}
	h, m := hoursMinutes(d)
	if h == 0 {
		return fmt.Sprintf("%d 分钟", m)
	}
	return fmt.Sprintf("%d 小时 %d 分钟", h, m)
}

func skewEN(d time.Duration) string {
	if d < 0 {
		return ageEN(-d) + " behind"
	}
	return ageEN(d) + " ahead of"
}

func skewZH(d time.Duration) string {
	if d < 0 {
		return "慢 " + ageZH(-d)
	}
	return "快 " + ageZH(d)
}

func hoursMinutes(d time.Duration) (h, m int64) {
	minutes := int64(d.Round(time.Minute) / time.Minute)
	return minutes / 60, minutes % 60
}

// entryOf returns the entry of one of the alerts above.
func entryOf(code AlertCode) Entry {
	for _, e := range alertEntries {
		if e.Code == code {
			return e
		}
	}
	// The catalogue's test sees to it that every alert has its entry.
	return Entry{Code: code, Severity: SeverityWarning, Message: Text{"{detail}", "{detail}"}}
}

// alertFor is the alert that a fault of DingTalk's API amounts to when it lasts.
func alertFor(f Fault) AlertCode {
	switch f {
	case FaultTransient:
		return AlertPlatformUnreachable
	case FaultThrottled:
		return AlertThrottled
	case FaultTicket:
		return AlertTicketRejected
	case FaultCodeSpent, FaultCodeExpired:
		return AlertCodeBurnt
	case FaultNotAuthorized:
		return AlertNotAuthorized
	case FaultReauthorize:
		return AlertReauthorizeNeeded
	case FaultPermanentCode:
		return AlertPermanentCodeWrong
	case FaultAddress:
		return AlertAddressNotWhitelisted
	case FaultSecret:
		return AlertSuiteSecretWrong
	case FaultSuiteKey:
		return AlertSuiteKeyWrong
	default: // a token that stays invalid is as strange as a code that we do not know
		return AlertPlatformRefused
	}
}

// CodeEntry says what one of DingTalk's codes means and what to do about it.
type CodeEntry struct {
	Code    string
	Meaning Text
	Cure    Text
}

// URLCheck tells the codes that DingTalk shows when a callback URL is
// registered from those of its API.
func (e CodeEntry) URLCheck() bool { return strings.HasPrefix(e.Code, "7") }

// CodeEntries returns the catalogue of DingTalk's codes. The slice is the
// caller's.
func CodeEntries() []CodeEntry { return slices.Clone(codeEntries) }

// ExplainCode explains a code of DingTalk's API, be it a number of the classic
// or a word of the newer host, or one that DingTalk shows when a callback URL
// is registered. It reports whether the code is known.
func ExplainCode(code string) (CodeEntry, bool) {
	listed := listedCode(code)
	for _, e := range codeEntries {
		if e.Code == listed {
			e.Code = code
			return e, true
		}
	}
	return CodeEntry{}, false
}
