package suite

import "suitekeeper/store"

// Migrations bring a store to the shape that this package reads and writes;
// hand them to store.Migrate before New.
func Migrations() []store.Migration { return nil }
