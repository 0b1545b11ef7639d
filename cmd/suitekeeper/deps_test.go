package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is the picture of the rooms: for each package of ours, which others
// of ours it may import.
var mayImport = map[string][]string{
	"crypto":                      {},
	"store":                       {},
	"store/durable":               {},
	"store/backup":                {"store"},
	"store/boltstore":             {"store", "store/durable"},
	"store/sealed":                {"store", "store/durable"},
	"store/storetest":             {"store"},
	"suite":                       {"store"},
	"suite/dingtalk":              {"suite"},
	"suite/dingtalk/dingtalktest": {"crypto"},
	"handler":                     {"suite", "crypto"},
	"handler/admin":               {"handler", "suite"},
	"handler/console":             {"handler", "handler/admin", "suite"},
	"cmd/suitekeeper":             {"crypto", "handler", "handler/admin", "handler/console", "store", "store/backup", "store/boltstore", "store/durable", "store/sealed", "suite", "suite/dingtalk", "suite/dingtalk/dingtalktest"},
}

// mayNotDependOn names what must stay out of a package, also through others.
var mayNotDependOn = map[string][]string{
	"crypto":                      {"github.com/gin-gonic/gin"},
	"store":                       {"github.com/gin-gonic/gin", "go.etcd.io/bbolt"},
	"suite":                       {"github.com/gin-gonic/gin", "go.etcd.io/bbolt"},
	"suite/dingtalk/dingtalktest": {"testing"}, // it ships in the binary
	"cmd/suitekeeper":             {"testing"},
}

// room is a package as go list describes it.
type room struct {
	ImportPath    string
	Imports, Deps []string // without those of its tests
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, room := range listRooms(t) {
		name := strings.TrimPrefix(room.ImportPath, "suitekeeper/")
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %s is in no room: say in deps_test.go what it may import", name)
			continue
		}
		for _, path := range room.Imports {
			if ours, ok := strings.CutPrefix(path, "suitekeeper/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("package %s imports %s, may import %v", name, ours, allowed)
			}
		}
		for _, path := range mayNotDependOn[name] {
			if slices.Contains(room.Deps, path) {
				t.Errorf("package %s depends on %s", name, path)
			}
		}
	}
}

func listRooms(t *testing.T) (rooms []room) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "suitekeeper/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var r room
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF) && len(rooms) > 0:
			return rooms
		case err != nil:
			t.Fatalf("go list printed %q: %v", out, err)
		}
		rooms = append(rooms, r)
	}
}
