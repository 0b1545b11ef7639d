package suite

import (
	"strings"
	"unicode"
)

// foldName makes of a name what is compared in searches: lower case, the
// full-width letters of Chinese keyboards as ordinary ones, spaces single.
func foldName(name string) string {
	folded := strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000':
			return ' '
		case '\uff01' <= r && r <= '\uff5e':
			r -= '\uff01' - '!'
		}
		return unicode.ToLower(r)
	}, name)
	return strings.Join(strings.Fields(folded), " ")
}
