package main

import (
	"cmp"
	"fmt"
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
	cmd.Flags().Var(&l, "lang", "language of the output: en or zh (default by LC_ALL, LC_MESSAGES or LANG)")
	cmd.Flags().Lookup("lang").DefValue = "" // the help is the same everywhere
	return &l
}

// localeLanguage is Chinese for a Chinese locale, and English otherwise.
func localeLanguage(getenv func(string) string) language {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"))
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return chinese
	}
	return english
}

// String, Set and Type make language a flag that refuses unknown ones.
func (l *language) String() string { return string(*l) }

// Set takes en or zh.
func (l *language) Set(s string) error {
	if v := language(s); v == english || v == chinese {
		*l = v
		return nil
	}
	return fmt.Errorf("must be %s or %s", english, chinese)
}

// Type names the value in the help text.
func (l *language) Type() string { return "language" }
