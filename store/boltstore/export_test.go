package boltstore

// WithReserve returns the options with less address space for the file to grow
// in: what lies beyond it must be mapped anew.
func (o Options) WithReserve(bytes int64) Options {
	o.addresses = bytes
	return o
}
