package suite

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStoredEventsReadAsWritten(t *testing.T) {
	at := time.Date(2026, 11, 1, 8, 0, 0, 123456789, time.UTC)
	for name, e := range map[string]eventRecord{
		"full": {ID: (&idSource{}).next(at), Suite: "suite1", Type: "类型", Corp: "ding01", Source: SourceSyncHTTP, IssuedAt: at.Truncate(time.Millisecond),
			ReceivedAt: at, Outcome: OutcomeQuarantined, Reason: "why", Duplicates: 300, Payload: []byte(`{"a":1}`)},
		"bare": {ReceivedAt: at},
	} {
		data, err := eventCodec{}.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := eventCodec{}.Decode(data)
		if diff := cmp.Diff(e, got); diff != "" || err != nil {
			t.Errorf("%s: %v, difference (-written +read):\n%s", name, err, diff)
		}
		for n := range len(data) - len(e.Payload) {
			if _, err := (eventCodec{}).Decode(data[:n]); err == nil {
				t.Errorf("%s: its first %d bytes read as an event", name, n)
			}
		}
	}
}

func FuzzStoredEvent(f *testing.F) {
	data, err := eventCodec{}.Encode(eventRecord{Suite: "suite1", Type: "x", Payload: []byte("{}")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := eventCodec{}.Decode(data)
		if err != nil {
			return
		}
		again, err := eventCodec{}.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if e2, err := (eventCodec{}).Decode(again); err != nil || cmp.Diff(e, e2) != "" {
			t.Errorf("an event changes when it is written again: %+v, %+v, %v", e, e2, err)
		}
	})
}
