package main_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	keeper "suitekeeper/cmd/suitekeeper"
)

func TestColoursAreForTerminalsOnly(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminal can be had here: ", err)
	}
	t.Cleanup(func() { terminal.Close() })
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	tests := []struct {
		name string
		out  io.Writer
		env  map[string]string
		want string
	}{
		{"terminal", terminal, map[string]string{"TERM": "xterm"}, "\x1b[31mx\x1b[0m"},
		{"terminal of somebody who wants none", terminal, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, "x"},
		{"terminal that can show none", terminal, map[string]string{"TERM": "dumb"}, "x"},
		{"file", file, map[string]string{"TERM": "xterm"}, "x"},
		{"memory", &strings.Builder{}, map[string]string{"TERM": "xterm"}, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := keeper.PainterFor(tt.out, func(name string) string { return tt.env[name] })
			if got := p.Paint("x"); got != tt.want {
				t.Errorf("Paint(%q) = %q, want %q", "x", got, tt.want)
			}
		})
	}
}

func TestDisplayWidthCountsCells(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "考勤": 4, "ｆｕｌｌ": 8, "e\u0301": 1, "a考b": 4, "😀": 2, "•••": 3} {
		if got := keeper.DisplayWidth(text); got != want {
			t.Errorf("DisplayWidth(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestWrapBreaksWhereReadersExpectIt(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"short", "one two", "  one two\n"},
		{"at blanks", "one two three", "  one two\n  three\n"},
		{"a word longer than the line", "a https://example.com b", "  a\n  https://example.com\n  b\n"},
		{"between wide characters", "授权码已失效", "  授权码已\n  失效\n"},
		{"not before closing punctuation", "授权码失。效", "  授权码\n  失。效\n"},
		{"not after opening punctuation", "授权码“失效”", "  授权码\n  “失效”\n"},
		{"blanks and line breaks are kept as blanks", "one\ntwo", "  one two\n"},
		{"nothing", "", "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keeper.Wrap(tt.text, "  ", 10); got != tt.want {
				t.Errorf("Wrap(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}
