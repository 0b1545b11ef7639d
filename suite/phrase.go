package suite

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Phrase is a sentence of ours together with what belongs into it, so that
// every reader can have it in their own language. What is stored is the name
// of the sentence and the values, as a JSON array. Any other text stands for
// itself: words of DingTalk's, of the operating system, or the English that
// earlier versions stored. An empty phrase says nothing. It holds no secrets.
type Phrase string

// Say says one of our sentences. Its values stand in the order of their
// placeholders; a Phrase among them is said in the reader's language as well.
func Say(s Sentence, values ...string) Phrase {
	text, err := json.Marshal(append([]string{string(s)}, values...))
	if err != nil { // strings can always be written
		return Phrase(s)
	}
	return Phrase(text)
}

// AsItIs is a phrase of words that have no translation.
func AsItIs(words string) Phrase {
	if strings.HasPrefix(words, phraseStart) {
		return Say(SayWords, words)
	}
	return Phrase(words)
}

// phraseStart is how the stored form of a sentence begins.
const phraseStart = `["`

// Sentence returns the name of the sentence, empty for words as they are.
func (p Phrase) Sentence() Sentence {
	s, _ := p.parts()
	return s
}

// Text returns the phrase in both languages. What is no sentence that this
// version knows is returned as it is.
func (p Phrase) Text() Text {
	s, values := p.parts()
	if s == "" {
		return asItIs(string(p))
	}
	wording := sentences[s]
	en, zh := make(words, len(values)), make(words, len(values))
	for i, v := range values {
		name, said := strconv.Itoa(i+1), asItIs(v)
		if marked := phraseMark + "{" + name + "}"; strings.Contains(wording.EN, marked) || strings.Contains(wording.ZH, marked) {
			said = Phrase(v).Text()
		}
		en[name], zh[name] = said.EN, said.ZH
	}
	return Text{EN: en.fill(strings.ReplaceAll(wording.EN, phraseMark, "")), ZH: zh.fill(strings.ReplaceAll(wording.ZH, phraseMark, ""))}
}

// String returns the phrase in English, as the log and the API want it.
func (p Phrase) String() string { return p.Text().EN }

// parts takes a phrase apart; the sentence is empty when it is none.
func (p Phrase) parts() (Sentence, []string) {
	if !strings.HasPrefix(string(p), phraseStart) {
		return "", nil
	}
	var list []string
	if json.Unmarshal([]byte(p), &list) != nil {
		return "", nil
	}
	s := Sentence(list[0])
	if _, known := sentences[s]; !known {
		return "", nil
	}
	return s, list[1:]
}

// phraseMark stands before the placeholder of a value, {1} for the first, that is
// a phrase itself. Wordings have it nowhere else.
const phraseMark = "~"
