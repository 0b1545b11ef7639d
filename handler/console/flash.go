package console

import (
	"encoding/json"
	"errors"

	"suitekeeper/suite"
)

// flash is what the next page has to say about what was done: a message of the
// locale files, or why it was not, in the words of whoever reads it then.
type flash struct {
	Failed  bool              `json:"failed,omitempty"`
	Key     string            `json:"key,omitempty"` // below flash in the locale files
	Args    map[string]string `json:"args,omitempty"`
	Message suite.Text        `json:"message,omitzero"` // of the catalogue, where there is no key
	Cure    suite.Text        `json:"cure,omitzero"`
}

// problemFlash says why something was not done, if the error is of that problem.
func problemFlash(err error, problem *suite.ProblemError) (*flash, bool) {
	var told *suite.ProblemError
	if !errors.As(err, &told) || !errors.Is(told, problem) {
		return nil, false
	}
	f := &flash{Failed: true}
	f.Message, f.Cure = told.Explain()
	return f, true
}

// putFlash leaves f for the next page.
func (s *sessions) putFlash(v *visit, f flash) {
	if text, err := json.Marshal(f); err == nil && v.loaded { // strings can always be written
		s.Put(v.ctx, sessionFlash, string(text))
	}
}

// takeFlash returns what there is to say, once.
func (s *sessions) takeFlash(v *visit) *flash {
	if !v.loaded || !s.Exists(v.ctx, sessionFlash) {
		return nil
	}
	f := &flash{}
	if err := json.Unmarshal([]byte(s.PopString(v.ctx, sessionFlash)), f); err != nil {
		return nil // of another version of this program
	}
	return f
}

// said puts a flash in words.
func (l *locale) said(f *flash) (string, error) {
	if f.Key == "" {
		return l.text(f.Message) + l.gap() + l.text(f.Cure), nil
	}
	pairs := make([]any, 0, 2*len(f.Args))
	for name, value := range f.Args {
		pairs = append(pairs, name, value)
	}
	return l.t("flash."+f.Key, pairs...)
}
