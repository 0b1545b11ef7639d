package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.uber.org/zap"

	"suitekeeper/handler"
)

// reloader takes up a changed configuration while the server runs.
type reloader struct {
	load func() (Config, []Finding, error)
	app  *app
	log  *zap.Logger
	now  Config // in effect
}

// reload loads the configuration anew. One that cannot be used changes nothing.
// What it is about the log tells, for nobody waits for an answer.
func (r *reloader) reload(ctx context.Context) {
	next, warnings, err := r.load()
	if err == nil {
		err = checkServable(next)
	}
	if err != nil {
		r.refused(err)
		return
	}
	for _, w := range warnings {
		r.log.Warn("configuration: " + w.String())
	}
	taken := r.now
	taken.Suites = next.Suites
	if taken.TLS.Enabled() && next.TLS.Enabled() {
		taken.TLS = next.TLS
	}
	if err := r.app.reconfigure(ctx, taken); err != nil {
		r.refused(err)
		return
	}
	added, changed, removed := suiteChanges(r.now.Suites, taken.Suites)
	r.log.Info("configuration reloaded", zap.Strings("suites_added", added), zap.Strings("suites_changed", changed),
		zap.Strings("suites_removed", removed), zap.Int("suites", len(taken.Suites)))
	r.tellFormerKeys(taken)
	if left := differences(reflect.ValueOf(taken), reflect.ValueOf(next)); len(left) > 0 {
		r.log.Warn("configuration: what these keys say has changed, too, and takes effect with the next restart", zap.Strings("keys", left))
	}
	r.now = taken
}

func (r *reloader) refused(err error) {
	why := zap.Error(err)
	if bad := (*ConfigError)(nil); errors.As(err, &bad) {
		why = zap.Stringers("problems", bad.Findings)
	}
	r.log.Error("the configuration was not reloaded; the one before stays in effect", why)
}

// tellFormerKeys says for how long the developer console may lag behind.
func (r *reloader) tellFormerKeys(next Config) {
	for _, s := range next.Suites {
		if old, ok := suiteOf(r.now.Suites, s.Key); ok && !s.sameKeys(old) {
			r.log.Info("the suite has other keys; pushes with the former ones are taken for a while",
				zap.String("suite", s.Key), zap.Duration("for", handler.FormerKeysFor))
		}
	}
}

// sameKeys tells whether both open the same pushes.
func (s SuiteConfig) sameKeys(other SuiteConfig) bool {
	return s.Key == other.Key && s.Token == other.Token && s.AESKey == other.AESKey
}

func suiteOf(list []SuiteConfig, key string) (SuiteConfig, bool) {
	i := slices.IndexFunc(list, func(s SuiteConfig) bool { return s.Key == key })
	if i < 0 {
		return SuiteConfig{}, false
	}
	return list[i], true
}

// suiteChanges says which suites came and went, and what of the others changed.
func suiteChanges(before, after []SuiteConfig) (added, changed, removed []string) {
	for _, s := range after {
		old, ok := suiteOf(before, s.Key)
		if !ok {
			added = append(added, s.Key)
		} else if keys := differences(reflect.ValueOf(old), reflect.ValueOf(s)); len(keys) > 0 {
			changed = append(changed, fmt.Sprintf("%s (%s)", s.Key, strings.Join(keys, ", ")))
		}
	}
	for _, s := range before {
		if _, ok := suiteOf(after, s.Key); !ok {
			removed = append(removed, s.Key)
		}
	}
	return added, changed, removed
}

// differences returns the keys whose values differ, but no values.
func differences(a, b reflect.Value) (keys []string) {
	others := fields(b, "")
	for i, f := range fields(a, "") {
		other := others[i]
		switch {
		case f.isObject():
			for _, key := range differences(f.value, other.value) {
				keys = append(keys, join(f.path, key))
			}
		case !reflect.DeepEqual(f.value.Interface(), other.value.Interface()):
			keys = append(keys, f.path)
		}
	}
	return keys
}
