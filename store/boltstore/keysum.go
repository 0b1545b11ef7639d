package boltstore

// keySum tells whether the keys in the file are those that were put: it is the
// sum of the hashes of all keys, whatever their order. It is kept with every
// commit as the sequence number of the bucket, which bbolt stores for whoever
// wants one. That values are those that were put is not its business; package
// sealed sees to that.
type keySum uint64

func (s *keySum) add(key []byte) { *s += hashKey(key) }

func (s *keySum) remove(key []byte) { *s -= hashKey(key) }

// hashKey is FNV-1a with 64 bits.
func hashKey(key []byte) keySum {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, b := range key {
		h = (h ^ uint64(b)) * prime
	}
	return keySum(h)
}
