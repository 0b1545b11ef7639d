//go:build race

package storetest

import "flag"

// Beside the race detector the random operations take a minute. It has the
// concurrent tests to watch, so fewer of them do, unless the command line says how
// many.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}
