package suite

import (
	"maps"
	"sync"
	"time"
)

// Rejection is a push that was refused at the door, for operators. The peer
// was told nothing of the reason.
type Rejection struct {
	At         time.Time
	Suite      SuiteKey // empty when the push was for no suite that we know
	RemoteAddr string
	Reason     RejectReason
	Got        string // with RejectSuiteKey: the key that the push carried, if it can be read
}

// RejectReason classes a refused push.
type RejectReason string

// The reasons.
const (
	RejectSignature  RejectReason = "bad_signature"
	RejectCiphertext RejectReason = "undecryptable"
	RejectSuiteKey   RejectReason = "wrong_suite_key"
	RejectNotJSON    RejectReason = "not_json"
	RejectSource     RejectReason = "source_not_allowed"
)

// maxRejections is how many refused pushes are remembered.
const maxRejections = 200

// rejections remembers the refused pushes since the start. It is safe for
// concurrent use.
type rejections struct {
	mu       sync.Mutex
	last     [maxRejections]Rejection // number n at n % maxRejections
	n        int                      // refused so far
	counts   map[RejectReason]int
	newest   map[rejectKey]Rejection
	accepted map[SuiteKey]time.Time
}

type rejectKey struct {
	suite  SuiteKey
	reason RejectReason
}

func newRejections() *rejections {
	return &rejections{counts: map[RejectReason]int{}, newest: map[rejectKey]Rejection{}, accepted: map[SuiteKey]time.Time{}}
}

// Reject notes a push that was refused.
func (k *Keeper) Reject(r Rejection) {
	if _, ok := k.suite(r.Suite); !ok {
		r.Suite = ""
	}
	k.rejections.add(r)
	k.answers.refused(r.Suite, r.At)
}

// Rejections reports what was refused since the start.
func (k *Keeper) Rejections() RejectionReport { return k.rejections.report() }

func (r *rejections) add(rej Rejection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[r.n%maxRejections] = rej
	r.n++
	r.counts[rej.Reason]++
	r.newest[rejectKey{rej.Suite, rej.Reason}] = rej
}

func (r *rejections) report() RejectionReport {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := RejectionReport{Counts: maps.Clone(r.counts)}
	for i := 1; i <= min(r.n, maxRejections); i++ {
		report.Rejections = append(report.Rejections, r.last[(r.n-i)%maxRejections])
	}
	return report
}

// accept notes that a push of the suite was taken, which ends what was wrong.
func (r *rejections) accept(suite SuiteKey, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accepted[suite] = at
}

// pending returns the newest refused push of that suite and reason, if no push
// of the suite was accepted since and it is not older than maxAge.
func (r *rejections) pending(suite SuiteKey, reason RejectReason, now time.Time, maxAge time.Duration) (Rejection, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rej, ok := r.newest[rejectKey{suite, reason}]
	if !ok || now.Sub(rej.At) > maxAge || r.accepted[suite].After(rej.At) {
		return Rejection{}, false
	}
	return rej, true
}
