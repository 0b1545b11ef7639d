package admin_test

import (
	"strings"
	"testing"
	"time"

	"suitekeeper/handler/admin"
)

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 8, 10, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))
	tests := []struct {
		text string
		want time.Time
	}{
		{"", time.Time{}},
		{"2h", time.Date(2026, 8, 10, 2, 0, 0, 0, time.UTC)},
		{"90m", time.Date(2026, 8, 10, 2, 30, 0, 0, time.UTC)},
		{"0s", time.Date(2026, 8, 10, 4, 0, 0, 0, time.UTC)},
		{"7d", time.Date(2026, 8, 3, 4, 0, 0, 0, time.UTC)},
		{"2026-08-01T09:30:00Z", time.Date(2026, 8, 1, 9, 30, 0, 0, time.UTC)},
		{"2026-08-01T09:30:00.5+08:00", time.Date(2026, 8, 1, 1, 30, 0, 500_000_000, time.UTC)},
	}
	for _, tt := range tests {
		if got, err := admin.ParseSince(tt.text, now); err != nil || !got.Equal(tt.want) || got.Location() != time.UTC {
			t.Errorf("ParseSince(%q) = %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"canary", "-2h", "2", "d", "-7d", "+7d", "1.5d", "100001d", "99999999999d", "300000000h", "2026-08-01", "yesterday", " 2h"} {
		if got, err := admin.ParseSince(text, now); err == nil || !strings.Contains(err.Error(), "RFC 3339") || strings.Contains(err.Error(), "canary") {
			t.Errorf("ParseSince(%q) = %v, %v, want an error that tells what is expected", text, got, err)
		}
	}
}
