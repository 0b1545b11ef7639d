package main

import (
	"fmt"
	"slices"
)

// choice is a flag whose value is one of a few words.
type choice[T ~string] struct {
	value *T
	name  string // of the value, in the help text
	words [2]T
}

// String returns the word that is chosen now.
func (c choice[T]) String() string { return string(*c.value) }

// Set takes one of the words.
func (c choice[T]) Set(s string) error {
	if !slices.Contains(c.words[:], T(s)) {
		return fmt.Errorf("must be %s or %s", c.words[0], c.words[1])
	}
	*c.value = T(s)
	return nil
}

// Type names the value in the help text.
func (c choice[T]) Type() string { return c.name }
