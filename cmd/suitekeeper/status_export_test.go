package main

// What the tests of status, which are another package, call.
var (
	PainterFor   = painterFor
	Wrap         = wrap
	DisplayWidth = displayWidth
)

// Paint colours text in red, if p colours at all.
func (p painter) Paint(text string) string { return p.paint(red, text) }

// LocalURL is how a program on the server's machine reaches a listener.
func (c Config) LocalURL(listen string) string { return c.localURL(listen).String() }
