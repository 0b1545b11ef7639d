//go:build race

package main_test

// raced says that the race detector is on, under which everything takes many
// times as long. What is measured against limits of time is made smaller then.
const raced = true
