package suite_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"suitekeeper/suite"
)

func TestRevealedCodeIsDingTalks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		code, err := w.keeper.RevealPermanentCode(w.ctx, ops, testSuite, "ding01")
		w.must(err)
		if c, _ := w.platform.Corp(testSuite, "ding01"); code.Reveal() != c.PermanentCode || code == "" {
			t.Errorf("RevealPermanentCode = %q, want %q", code.Reveal(), c.PermanentCode)
		}
	})
}

func TestCodeOfAWithdrawnAuthorisationIsNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		w.authorize("ding01", 1)
		w.settle(time.Second)
		w.must(w.platform.Relieve(testSuite, "ding01"))
		w.settle(time.Second)
		for corp, want := range map[suite.CorpID]error{"ding01": suite.ErrNoCode, "ding02": suite.ErrNotFound} {
			if code, err := w.keeper.RevealPermanentCode(w.ctx, ops, testSuite, corp); !errors.Is(err, want) || code != "" {
				t.Errorf("RevealPermanentCode of %s = %q, %v, want nothing and %v", corp, code.Reveal(), err, want)
			}
		}
		if log := w.auditLog(); len(log) != 0 {
			t.Errorf("audit log = %+v, want nothing, for nothing was shown", log)
		}
	})
}

func TestRevealedEventIsAsItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ticket()
		id := w.event("suite_ticket").ID
		masked, err := w.keeper.Event(w.ctx, id)
		w.must(err)
		revealed, err := w.keeper.RevealEvent(w.ctx, ops, id)
		w.must(err)
		s, _ := w.platform.Suite(testSuite)
		if strings.Contains(string(masked.Payload), s.Ticket) || !strings.Contains(string(revealed.Payload), s.Ticket) {
			t.Errorf("payload is %s, revealed %s, want the ticket in the second only", masked.Payload, revealed.Payload)
		}
		if masked.Revealed || !revealed.Revealed || masked.Event != revealed.Event {
			t.Errorf("event is %+v, revealed %+v, want the same but revealed", masked, revealed)
		}
		if _, err := w.keeper.RevealEvent(w.ctx, ops, suite.EventID{1}); !errors.Is(err, suite.ErrNotFound) {
			t.Errorf("RevealEvent of an unknown event = %v, want ErrNotFound", err)
		}
	})
}
