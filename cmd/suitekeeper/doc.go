// Suitekeeper receives the callbacks that DingTalk pushes to an ISV's suites,
// keeps tickets and authorisations safe, and brings every authorisation to the
// state active by itself.
//
// This package reads flags and configuration and wires the other packages
// together; each command has a file of its own, and commands.go lists them.
//
// Exit status: 0 when the command did what it was asked, 1 when it failed, 2
// when it was called wrongly.
package main
