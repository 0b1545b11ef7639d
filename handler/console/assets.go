package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// staticPath is where assets are served.
const staticPath = root + "static/"

// assets are the files that pages refer to, under names that hold a hash of
// their contents: a browser may keep them for ever.
type assets struct {
	paths map[string]string // by the file's own name
	files map[string]asset  // by the name with the hash
}

type asset struct {
	contentType string
	data        []byte
}

// contentTypes are the kinds of assets, told here because those of the
// operating system differ from one to the next.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func loadAssets(from fs.FS) (*assets, error) {
	a := &assets{paths: map[string]string{}, files: map[string]asset{}}
	entries, err := fs.ReadDir(from, "static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(from, path.Join("static", e.Name()))
		if err != nil {
			return nil, err
		}
		kind, ok := contentTypes[path.Ext(e.Name())]
		if !ok {
			return nil, fmt.Errorf("asset %s is of a kind that is not known", e.Name())
		}
		name := hashedName(e.Name(), data)
		a.paths[e.Name()] = staticPath + name
		a.files[name] = asset{kind, data}
	}
	return a, nil
}

func hashedName(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

// path returns where a page finds an asset.
func (a *assets) path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return p, nil
}

// write answers with an asset; it reports whether there is one of that name.
func (a *assets) write(w http.ResponseWriter, name string) bool {
	f, ok := a.files[name]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(f.data)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(f.data) // that the peer has gone is nobody's fault
	return true
}
