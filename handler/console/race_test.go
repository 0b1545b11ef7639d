//go:build race

package console_test

// raced says that the race detector is on. It watches our server, and the many
// looks of a page give that nothing else to do: those are left to a run without.
const raced = true
