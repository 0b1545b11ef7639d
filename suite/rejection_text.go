package suite

// Explain says what was wrong with the push and what to do about it, as the
// alert of such a refusal does.
func (r Rejection) Explain() (message, cure Text) {
	for _, known := range rejectionReasons {
		if known.reason == r.Reason {
			return entryOf(known.alert).Fill(Values{Suite: r.Suite, Address: r.RemoteAddr, Detail: r.Detail})
		}
	}
	return Text{r.Detail, r.Detail}, Text{} // a reason that has no alert
}
