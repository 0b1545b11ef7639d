package handler

import (
	"net/http"
	"time"

	"go.uber.org/zap"
)

// Limits of the public listener. A push that takes longer than the budget is
// lost for this time anyway; the rest leaves room for slow lines and ends
// connections that only want to hold on.
const (
	maxBudget         = 5 * time.Second
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 10 * time.Second // more than maxBudget, or replies would be cut
	idleTimeout       = 90 * time.Second // more than the 60 s for which nginx keeps its connections
	maxHeaderBytes    = 16<<10 - 4<<10   // net/http allows for 4 KiB more: 16 KiB in all
)

// NewServer returns a server for h with the limits that a listener on the
// public internet needs. Its complaints go to log at level warn. The caller
// serves, shuts down and closes it; a shutdown waits for requests, not for
// connections that say nothing.
func NewServer(h http.Handler, log *zap.Logger) *http.Server {
	errorLog, _ := zap.NewStdLogAt(log, zap.WarnLevel) // fails only for a level that does not exist
	s := &http.Server{
		Handler:                      h,
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		ErrorLog:                     errorLog,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered 404 like any other path
	}
	watchSilent(s)
	return s
}
