package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// FuzzParse promises that no text makes parse panic, that every text becomes an
// error or at least one event, and that the memory taken stays within a
// multiple of the text.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/events/*/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range greedyTexts() {
		if len(text) < 1<<16 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var msg message
		var err error
		taken := allocated(func() { msg, err = parse(text) })
		if limit := memoryLimit(text); taken > limit {
			t.Errorf("parse of %d bytes took %d bytes of memory, want at most %d", len(text), taken, limit)
		}
		if err != nil {
			return
		}
		if len(msg.Events) == 0 {
			t.Errorf("parse(%q) yields no event", text)
		}
		for _, in := range msg.Events {
			if in.Odd != "" && (in.Kind != kindOther || in.Ticket != "" || in.AuthCode != "" || in.Grant != nil) {
				t.Errorf("parse(%q) yields an odd event that could be applied: %+v", text, in)
			}
			if len(in.Raw) == 0 || len(in.Corp) > maxID || len(in.Type) > maxID {
				t.Errorf("parse(%q) yields %+v", text, in)
			}
		}
	})
}

func TestParseMemoryIsBounded(t *testing.T) {
	for name, text := range greedyTexts() {
		t.Run(name, func(t *testing.T) {
			taken := allocated(func() { _, _ = parse([]byte(text)) })
			t.Logf("%d bytes took %d, %.1f times as much", len(text), taken, float64(taken)/float64(len(text)))
			if limit := memoryLimit([]byte(text)); taken > limit {
				t.Errorf("parse of %d bytes took %d bytes of memory, want at most %d", len(text), taken, limit)
			}
		})
	}
}

// greedyTexts are made to take much memory for their size.
func greedyTexts() map[string]string {
	const size = 1 << 20
	var names strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, `"%x":1,`, i)
	}
	deep := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	sync := func(rows string) string { return `{"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[` + rows + `]}` }
	grant := func(rest string) string {
		return sync(`{"biz_type":4,"corp_id":"d","biz_data":{"syncAction":"org_suite_auth","permanent_code":"p",` + rest + `}}`)
	}
	return map[string]string{
		"names":       `{` + names.String() + `"EventType":"x"}`,
		"sync names":  `{` + names.String() + `"EventType":"SYNC_HTTP_PUSH_HIGH","bizData":[]}`,
		"row names":   sync(`{` + names.String() + `"biz_type":1}`),
		"deep":        `{"EventType":"x","x":` + deep + `}`,
		"deep row":    sync(`{"biz_type":1,"biz_data":"` + deep + `"}`),
		"long string": `{"EventType":"` + strings.Repeat("a", size) + `"}`,
		"long ticket": `{"EventType":"suite_ticket","SuiteTicket":"` + strings.Repeat(`\u0041`, size/6) + `"}`,
		"long data":   sync(`{"biz_type":1,"biz_data":"` + strings.Repeat(`\"`, size/2) + `"}`),
		"tiny rows":   sync(strings.Repeat("1,", maxRows-1) + "1"),
		"empty rows":  sync(strings.Repeat("{},", maxRows-1) + "{}"),
		"many rows":   sync(strings.Repeat("1,", size/2) + "1"),
		"many agents": grant(`"auth_info":{"agent":[` + strings.Repeat(`{"appid":1},`, size/12) + `1]}`),
		"many depts":  grant(`"auth_scope":{"auth_org_scopes":{"authed_dept":[` + strings.Repeat("1,", size/2) + `1]}}`),
		"many users":  grant(`"auth_scope":{"auth_org_scopes":{"authed_user":[` + strings.Repeat(`"",`, size/3) + `""]}}`),
	}
}

// memoryLimit is what parsing may allocate in sum, garbage included. A row of two
// bytes becomes an event with all its fields, so a short text may take more for
// its size than a long one, which may have no more than so many rows.
func memoryLimit(text []byte) uint64 {
	size := uint64(len(text))
	return 64*size + min(1024*size, 32<<20) + 64<<10
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestParseReadsTenThousandRows(t *testing.T) {
	msg, err := parse(manyRows(10_000))
	if err != nil || len(msg.Events) != 10_000 {
		t.Fatalf("parse = %d events, %v, want 10000", len(msg.Events), err)
	}
	for i, in := range msg.Events {
		if in.Odd != "" || in.Type != "user_modify_org" || in.Corp == "" || in.Stamp.IsZero() {
			t.Fatalf("row %d is %+v, want a sound user_modify_org", i, in)
		}
	}
}

// BenchmarkParse10kRows shows that the largest push leaves nearly all of its
// budget of 900 ms to the store.
func BenchmarkParse10kRows(b *testing.B) {
	text := manyRows(10_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTicket(b *testing.B) {
	text, err := os.ReadFile("testdata/events/http/suite_ticket.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func manyRows(n int) []byte {
	row := `{"gmt_create":1608639648000,"gmt_modified":1608639751000,"id":68,"subscribe_id":"14999999001_0",` +
		`"corp_id":"ding7629a25df7214b6d69","biz_id":"manager4","biz_type":13,` +
		`"biz_data":"{\"errcode\":0,\"syncAction\":\"user_modify_org\",\"userid\":\"manager4\",\"name\":\"张三\",\"department\":[1,2]}",` +
		`"open_cursor":0,"status":0}`
	return []byte(`{"EventType":"SYNC_HTTP_PUSH_MEDIUM","bizData":[` + strings.Repeat(row+",", n-1) + row + `]}`)
}
