package suite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// FuzzSyncRow promises that a row is one event whatever it holds, the same one
// whatever stands beside it, and that its neighbours are what they are without it.
func FuzzSyncRow(f *testing.F) {
	for _, row := range sampleRows(f) {
		f.Add([]byte(row))
	}
	const neighbour = `{"biz_type":7,"corp_id":"ding01","biz_id":"4711","gmt_modified":1608639751000,"biz_data":"{\"syncAction\":\"org_micro_app_stop\"}"}`
	sound := rows(f, neighbour)[0]
	if sound.Odd != "" || sound.Kind != kindAppStopped {
		f.Fatalf("the neighbour is %+v, want a sound event", sound)
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		if !jsontext.Value(row).IsValid(lenient) {
			return // not a row, but what stands around it
		}
		alone := rows(t, string(row))
		if alone == nil {
			return // too deep
		}
		list := rows(t, neighbour+","+string(row)+","+neighbour)
		if len(alone) != 1 || len(list) != 3 {
			t.Fatalf("row %q yields %d events, and %d with two neighbours, want 1 and 3", row, len(alone), len(list))
		}
		for i, want := range []incoming{sound, alone[0], sound} {
			if diff := cmp.Diff(want, list[i]); diff != "" {
				t.Errorf("event %d around row %q is another than alone (-alone +here):\n%s", i, row, diff)
			}
		}
		if got := alone[0]; got.Odd != "" && (got.Kind != kindOther || got.Ticket != "" || got.Grant != nil || got.Agents != nil) {
			t.Errorf("row %q yields an odd event that could be applied: %+v", row, got)
		}
	})
}

// rows are the events of a push of such rows, nil for no push at all.
func rows(tb testing.TB, text string) []incoming {
	tb.Helper()
	msg, err := parse([]byte(`{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[` + text + `]}`))
	if err != nil {
		return nil
	}
	return msg.Events
}

// sampleRows are the rows of DingTalk's samples.
func sampleRows(tb testing.TB) (list []jsontext.Value) {
	tb.Helper()
	files, err := filepath.Glob("testdata/events/sync/*.json")
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		var push struct {
			BizData []jsontext.Value `json:"bizData"`
		}
		if err := json.Unmarshal(text, &push); err != nil {
			continue // one of those that are odd as a whole
		}
		list = append(list, push.BizData...)
	}
	if len(list) < 20 {
		tb.Fatalf("only %d sample rows", len(list))
	}
	return list
}
