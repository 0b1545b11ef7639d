package console

import "encoding/json"

// flash is what the next page has to say about what was done: a message of the
// locale files, in the words of whoever reads it then.
type flash struct {
	Failed bool              `json:"failed,omitempty"`
	Key    string            `json:"key"` // below flash in the locale files
	Args   map[string]string `json:"args,omitempty"`
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
	pairs := make([]any, 0, 2*len(f.Args))
	for name, value := range f.Args {
		pairs = append(pairs, name, value)
	}
	return l.t("flash."+f.Key, pairs...)
}
