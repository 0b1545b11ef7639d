package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"suitekeeper/suite"
)

// envPrefix begins every environment variable of ours. The rest is the key in
// capitals with _ for the dot.
const (
	envPrefix      = "SUITEKEEPER_"
	envSuitePrefix = envPrefix + "SUITE_"
)

// suiteVariables name a single suite's variables in hints.
var suiteVariables = suite.Text{
	EN: envSuitePrefix + "KEY, _SUITE_SECRET, _SUITE_TOKEN and _SUITE_AES_KEY",
	ZH: envSuitePrefix + "KEY、_SUITE_SECRET、_SUITE_TOKEN 和 _SUITE_AES_KEY",
}

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
		cure := suite.Text{
			EN: "unset it; variables are named after keys, as SUITEKEEPER_ADMIN_LISTEN after admin.listen",
			ZH: "请取消该变量；变量按配置项命名，例如 admin.listen 对应 SUITEKEEPER_ADMIN_LISTEN",
		}
		if near := nearest(strings.TrimPrefix(name, envPrefix), known); near != "" {
			cure = both(suite.Text{EN: "did you mean %s?", ZH: "是否想写 %s？"}, envPrefix+near)
		}
		l.reportAt(origin{where: name}, suite.Text{EN: "is not a known variable", ZH: "不是已知的环境变量"}, cure)
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
		cure := both(suite.Text{EN: "unset it and give %s in the configuration file", ZH: "请取消该变量，在配置文件中设置 %s"}, f.path)
		if f.path == "suites" {
			cure = both(suite.Text{EN: "%s, or one suite by %s", ZH: "%s，或用以下变量设置单个套件：%s"}, cure, suiteVariables)
		}
		l.reportAt(origin{where: name, key: f.path}, suite.Text{EN: "holds more than a variable can say", ZH: "无法用一个环境变量表示"}, cure)
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
			l.report(v.field.path, suite.Text{EN: "is given twice, also without _FILE", ZH: "重复设置，另有不带 _FILE 的变量"}, suite.Text{EN: "keep one of them", ZH: "请只保留一个"})
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
		l.reportAt(origin{where: known[first].name}, suite.Text{EN: "does not say for which suite", ZH: "没有说明属于哪个套件"},
			both(suite.Text{EN: "set %s too", ZH: "请同时设置 %s"}, envSuitePrefix+"KEY"))
		return
	}
	l.readVariables(given, variables(envSuitePrefix, element, path))
}

// suiteFor returns the suite that the environment speaks of.
func (l *loader) suiteFor(key string) (element reflect.Value, path string, ok bool) {
	list, _, _ := findField(l.root, "", "suites")
	for i := range list.value.Len() {
		one := list.value.Index(i)
		if one.FieldByName("Key").String() == key || (key == "" && list.value.Len() == 1) {
			return one, fmt.Sprintf("suites[%d]", i), true
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
