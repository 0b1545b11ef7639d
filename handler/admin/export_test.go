package admin

// OwnProblems is tested by itself: no call takes a value yet that could be at fault.
var OwnProblems = ownProblems
