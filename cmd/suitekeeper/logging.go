package main

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger returns a logger that writes to w in the configured form.
func newLogger(cfg LogConfig, w io.Writer) *zap.Logger {
	level, err := zapcore.ParseLevel(cfg.Level)
	if err != nil {
		level = zapcore.InfoLevel
	}
	return zap.New(zapcore.NewCore(newLogEncoder(cfg), zapcore.Lock(zapcore.AddSync(w)), level))
}

// newQueuedLogger returns a logger that never waits for w, and the queue in
// between, which the caller runs and closes.
func newQueuedLogger(cfg LogConfig, w io.Writer) (*zap.Logger, *logQueue) {
	encoder := newLogEncoder(cfg)
	q := newLogQueue(w, logWaiting, func(dropped int) []byte {
		line, err := encoder.EncodeEntry(zapcore.Entry{
			Level: zapcore.WarnLevel, Time: time.Now(), Message: fmt.Sprintf("%d log lines dropped", dropped),
		}, []zapcore.Field{zap.Int("dropped", dropped)})
		if err != nil { // not with a number
			return nil
		}
		defer line.Free()
		return append([]byte(nil), line.Bytes()...)
	})
	return newLogger(cfg, q), q
}

func newLogEncoder(cfg LogConfig) zapcore.Encoder {
	enc := zap.NewProductionEncoderConfig()
	enc.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	if cfg.Format == "console" {
		return zapcore.NewConsoleEncoder(enc)
	}
	return zapcore.NewJSONEncoder(enc)
}
