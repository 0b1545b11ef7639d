package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"suitekeeper/suite"
)

// LoadOptions say where a configuration comes from. Later ones win: defaults,
// then the file, then the environment, then flags.
type LoadOptions struct {
	Path    string            // the YAML file; empty for none
	Environ []string          // as os.Environ returns it; only SUITEKEEPER_… is looked at
	Flags   map[string]string // by key, as "admin.listen"; only those that were given
}

// maxConfigBytes bounds the configuration file and each file that it names: a
// path to the wrong file must not fill the memory.
const maxConfigBytes = 256 << 10

// LoadConfig returns the configuration in effect and what it warns of. When it
// cannot be used the error is a *ConfigError that lists everything wrong with
// it at once. No error or warning quotes a value. LoadConfig reads files and
// changes nothing.
func LoadConfig(o LoadOptions) (Config, []Finding, error) {
	var c Config
	l := newLoader(o.Path, reflect.ValueOf(&c).Elem())
	setDefaults(l.root)
	l.readFile()
	l.readEnvironment(o.Environ)
	l.readCredential(o.Environ)
	l.readFlags(o.Flags)
	l.check(&c)
	if len(l.findings) > 0 {
		return Config{}, nil, &ConfigError{inReadingOrder(l.findings)}
	}
	return c, inReadingOrder(l.warnings(&c)), nil
}

// loader gathers one configuration.
type loader struct {
	file     string
	root     reflect.Value     // the Config
	origins  map[string]origin // by path
	broken   map[string]bool   // paths that a problem was reported of
	findings []Finding
}

func newLoader(file string, root reflect.Value) *loader {
	return &loader{file: file, root: root, origins: map[string]origin{}, broken: map[string]bool{}}
}

// origin is the place that set a key, and the key as it is written there
// (which may end in _file).
type origin struct {
	where string
	line  int // in the file; 0 elsewhere
	key   string
}

// finding is one thing to say about what stands there.
func (o origin) finding(problem, cure suite.Text) Finding {
	return Finding{Where: o.where, Line: o.line, Key: o.key,
		Problem: problem.EN, ProblemZH: problem.ZH, Cure: cure.EN, CureZH: cure.ZH}
}

// report notes a problem with the key at path. When one was noted already of
// it, or of what holds it, the new one is only a consequence and left out.
func (l *loader) report(path string, problem, cure suite.Text) {
	for p := path; p != ""; p = parent(p) {
		if l.broken[p] {
			return
		}
	}
	l.broken[path] = true
	o := l.origin(path)
	l.reportAt(o, problem, cure)
}

// reportAt notes a problem at a place that is no key of ours.
func (l *loader) reportAt(o origin, problem, cure suite.Text) {
	l.findings = append(l.findings, o.finding(problem, cure))
}

// origin returns the place that set the key at path or, when nothing set it,
// that of the object around it.
func (l *loader) origin(path string) origin {
	if o, ok := l.origins[path]; ok {
		return o
	}
	for p := parent(path); p != ""; p = parent(p) {
		if o, ok := l.origins[p]; ok {
			return origin{o.where, o.line, path}
		}
	}
	return origin{where: l.file, key: path}
}

// parent returns the path of what holds path: of suites[0].key first
// suites[0], then suites, then nothing.
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

// assign sets f from text that stands at o, and notes what is wrong with it.
func (l *loader) assign(f field, text string, o origin) {
	l.origins[f.path] = o
	if err := f.set(text); err != nil {
		l.report(f.path, inBoth(err), f.allowed())
	}
}

// assignFile sets the secret f from the file at path.
func (l *loader) assignFile(f field, path string, o origin) {
	l.origins[f.path] = o
	secret, err := readSecret(path)
	if err != nil {
		l.report(f.path, inBoth(err), suite.Text{EN: "name a file that this user may read", ZH: "请指定当前用户可以读取的文件"})
		return
	}
	f.value.SetString(secret.Reveal())
}

// relative resolves a path that stands in the configuration file.
func (l *loader) relative(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(l.file), path)
}

// readSecret reads a secret that has a file of its own. Editors end a file with
// a line break, which is not part of it.
func readSecret(path string) (suite.Secret, error) {
	text, err := readBounded(path)
	return suite.Secret(strings.TrimRight(string(text), "\r\n")), err
}

// readBounded reads a small file; its error names the file.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, cannotRead(path, err)
	}
	if len(text) > maxConfigBytes {
		return nil, errorf(suite.Text{EN: "cannot read %s: larger than %d bytes", ZH: "无法读取 %s：大于 %d 字节"}, path, maxConfigBytes)
	}
	return text, nil
}

// cannotRead names the file once; os errors would name it again.
func cannotRead(path string, err error) error {
	if inner := (*os.PathError)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return errorf(suite.Text{EN: "cannot read %s: %w", ZH: "无法读取 %s：%w"}, path, err)
}
