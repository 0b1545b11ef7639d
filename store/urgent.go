package store

import "context"

type urgentKey struct{}

// Urgent marks the updates that are made with the context that it returns. When
// the disk is full an engine refuses the others with ErrFull, and keeps for
// these what room it has set aside. So they are few and small: what a person
// does, what was given to us and would not be given again, and what makes room.
func Urgent(ctx context.Context) context.Context {
	return context.WithValue(ctx, urgentKey{}, true)
}

// IsUrgent tells whether the context came from Urgent. It is for engines.
func IsUrgent(ctx context.Context) bool {
	urgent, _ := ctx.Value(urgentKey{}).(bool)
	return urgent
}
