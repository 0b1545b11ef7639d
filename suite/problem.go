package suite

import (
	"strconv"
	"strings"
)

// ProblemError is an error that the catalogue explains to whoever asked. It names
// suite, corp or event, and holds no secrets. Two with the same problem are the
// same to errors.Is, whatever their values.
type ProblemError struct {
	Problem Problem
	Values  Values // for the texts of the catalogue
}

// Error returns what happened, in English.
func (e *ProblemError) Error() string {
	message, _ := e.Explain()
	return strings.TrimSuffix(message.EN, ".")
}

// Is implements errors.Is.
func (e *ProblemError) Is(target error) bool {
	other, ok := target.(*ProblemError)
	return ok && other.Problem == e.Problem
}

// Explain says what happened, and what to do.
func (e *ProblemError) Explain() (message, cure Text) { return e.Problem.Entry().Fill(e.Values) }

// The reasons for which what operators ask of a Keeper is refused. Errors wrap
// others of the same problem that name suite, corp or event.
var (
	// ErrNotFound says that there is no such event, authorisation or replay.
	ErrNotFound = &ProblemError{Problem: ProblemNotFound}
	// ErrUnknownSuite says that no suite of that key is configured.
	ErrUnknownSuite = &ProblemError{Problem: ProblemUnknownSuite}
	// ErrBadQuery says that a query asks for what cannot be: a cursor that was
	// not given out, a limit out of range, a state or outcome that is none.
	ErrBadQuery = &ProblemError{Problem: ProblemInvalid}
	// ErrNoCode says that there is no permanent code that could be shown.
	ErrNoCode = &ProblemError{Problem: ProblemNoCode}
	// ErrNothingToRetry says that trying again has no point as things stand.
	ErrNothingToRetry = &ProblemError{Problem: ProblemNothingToRetry}
	// ErrReplayRuns says that events are being processed again already.
	ErrReplayRuns = &ProblemError{Problem: ProblemReplayRuns}
)

// NotFound says that there is no such thing, which a phrase names.
func NotFound(what Phrase) *ProblemError {
	return &ProblemError{ProblemNotFound, Values{Detail: what.Text()}}
}

// NoEvent says that there is no such event, or not any more.
func NoEvent(id string) *ProblemError { return NotFound(Say(SayEvent, id)) }

func noAuthorization(suite SuiteKey, corp CorpID) *ProblemError {
	return NotFound(Say(SayAuthorization, string(corp), string(suite)))
}

// BadQuery says what about a query cannot be.
func BadQuery(why Phrase) *ProblemError {
	return &ProblemError{ProblemInvalid, Values{Detail: why.Text()}}
}

// namedSuites is how many suites are named to whoever asks for none of them.
const namedSuites = 5

// UnknownSuite says that a suite is not configured, and which are.
func UnknownSuite(key SuiteKey, configured []SuiteKey) *ProblemError {
	names := make([]string, 0, namedSuites)
	for _, one := range configured[:min(len(configured), namedSuites)] {
		names = append(names, string(one))
	}
	known := AsItIs(strings.Join(names, ", "))
	switch more := len(configured) - len(names); {
	case len(names) == 0:
		known = Say(SayNoSuites)
	case more > 0:
		known = Say(SaySuitesMore, string(known), strconv.Itoa(more))
	}
	return &ProblemError{ProblemUnknownSuite, Values{Suite: key, Detail: known.Text()}}
}

func (k *Keeper) unknownSuite(key SuiteKey) *ProblemError { return UnknownSuite(key, k.roster().order) }
