package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"

	"suitekeeper/suite"
)

// What systemd calls the sockets that it opens for us (FileDescriptorName).
const (
	socketCallbacks = "callback"
	socketOperators = "admin"
)

// inheritedListeners returns the sockets that systemd opened and handed over, by
// name. It holds them as well: what connects while no process serves waits in
// them for the next one.
func inheritedListeners() (map[string]net.Listener, error) {
	files := activation.Files(true)
	defer func() {
		for _, f := range files {
			f.Close() // a listener has a copy
		}
	}()
	all := map[string]net.Listener{}
	for _, f := range files {
		if err := adopt(all, f); err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, withHint(errorf(suite.Text{EN: "socket %q of systemd: %w", ZH: "systemd 套接字 %q：%w"}, f.Name(), err),
				suite.Text{
					EN: "deploy/suitekeeper.socket and deploy/suitekeeper-admin.socket in the source show what is wanted",
					ZH: "写法请参考源码中的 deploy/suitekeeper.socket 和 deploy/suitekeeper-admin.socket",
				})
		}
	}
	return all, nil
}

func adopt(all map[string]net.Listener, f *os.File) error {
	switch name := f.Name(); {
	case name != socketCallbacks && name != socketOperators:
		return errors.New("FileDescriptorName must be " + socketCallbacks + " or " + socketOperators)
	case all[name] != nil:
		return errors.New("there are two of that name; give the unit one ListenStream, which may be for IPv4 and IPv6 at once")
	}
	l, err := net.FileListener(f)
	if err != nil {
		return fmt.Errorf("nobody can connect to it: %w", err)
	}
	all[f.Name()] = l
	return nil
}

// supervisor tells systemd how the process stands. Without systemd it tells
// nobody.
type supervisor struct{ log *zap.Logger }

// tell sends what systemd calls a state. It goes without if it must.
func (s supervisor) tell(state ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(state, "\n")); err != nil {
		s.log.Warn("systemd could not be told how this process stands", zap.Error(err))
	}
}

func (s supervisor) ready(cfg Config) {
	s.tell(daemon.SdNotifyReady, fmt.Sprintf("STATUS=serving %s", suitesInWords(len(cfg.Suites))))
}

func (s supervisor) reloading() {
	s.tell(daemon.SdNotifyReloading, daemon.SdNotifyMonotonicUsec())
}

func (s supervisor) stopping() {
	s.tell(daemon.SdNotifyStopping, "STATUS=answering what is under way")
}

func (s supervisor) alive() { s.tell(daemon.SdNotifyWatchdog) }

func suitesInWords(n int) string {
	if n == 1 {
		return "1 suite"
	}
	return fmt.Sprintf("%d suites", n)
}
