package main

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"suitekeeper/suite"
)

// readFile reads the configuration file, if one is named. The library's own
// strict decoding stops at the first error and quotes the lines around it,
// which may hold secrets; so we take its syntax tree and walk that.
func (l *loader) readFile() {
	if l.file == "" {
		return
	}
	text, err := readBounded(l.file)
	if err != nil {
		l.reportAt(origin{}, inBoth(err), suite.Text{EN: "check the path given with --config", ZH: "请检查 --config 指定的路径"})
		return
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		l.reportSyntax(err)
		return
	}
	l.readDocuments(file.Docs)
}

func (l *loader) readDocuments(docs []*ast.DocumentNode) {
	if len(docs) > 1 {
		l.reportAt(origin{where: l.file}, suite.Text{EN: "holds more than one YAML document", ZH: "包含多个 YAML 文档"}, suite.Text{EN: "keep one, without --- between keys", ZH: "请只保留一个文档，配置项之间不要有 ---"})
		return
	}
	if len(docs) == 0 || docs[0].Body == nil || docs[0].Body.Type() == ast.NullType {
		return
	}
	l.readObject(docs[0].Body, l.root, "")
}

// readObject reads the mapping n into structure, which is the key at path.
func (l *loader) readObject(n ast.Node, structure reflect.Value, path string) {
	mapping, ok := n.(ast.MapNode)
	if !ok {
		l.report(path, suite.Text{EN: "must hold keys and values", ZH: "应为键值结构"}, allowedKeys(structure))
		return
	}
	lines := map[string]int{}
	for entries := mapping.MapRange(); entries.Next(); {
		entry := entries.KeyValue()
		key, line := keyText(entry.Key), lineOf(entry.Key)
		where := origin{l.file, line, join(path, key)}
		f, fromFile, known := findField(structure, path, key)
		if !known {
			l.reportUnknown(where, structure, key)
			continue
		}
		if first, twice := lines[f.key]; twice {
			l.origins[f.path] = where
			l.report(f.path, both(suite.Text{EN: "is given twice, first in line %d", ZH: "重复设置，首次出现在第 %d 行"}, first), suite.Text{EN: "keep one of them", ZH: "请只保留一个"})
			continue
		}
		lines[f.key] = line
		l.origins[f.path] = where
		l.readValue(entry.Value, f, fromFile, where)
	}
}

// readValue reads n into f. Nothing after the colon means an empty object or
// list, but no value.
func (l *loader) readValue(n ast.Node, f field, fromFile bool, where origin) {
	empty := n == nil || n.Type() == ast.NullType
	switch {
	case empty && (f.isObject() || f.isList()):
	case f.isObject():
		l.readObject(n, f.value, f.path)
	case f.isList():
		l.readList(n, f)
	default:
		text, ok := scalarText(n)
		switch {
		case !ok:
			l.report(f.path, suite.Text{EN: "must be one value", ZH: "应为单个值"}, f.allowed())
		case fromFile:
			l.assignFile(f, l.relative(text), where)
		case f.isPath():
			l.assign(f, l.relative(text), where)
		default:
			l.assign(f, text, where)
		}
	}
}

func (l *loader) readList(n ast.Node, f field) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		l.report(f.path, suite.Text{EN: "must be a list", ZH: "应为列表"}, f.allowed())
		return
	}
	for _, item := range list.Values {
		if f.isObjectList() {
			element, path := f.grow()
			l.origins[path] = origin{l.file, lineOf(item), path}
			l.readObject(item, element, path)
			continue
		}
		path := fmt.Sprintf("%s[%d]", f.path, f.value.Len())
		l.origins[path] = origin{l.file, lineOf(item), path}
		text, ok := scalarText(item)
		if !ok {
			l.report(path, suite.Text{EN: "must be one value", ZH: "应为单个值"}, f.allowed())
			continue
		}
		f.add(text)
	}
}

// findField returns the field that key sets in structure: the one of that
// name or, for secret_file, the secret itself and true.
func findField(structure reflect.Value, path, key string) (f field, fromFile, ok bool) {
	for _, f := range fields(structure, path) {
		switch {
		case f.key == key:
			return f, false, true
		case f.isSecret() && f.key+"_file" == key:
			return f, true, true
		}
	}
	return field{}, false, false
}

// scalarText returns what is written at n, unquoted but not interpreted: a
// token of digits keeps its leading zeros. Anchors, aliases and tags are not
// part of our configuration.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

// plainKey is what a key looks like. Anything else may be a secret that
// slipped to the left, and is not repeated.
var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,31}$`)

func keyText(n ast.MapKeyNode) string {
	text, ok := scalarText(n)
	if !ok || !plainKey.MatchString(text) {
		return "?"
	}
	return text
}

func (l *loader) reportUnknown(where origin, structure reflect.Value, key string) {
	var names []string
	for _, f := range fields(structure, "") {
		names = append(names, f.key)
		if f.isSecret() {
			names = append(names, f.key+"_file")
		}
	}
	cure := allowedKeys(structure)
	if near := nearest(key, names); near != "" {
		cure = both(suite.Text{EN: "did you mean %s? %s", ZH: "是否想写 %s？%s"}, near, cure)
	}
	l.reportAt(where, suite.Text{EN: "is not a known key", ZH: "不是已知的配置项"}, cure)
}

// allowedKeys tells the keys of structure.
func allowedKeys(structure reflect.Value) suite.Text {
	var names []string
	for _, f := range fields(structure, "") {
		name := f.key
		if f.isSecret() {
			name += "(_file)"
		}
		names = append(names, name)
	}
	return both(suite.Text{EN: "allowed: %s", ZH: "可用的配置项：%s"}, strings.Join(names, ", "))
}

// reportSyntax tells where the text stops being YAML. Of the library's message
// only the words before its first quotation are kept: it may quote a value.
func (l *loader) reportSyntax(err error) {
	problem, where := suite.Text{EN: "is not valid YAML", ZH: "不是合法的 YAML"}, origin{where: l.file}
	if e := yaml.Error(nil); errors.As(err, &e) {
		if words, _, _ := strings.Cut(e.GetMessage(), `"`); words != "" {
			problem = both(suite.Text{EN: "%s: %s", ZH: "%s：%s"}, problem, strings.TrimRight(words, ": "))
		}
		if tk := e.GetToken(); tk != nil && tk.Position != nil {
			where.line = tk.Position.Line
		}
	}
	l.reportAt(where, problem, suite.Text{
		EN: "indent with spaces, and put quotes around values that hold : # or other signs",
		ZH: "请用空格缩进，含有 : # 等符号的值要加引号",
	})
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1
	}
	return n.GetToken().Position.Line
}
