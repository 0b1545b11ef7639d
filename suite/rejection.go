package suite

import (
	"maps"
	"slices"
	"strings"
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
	Got        string // the key that the push carried, with RejectSuiteKey if it can be read; with RejectUnknown that in its path
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
	RejectUnknown    RejectReason = "unknown_suite"
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
	beside bool // a push of a configured suite was taken meanwhile
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
	if r.Reason != RejectUnknown {
		k.answers.refused(r.Suite, r.At)
	}
}

// Plausible tells whether the key can be one of a suite's that DingTalk made, and
// not whatever somebody tries.
func (k SuiteKey) Plausible() bool {
	rest, ok := strings.CutPrefix(string(k), "suite")
	return ok && len(rest) >= 10 && len(rest) <= 30 &&
		!strings.ContainsFunc(rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
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
	run.beside = run.beside || slices.ContainsFunc(configured, func(s SuiteKey) bool { return r.accepted[s].After(run.since) })
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
	allTaken := func() bool {
		return len(configured) > 0 && !slices.ContainsFunc(configured, func(key SuiteKey) bool { return !taken(key) })
	}
	age := now.Sub(run.newest.At)
	stray := run.count <= strays && age > strayAlarmed
	switch suite := run.newest.Suite; {
	case age > rejectionAlarmed:
		return true
	case run.newest.Reason == RejectUnknown:
		// Pushes of other suites say nothing about this one, unless they were
		// missing while its key was in the path: then that was wrong.
		return stray || slices.Contains(configured, SuiteKey(run.newest.Got)) || (!run.beside && allTaken())
	case taken(suite):
		return true
	case suite != "":
		return false
	default:
		return stray || (age > strayQuiet && allTaken())
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
