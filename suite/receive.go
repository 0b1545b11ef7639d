package suite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Push is one decrypted push, of whose signature the caller is sure.
type Push struct {
	Suite      SuiteKey
	Text       []byte    // the decrypted text; kept by the Keeper, so not to be changed afterwards
	SignedAt   time.Time // the envelope's timestamp; zero when there was none
	ReceivedAt time.Time // zero: now
}

// Receipt says what became of a push that is safe on disk.
type Receipt struct {
	Reply      string // the text that DingTalk wants back, to be encrypted
	Type       string // the push's EventType
	Outcome    Outcome
	Events     int // how many events it held
	Duplicates int // how many of them were known already

	Quarantined int     // how many of the others are odd, and so kept and not applied
	Odd         EventID // the first of these
	Reason      Phrase  // and what is odd about it
}

// replySuccess is what DingTalk wants to read, encrypted.
const replySuccess = "success"

// Receive makes a push durable together with all it changes and the work it
// causes, in one update of the store. When it returns nil, that is on disk; the
// slow things come after, from Run. It never calls DingTalk.
//
// A repeat of a known event changes nothing and is a success. What is
// authentic but odd is kept in quarantine and is a success, except a text that
// is no JSON object: it is kept as well, but the error wraps ErrNotJSON, for
// the peer must not learn that it got this far. Any other error means that
// the push may or may not be stored and must be refused, so that it comes again.
func (k *Keeper) Receive(ctx context.Context, p Push) (Receipt, error) {
	cfg, ok := k.suite(p.Suite)
	if !ok {
		return Receipt{}, fmt.Errorf("receive push: %w", k.unknownSuite(p.Suite))
	}
	if p.ReceivedAt.IsZero() {
		p.ReceivedAt = time.Now()
	}
	p.ReceivedAt = p.ReceivedAt.UTC()
	k.clock.observe(p)

	msg, parseErr := parse(p.Text)
	if parseErr != nil {
		msg = message{Events: []incoming{{Source: SourceHTTP, Raw: p.Text, Odd: notJSON}}}
	}
	refuseForeign(msg, p.Suite)

	run := new(atomic.Pointer[applier])
	a, err := k.update(ctx, p.Suite, p.ReceivedAt, func(a *applier) error {
		err := a.apply(msg.Events)
		run.Store(a)
		return err
	})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) { // the push is refused as too late, stored or not
		k.refusals.add(refusalKey{p.Suite, AlertStoreSlow}, 1, time.Now().UTC())
	}
	if err != nil {
		if ctx.Err() != nil {
			k.late.add(latePush{gaveUpAt: time.Now(), run: run})
		}
		k.answers.failed(p, msg)
		return Receipt{}, fmt.Errorf("store push for %s: %w", p.Suite, err)
	}
	k.applied(a)
	if parseErr != nil {
		return Receipt{}, fmt.Errorf("push for %s: %w", p.Suite, parseErr)
	}
	k.rejections.accept(p.Suite, p.ReceivedAt)
	k.activity.push(p.Suite, p.ReceivedAt)
	if ctx.Err() == nil {
		k.answers.acknowledged(p, msg, a.duplicates > 0 && a.duplicates == len(msg.Events))
	} else { // it is refused as too late
		k.answers.failed(p, msg)
	}
	return a.receipt(msg, cfg), nil
}

// foreignSuite begins the reason of an event that names another suite, as
// earlier versions stored it.
const foreignSuite = "the event names suite "

// refuseForeign quarantines the events that name another suite than the one
// whose key opened the envelope. URL checks are exempt: while a suite is being
// made, DingTalk itself is not sure of the key, and they change nothing.
func refuseForeign(msg message, key SuiteKey) {
	for i := range msg.Events {
		in := &msg.Events[i]
		if in.Odd == "" && in.Kind != kindURLCheck && in.SuiteKey != "" && in.SuiteKey != string(key) {
			in.Odd = Say(SayForeignSuite, in.SuiteKey, string(key))
		}
	}
}

// applied does what follows a commit: it wakes the workers and counts.
func (k *Keeper) applied(a *applier) {
	k.tally.add(a.stored)
	k.arrivals.add(a.stored)
	k.tally.cured(a.suite, a.cured)
	for _, e := range a.stored {
		k.metrics.events.WithLabelValues(string(e.Suite), string(e.Outcome)).Inc()
	}
	if a.newTicket {
		k.tokens.forget(a.suite) // one that is asked for with the ticket before may be refused
		k.schedule.newTicket(a.suite)
	}
	for _, ref := range a.work {
		k.schedule.wake(ref)
	}
}

// receipt sums up what the update did.
func (a *applier) receipt(msg message, cfg Suite) Receipt {
	r := Receipt{Reply: replySuccess, Type: msg.Type, Events: len(msg.Events), Duplicates: a.duplicates, Outcome: a.outcome}
	for _, e := range a.stored {
		if e.Outcome != OutcomeQuarantined {
			continue
		}
		if r.Quarantined++; r.Quarantined == 1 {
			r.Odd, r.Reason = e.ID, e.Reason
		}
	}
	if cfg.URLCheckReply == ReplyRandom && len(msg.Events) == 1 {
		if in := msg.Events[0]; in.Kind == kindURLCheck && in.Random != "" {
			r.Reply = in.Random
		}
	}
	return r
}
