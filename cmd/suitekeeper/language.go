package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"
)

// language is the value of the flag --lang.
type language string

const (
	english language = "en"
	chinese language = "zh"
)

// addLanguageFlag gives cmd the flag --lang; without it the locale decides.
func addLanguageFlag(cmd *cobra.Command, getenv func(string) string) *language {
	l := localeLanguage(getenv)
	cmd.Flags().Var(choice[language]{&l, "language", [2]language{english, chinese}}, "lang", "language of the output: en or zh (default by LC_ALL, LC_MESSAGES or LANG)")
	cmd.Flags().Lookup("lang").DefValue = "" // the help is the same everywhere
	completeWords(cmd, "lang", string(english), string(chinese))
	return &l
}

// languageOf is what cmd was told to speak with --lang or, where it does not
// have that flag, the language of the locale.
func languageOf(cmd *cobra.Command, getenv func(string) string) language {
	if flag := cmd.Flags().Lookup("lang"); flag != nil {
		return language(flag.Value.String())
	}
	return localeLanguage(getenv)
}

// localeLanguage is Chinese for a Chinese locale, and English otherwise.
func localeLanguage(getenv func(string) string) language {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return chinese
	}
	return english
}
