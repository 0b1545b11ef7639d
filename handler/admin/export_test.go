package admin

// OwnProblems is tested by itself: not all of huma's errors can be caused.
var OwnProblems = ownProblems

// Peers is how many addresses are known.
func (t *Throttle) Peers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.peers)
}

// NewProblem is tested by itself, too.
var NewProblem = newProblem
