package suite

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"suitekeeper/store"
)

// load reads a corp's authorisation and work; both are zero for a corp that we
// do not know.
func (a *applier) load(corp CorpID) (authRecord, workRecord, error) {
	key := corpID(a.suite, corp)
	auth, err := auths.Get(a.w, key)
	if errors.Is(err, store.ErrNotFound) {
		auth, err = authRecord{Suite: a.suite, Corp: corp}, nil
	}
	if err != nil {
		return authRecord{}, workRecord{}, err
	}
	auth.loaded, auth.loadedName = auth.Status, auth.CorpName
	work, err := works.Get(a.w, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return authRecord{}, workRecord{}, err
	}
	return auth, work, nil
}

// called takes the name of a corp that DingTalk tells, unless it is none, or
// longer than anybody could read in a list or an alert.
func (r *authRecord) called(name string) {
	if name != "" && len(name) <= maxName {
		r.CorpName = name
	}
}

// save writes an authorisation with its work, keeps the count of
// authorisations by state and what lists go by, and has the workers look at
// the work.
func (a *applier) save(auth authRecord, work workRecord) error {
	auth.ChangedAt = a.receivedAt
	if err := auths.Put(a.w, corpID(a.suite, auth.Corp), auth); err != nil {
		return err
	}
	if err := a.count(auth.loaded, auth.Status); err != nil {
		return err
	}
	if err := a.journal(auth); err != nil {
		return err
	}
	return a.saveWork(workRef{Suite: a.suite, ID: string(auth.Corp)}, work)
}

func (a *applier) saveWork(ref workRef, work workRecord) error {
	a.work = append(a.work, ref)
	if work.empty() {
		return works.Delete(a.w, ref.key())
	}
	work.ID = ref.ID
	a.afterwards(func() { a.failing.note(ref.Suite, work) })
	return works.Put(a.w, ref.key(), work)
}

func (a *applier) count(from, to Status) error {
	if from == to {
		return nil
	}
	key := suiteID(a.suite)
	n, err := counts.Get(a.w, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if n == nil {
		n = countRecord{}
	}
	if from != StatusNone {
		n[from]--
	}
	n[to]++
	return counts.Put(a.w, key, n)
}

// live tells whether there is a permanent code that may be handed out.
func (r *authRecord) live() bool { return r.PermanentCode != "" && !r.CodeVoid }

func (r *authRecord) keepCode(code Secret, at time.Time) {
	r.PermanentCode, r.CodeStoredAt, r.CodeVoid = code.Reveal(), at, false
}

// move applies an input and writes down what it changed.
func (r *authRecord) move(in input, at time.Time, event *EventID, detail Phrase) {
	from := r.Status
	r.Status = from.next(in)
	if from == r.Status && event == nil {
		return
	}
	entry := HistoryEntry{At: at, Event: event, What: in.String(), Detail: detail}
	if from != r.Status {
		entry.From, entry.To = from, r.Status
	}
	r.note(entry)
}

// moveByApps follows the apps: an authorisation is disabled when every app of
// the suite that we know of is stopped.
func (r *authRecord) moveByApps(at time.Time, event *EventID) {
	if len(r.Apps) == 0 {
		return
	}
	in := inputStopped
	if slices.ContainsFunc(r.Apps, func(app appRecord) bool { return !app.Stopped }) {
		in = inputRestored
	}
	if r.Status.next(in) != r.Status {
		r.move(in, at, event, "")
	}
}

// setScope takes a new scope and keeps in the history what the old one was.
func (r *authRecord) setScope(scope *Scope, at time.Time, event *EventID) {
	if scope == nil {
		return
	}
	if r.Scope != nil && !r.Scope.equal(scope) {
		r.note(HistoryEntry{At: at, Event: event, What: "scope_changed",
			Detail: Say(SayScopeChanged, string(r.Scope.phrase()), string(scope.phrase())), Scopes: &ScopeChange{Was: *r.Scope, Is: *scope}})
	}
	r.Scope = scope
}

// setApps takes the list of apps that DingTalk gives; what an app's own event
// said of it stays.
func (r *authRecord) setApps(agents []Agent) {
	if len(agents) == 0 {
		return
	}
	apps := make([]appRecord, 0, len(agents))
	for _, agent := range agents {
		app := appRecord{Agent: agent}
		if i := r.appIndex(agent); i >= 0 {
			known := r.Apps[i]
			app.OrderedAt, app.Stopped = known.OrderedAt, known.Stopped || agent.Stopped
		}
		apps = append(apps, app)
	}
	r.Apps = apps
}

// appIndex finds an app by whichever of its two numbers both sides know.
func (r *authRecord) appIndex(agent Agent) int {
	return slices.IndexFunc(r.Apps, func(app appRecord) bool {
		if agent.AgentID != 0 && app.AgentID != 0 {
			return agent.AgentID == app.AgentID
		}
		return agent.AppID != 0 && agent.AppID == app.AppID
	})
}

// phrase lists what the scope opens.
func (s *Scope) phrase() Phrase {
	return Say(SayScope, fmt.Sprint(s.Departments), fmt.Sprint(s.Users), fmt.Sprint(s.UserFields), fmt.Sprint(s.ConditionFields))
}

func (s *Scope) equal(o *Scope) bool {
	return slices.Equal(s.UserFields, o.UserFields) && slices.Equal(s.ConditionFields, o.ConditionFields) &&
		slices.Equal(s.Departments, o.Departments) && slices.Equal(s.Users, o.Users)
}
