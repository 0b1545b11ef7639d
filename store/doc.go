// Package store keeps bytes durably, in the order of their keys.
//
// An [Engine] is small, so that a second one is easy to write: one snapshot to
// read ([Engine.View]), one atomic change ([Engine.Update]), Close. What every
// engine shares stands once above it: typed collections ([Collection]), keys
// that sort ([Key]) and the version of the schema ([Migrate]); package backup
// writes and loads backups of any engine. The engines are in the folders below;
// package storetest holds the tests that each of them passes.
//
// # What is promised
//
//   - Durability: when Update returns nil, the change has been flushed to disk.
//     Neither a crash of the process nor one of the machine takes it back.
//   - Atomicity: all that one function put and deleted happens, or none of it.
//     A function that fails does so alone, even where an engine commits it
//     together with others.
//   - Order: updates happen one after another. Each sees all that was
//     acknowledged before it began. A view sees one moment: everything
//     acknowledged before it began, and nothing that came later.
//   - A crash at any moment leaves each update either whole or absent. An
//     acknowledged one is never absent; one that was not acknowledged may be
//     there, so whoever tries again must recognise what has been done already.
//   - Unknown outcome: after an error of the commit itself nobody can tell
//     whether the change is on disk. The engine says so ([ErrUnknownOutcome])
//     to everyone who waited for that commit, and takes no updates from then
//     on ([ErrFailed]), because whatever followed would stand on something
//     unknown. The process is expected to end; the next start checks the
//     files before it serves.
//   - Full disk: an update for which there is no room is refused ([ErrFull]), and
//     nothing was done. Updates are taken again when there is room. Some must go
//     on meanwhile, as far as an engine has set room aside ([Urgent]).
//   - Damage: what was put is handed out, or an error. An engine whose files
//     were damaged says so, when it is opened or when it comes upon it.
//
// # Keys
//
// Keys in random order are what costs in a tree on disk: every commit then
// touches as many pages as it has keys. So lead keys with time where there is
// a choice, and build indexes over other orders later and in large batches.
package store
