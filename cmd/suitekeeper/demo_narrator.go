package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// narrator prints what happens in a demo, a line each. It is safe for
// concurrent use.
type narrator struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
}

func newNarrator(w io.Writer) *narrator { return &narrator{w: w, start: time.Now()} }

// text prints a line as it is.
func (n *narrator) text(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintf(n.w, format+"\n", args...)
}

// line prints who did what, and since when the demo runs.
func (n *narrator) line(who, what string, good bool) {
	mark := " "
	if !good {
		mark = "!"
	}
	n.text("%8.3fs %s %-11s %s", time.Since(n.start).Seconds(), mark, who, what)
}

// logger returns a logger that prints what the receiver's workers do, and
// whatever it warns of. Pushes are left out: the stand-in tells of each.
func (n *narrator) logger() *zap.Logger { return zap.New(&narratorCore{n: n}) }

// narratorCore is a zapcore.Core that prints through a narrator.
type narratorCore struct {
	n    *narrator
	with []zapcore.Field
}

// Enabled takes all but debugging.
func (c *narratorCore) Enabled(l zapcore.Level) bool { return l >= zapcore.InfoLevel }

// With adds fields to every line.
func (c *narratorCore) With(fields []zapcore.Field) zapcore.Core {
	return &narratorCore{n: c.n, with: append(c.with[:len(c.with):len(c.with)], fields...)}
}

// Check leaves out what is not worth a line.
func (c *narratorCore) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) && (e.LoggerName == logKeeper || e.Level >= zapcore.WarnLevel) {
		return ce.AddCore(e, c)
	}
	return ce
}

// Write prints the message and who it is about.
func (c *narratorCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range append(c.with[:len(c.with):len(c.with)], fields...) {
		f.AddTo(enc)
	}
	text := e.Message
	for _, key := range []string{"action", "actor", "corp", "corp_name", "reason", "error", "file"} {
		if v := fmt.Sprint(cmp.Or(enc.Fields[key], any(""))); v != "" {
			text += " " + strings.TrimSpace(v)
		}
	}
	c.n.line("suitekeeper", text, e.Level < zapcore.WarnLevel)
	return nil
}

// Sync does nothing: lines are printed at once.
func (c *narratorCore) Sync() error { return nil }
