package main

import (
	"encoding/json"
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
	cmd.Flags().VarP(choice[output]{&o, "form", [2]output{outputText, outputJSON}}, "output", "o", "how to print: text or json")
	completeWords(cmd, "output", string(outputText), string(outputJSON))
	return &o
}

// printJSON writes v indented, for programs and people alike.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
