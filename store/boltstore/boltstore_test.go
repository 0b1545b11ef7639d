package boltstore_test

import (
	"testing"

	"suitekeeper/store"
	"suitekeeper/store/storetest"
)

func TestEngine(t *testing.T) {
	storetest.Run(t, func(t testing.TB, dir string) store.Engine { return open(t, dir) })
}
