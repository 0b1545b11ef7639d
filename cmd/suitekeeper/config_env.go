package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// envPrefix begins every environment variable of ours. The rest is the key in
// capitals with _ for the dot.
const (
	envPrefix      = "SUITEKEEPER_"
	envSuitePrefix = envPrefix + "SUITE_"
)

// suiteVariables name a single suite's variables in hints.
const suiteVariables = envSuitePrefix + "KEY, _SUITE_SECRET, _SUITE_TOKEN and _SUITE_AES_KEY"

// variable is one environment variable and the key that it sets; of a secret
// the one whose name ends in _FILE names the file that holds it.
type variable struct {
	name     string
	field    field
	fromFile bool
}

// variables returns the variables of the keys below structure.
func variables(prefix string, structure reflect.Value, path string) []variable {
	var all []variable
	for f := range leaves(structure, path) {
		key := strings.TrimPrefix(f.path, path+".")
		name := variableName(prefix, key)
		all = append(all, variable{name, f, false})
		if f.isSecret() {
			all = append(all, variable{name + "_FILE", f, true})
		}
	}
	return all
}

func variableName(prefix, key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// readEnvironment reads every SUITEKEEPER_ variable. One that is set to
// nothing counts as not set, as compose files and unit files leave them.
func (l *loader) readEnvironment(environ []string) {
	given := ourVariables(environ)
	general := variables(envPrefix, l.root, "")
	ofSuite := variables(envSuitePrefix, reflect.ValueOf(new(SuiteConfig)).Elem(), "")
	l.readVariables(given, general)
	l.readSuiteVariables(given, ofSuite)
	known := clientVariables()
	l.refuseLists(given)
	for _, v := range slices.Concat(general, ofSuite) {
		known = append(known, v.name)
	}
	for i, name := range known {
		delete(given, name)
		known[i] = strings.TrimPrefix(name, envPrefix)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) { // what is left, nobody knows
		cure := "unset it; variables are named after keys, as " + envPrefix + "ADMIN_LISTEN after admin.listen"
		if near := nearest(strings.TrimPrefix(name, envPrefix), known); near != "" {
			cure = "did you mean " + envPrefix + near + "?"
		}
		l.reportAt(origin{where: name}, "is not a known variable", cure)
	}
}

// refuseLists reports variables that are named after a list of objects.
func (l *loader) refuseLists(given map[string]string) {
	for _, f := range objectLists(l.root, "") {
		name := variableName(envPrefix, f.path)
		if _, ok := given[name]; !ok {
			continue
		}
		delete(given, name)
		cure := "unset it and give " + f.path + " in the configuration file"
		if f.path == "suites" {
			cure += ", or one suite by " + suiteVariables
		}
		l.reportAt(origin{where: name, key: f.path}, "holds more than a variable can say", cure)
	}
}

// readVariables sets the keys whose variables are given.
func (l *loader) readVariables(given map[string]string, known []variable) {
	for _, v := range known {
		text, ok := given[v.name]
		if !ok {
			continue
		}
		where := origin{where: v.name, key: v.field.path}
		if !v.fromFile {
			l.assign(v.field, text, where)
			continue
		}
		if _, twice := given[strings.TrimSuffix(v.name, "_FILE")]; twice {
			l.origins[v.field.path] = where
			l.report(v.field.path, "is given twice, also without _FILE", "keep one of them")
			continue
		}
		l.assignFile(v.field, text, where)
	}
}

// readSuiteVariables sets one suite from SUITEKEEPER_SUITE_…: the one that
// SUITEKEEPER_SUITE_KEY names, new or from the file; without that variable the
// only one in the file.
func (l *loader) readSuiteVariables(given map[string]string, known []variable) {
	first := slices.IndexFunc(known, func(v variable) bool { return given[v.name] != "" })
	if first < 0 {
		return
	}
	element, path, ok := l.suiteFor(given[envSuitePrefix+"KEY"])
	if !ok {
		l.reportAt(origin{where: known[first].name}, "does not say for which suite",
			"set "+envSuitePrefix+"KEY too")
		return
	}
	l.readVariables(given, variables(envSuitePrefix, element, path))
}

// suiteFor returns the suite that the environment speaks of.
func (l *loader) suiteFor(key string) (element reflect.Value, path string, ok bool) {
	list, _, _ := findField(l.root, "", "suites")
	for i := range list.value.Len() {
		suite := list.value.Index(i)
		if suite.FieldByName("Key").String() == key || (key == "" && list.value.Len() == 1) {
			return suite, fmt.Sprintf("suites[%d]", i), true
		}
	}
	if key == "" {
		return reflect.Value{}, "", false
	}
	element, path = list.grow()
	l.origins[path] = origin{where: envSuitePrefix + "KEY", key: path}
	return element, path, true
}

// readFlags sets the keys that were given as flags.
func (l *loader) readFlags(flags map[string]string) {
	for f := range leaves(l.root, "") {
		if text, ok := flags[f.path]; ok {
			l.assign(f, text, origin{where: "command line", key: f.path})
		}
	}
}

// ourVariables returns the variables that are ours and set to something.
func ourVariables(environ []string) map[string]string {
	given := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) && value != "" {
			given[name] = value
		}
	}
	return given
}
