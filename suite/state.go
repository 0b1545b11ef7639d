package suite

// Status is where an authorisation stands.
type Status string

// The states of an authorisation. The picture is in the package documentation.
const (
	StatusNone     Status = ""         // nothing known of the corp
	StatusPending  Status = "pending"  // authorised, not yet active: the exchange is under way or waits
	StatusActive   Status = "active"   // the permanent code is stored and the app activated
	StatusDisabled Status = "disabled" // active, but the corp stopped every app of the suite
	StatusFailed   Status = "failed"   // cannot become active by itself; the failure names the cure
	StatusRelieved Status = "relieved" // the corp withdrew the authorisation
)

// Statuses lists the states that an authorisation can be in, as operators see them.
func Statuses() []Status {
	return []Status{StatusPending, StatusActive, StatusDisabled, StatusFailed, StatusRelieved}
}

// input is something that happens to an authorisation.
type input uint8

const (
	inputAuthorized input = iota // a tmp_auth_code was pushed
	inputGranted                 // SyncHTTP brought the authorisation with its permanent code
	inputActivated               // the exchange is done and the app activated
	inputFailed                  // the exchange cannot succeed by itself
	inputRelieved                // the corp withdrew
	inputStopped                 // no app of the suite runs any more
	inputRestored                // an app of the suite runs again
	inputSeen                    // an event, or DingTalk when asked, shows an authorisation whose code never came
	inputCount
)

var inputNames = [inputCount]string{"authorized", "granted", "activated", "failed", "relieved", "stopped", "restored", "seen"}

func (i input) String() string { return inputNames[i] }

// transitions is the one table of what an input makes of a state. What a row
// does not name leaves the state as it is: a withdrawn authorisation is not
// revived by the end of an exchange that was under way, nor a failed one by
// an app that runs again.
//
// Inputs arrive here in the order of the events' own times; apply.go sees to it.
var transitions = map[Status]map[input]Status{
	StatusNone: {
		inputAuthorized: StatusPending,
		inputGranted:    StatusActive,
		inputFailed:     StatusFailed,
		inputRelieved:   StatusRelieved,
		inputSeen:       StatusPending,
	},
	StatusPending: {
		inputGranted:   StatusActive,
		inputActivated: StatusActive,
		inputFailed:    StatusFailed,
		inputRelieved:  StatusRelieved,
	},
	StatusActive: {
		inputFailed:   StatusFailed, // the permanent code turned out wrong, or the authorisation gone
		inputRelieved: StatusRelieved,
		inputStopped:  StatusDisabled,
	},
	StatusDisabled: {
		inputFailed:   StatusFailed,
		inputRelieved: StatusRelieved,
		inputRestored: StatusActive,
	},
	StatusFailed: {
		inputAuthorized: StatusPending,
		inputGranted:    StatusActive,
		inputActivated:  StatusActive,
		inputRelieved:   StatusRelieved,
	},
	StatusRelieved: {
		inputAuthorized: StatusPending,
		inputGranted:    StatusActive,
		inputSeen:       StatusPending,
	},
}

// next is the state after in.
func (s Status) next(in input) Status {
	if to, ok := transitions[s][in]; ok {
		return to
	}
	return s
}
