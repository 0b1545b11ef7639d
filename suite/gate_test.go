package suite

import (
	"testing"
	"time"
)

// TestGateThatClosesAsItsProbeEndsIsProbedAgain has a ticket open the gate while
// its probe is on the way, and another refusal close it again before the probe has
// found that there is nothing left for it to do.
func TestGateThatClosesAsItsProbeEndsIsProbedAgain(t *testing.T) {
	s := newSchedule()
	shut := func() { s.closeGate("suite1", Failure{Alert: AlertTicketRejected, At: time.Now()}) }
	shut()
	later := time.Now().Add(time.Hour)
	probe, ok, _ := s.next(later)
	if !ok || probe.ID != probeID {
		t.Fatalf("next = %v, %v, want the probe", probe, ok)
	}
	s.newCredentials("suite1")
	shut()
	s.done(probe, due{})
	if again, ok, _ := s.next(later); !ok || again != probe {
		t.Errorf("next = %v, %v, want the probe once more", again, ok)
	}
}
