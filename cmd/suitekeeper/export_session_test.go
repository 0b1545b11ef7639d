package main

import (
	"context"

	"suitekeeper/store"
)

// SessionStore is where serve keeps the sessions of the console.
type SessionStore struct{ sessionStore }

// NewSessionStore returns one over an engine.
func NewSessionStore(e store.Engine) SessionStore { return SessionStore{sessionStore{e}} }

// Sweep removes what is over.
func (s SessionStore) Sweep(ctx context.Context) error { return s.sweep(ctx) }

// WithConsole and DeveloperConsole are parts of the operators' listener.
var (
	WithConsole      = withConsole
	DeveloperConsole = developerConsole
)

// DingTalkConfiguration is the configuration of DingTalk's API.
type DingTalkConfiguration = DingTalkConfig
