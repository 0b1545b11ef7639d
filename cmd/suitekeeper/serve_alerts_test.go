package main_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	keeper "suitekeeper/cmd/suitekeeper"
	"suitekeeper/suite"
)

func TestLogTellsOfAlertsInOneLineEach(t *testing.T) {
	burnt := suite.AlertNews{Count: 3, Failed: 7, Alert: suite.Alert{
		Code: suite.AlertCodeBurnt, Severity: suite.SeverityCritical, Suite: "suite1", Corp: "ding1", CorpName: "星河科技",
		Message: suite.Text{EN: "it is used up", ZH: "已被使用"}, Cure: suite.Text{EN: "ask again", ZH: "重试"},
	}}
	gone := burnt
	gone.Gone, gone.Lasted = true, time.Minute
	disk := suite.AlertNews{Count: 1, Alert: suite.Alert{
		Code: suite.AlertDiskFull, Severity: suite.SeverityCritical, Message: suite.Text{EN: "no room"}, Cure: suite.Text{EN: "make room"},
	}}
	for _, tt := range []struct {
		news  suite.AlertNews
		level zapcore.Level
		text  string
		want  map[string]any
	}{
		{burnt, zap.WarnLevel, "an alert came", map[string]any{"alert": "code_burnt", "severity": "critical", "suite": "suite1",
			"corp": "ding1", "corp_name": "星河科技", "corps": int64(3), "failed_authorizations": int64(7), "reason": "it is used up", "cure": "ask again"}},
		{gone, zap.InfoLevel, "an alert is gone", map[string]any{"alert": "code_burnt", "severity": "critical", "suite": "suite1",
			"corp": "ding1", "corp_name": "星河科技", "corps": int64(3), "failed_authorizations": int64(7), "reason": "it is used up", "lasted": time.Minute}},
		{disk, zap.WarnLevel, "an alert came", map[string]any{"alert": "disk_full", "severity": "critical", "reason": "no room", "cure": "make room"}},
	} {
		core, logs := observer.New(zap.DebugLevel)
		keeper.LogAlert(zap.New(core), tt.news)
		if logs.Len() != 1 {
			t.Fatalf("%d lines, want 1: %v", logs.Len(), logs.All())
		}
		line := logs.All()[0]
		if diff := cmp.Diff(tt.want, line.ContextMap()); diff != "" || line.Level != tt.level || line.Message != tt.text {
			t.Errorf("line %s %q, want %s %q; fields:\n%s", line.Level, line.Message, tt.level, tt.text, diff)
		}
	}
}
