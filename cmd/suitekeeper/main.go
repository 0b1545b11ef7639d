package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if err := forbidDumps(); err != nil {
		printError(os.Stderr, err, localeLanguage(os.Getenv)) // and go on: what a dump might show is not shown yet
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends a command that hangs
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
