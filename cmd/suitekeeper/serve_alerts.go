package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"suitekeeper/suite"
)

// alertLog is how alerts are watched for the log. Nobody looks at it as at a page.
var alertLog = suite.WatchOptions{Every: 2 * time.Second, Linger: 30 * time.Second}

// logAlerts has the log tell of alerts, one line for all corps that have the same,
// until ctx ends.
func (a *app) logAlerts(ctx context.Context) {
	log := a.log.Named("alerts")
	a.keeper.WatchAlerts(ctx, alertLog, func(n suite.AlertNews) { logAlert(log, n) })
}

func logAlert(log *zap.Logger, n suite.AlertNews) {
	fields := []zap.Field{zap.String("alert", string(n.Alert.Code)), zap.String("severity", string(n.Alert.Severity))}
	if n.Alert.Suite != "" {
		fields = append(fields, zap.String("suite", string(n.Alert.Suite)))
	}
	if n.Alert.CorpName != "" {
		fields = append(fields, zap.String("corp_name", n.Alert.CorpName))
	}
	if n.Alert.Corp != "" {
		fields = append(fields, zap.String("corp", string(n.Alert.Corp)), zap.Int("corps", n.Count), zap.Int("failed_authorizations", n.Failed))
	}
	fields = append(fields, zap.String("reason", n.Alert.Message.EN))
	if n.Gone {
		log.Info("an alert is gone", append(fields, zap.Duration("lasted", n.Lasted))...)
		return
	}
	log.Warn("an alert came", append(fields, zap.String("cure", n.Alert.Cure.EN))...)
}
