package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// output is the value of the flag -o: text for people, JSON for programs.
type output string

const (
	outputText output = "text"
	outputJSON output = "json"
)

// addOutputFlag gives cmd the flag -o, --output.
func addOutputFlag(cmd *cobra.Command) *output {
	o := outputText
	cmd.Flags().VarP(&o, "output", "o", "how to print: text or json")
	return &o
}

// String, Set and Type make output a flag that refuses unknown forms.
func (o *output) String() string { return string(*o) }

// Set takes text or json.
func (o *output) Set(s string) error {
	if v := output(s); v == outputText || v == outputJSON {
		*o = v
		return nil
	}
	return fmt.Errorf("must be %s or %s", outputText, outputJSON)
}

// Type names the value in the help text.
func (o *output) Type() string { return "form" }

// printJSON writes v indented, for programs and people alike.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
