package suite

import (
	"maps"
	"slices"
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

// How long refused pushes are alarmed, after the newest of them. What is for no
// suite that we know has none whose next accepted push would end it: DingTalk
// pushes again within the minute what was refused, so a few that do not come again
// are somebody's who strayed.
const (
	rejectionAlarmed = time.Hour
	strayAlarmed     = 5 * time.Minute
	strays           = 2           // more than that push on
	strayQuiet       = time.Minute // after which accepted pushes of all suites tell that none is missing
)

// rejections remembers the refused pushes since the start. It is safe for
// concurrent use.
type rejections struct {
	mu       sync.Mutex
	last     [maxRejections]Rejection // number n at n % maxRejections
	n        int                      // refused so far
	counts   map[RejectReason]int
	runs     map[rejectKey]rejectRun
	accepted map[SuiteKey]time.Time
}

// rejectRun are refused pushes of one suite and reason, between which nothing said
// that it was over.
type rejectRun struct {
	newest Rejection
	since  time.Time
	count  int
}

type rejectKey struct {
	suite  SuiteKey
	reason RejectReason
}

func newRejections() *rejections {
	return &rejections{counts: map[RejectReason]int{}, runs: map[rejectKey]rejectRun{}, accepted: map[SuiteKey]time.Time{}}
}

// Reject notes a push that was refused.
func (k *Keeper) Reject(r Rejection) {
	if _, ok := k.suite(r.Suite); !ok {
		r.Suite = ""
	}
	k.rejections.add(r, k.roster().order)
	k.answers.refused(r.Suite, r.At)
}

// Rejections reports what was refused since the start.
func (k *Keeper) Rejections() RejectionReport { return k.rejections.report() }

func (r *rejections) add(rej Rejection, configured []SuiteKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[r.n%maxRejections] = rej
	r.n++
	r.counts[rej.Reason]++
	key := rejectKey{rej.Suite, rej.Reason}
	run := r.runs[key]
	if run.count == 0 || r.over(run, rej.At, configured) {
		run = rejectRun{since: rej.At}
	}
	run.newest, run.count = rej, run.count+1
	r.runs[key] = run
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

// pending returns the refused pushes of that suite and reason, unless they are over.
func (r *rejections) pending(suite SuiteKey, reason RejectReason, now time.Time, configured []SuiteKey) (rejectRun, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	run, ok := r.runs[rejectKey{suite, reason}]
	return run, ok && !r.over(run, now, configured)
}

// over tells whether what was wrong has ended: a push of the suite was taken
// since, or there was none for long.
func (r *rejections) over(run rejectRun, now time.Time, configured []SuiteKey) bool {
	taken := func(suite SuiteKey) bool { return r.accepted[suite].After(run.newest.At) }
	age := now.Sub(run.newest.At)
	switch suite := run.newest.Suite; {
	case age > rejectionAlarmed || taken(suite):
		return true
	case suite != "":
		return false
	case age > strayQuiet && len(configured) > 0 && !slices.ContainsFunc(configured, func(key SuiteKey) bool { return !taken(key) }):
		return true
	default:
		return run.count <= strays && age > strayAlarmed
	}
}

// KeysChanged says that pushes of these suites are taken from now on under other
// keys than before, so that none that was refused before tells of anything now.
func (k *Keeper) KeysChanged(suites []SuiteKey) {
	now := time.Now().UTC()
	for _, key := range append(slices.Clone(suites), "") { // what fitted no suite may fit now
		k.rejections.accept(key, now)
	}
}
