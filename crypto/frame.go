package crypto

import (
	"crypto/aes"
	"crypto/rand"
	"encoding/binary"
)

// The text under the cipher: random bytes, the length of msg, msg, $key and
// the padding.
const (
	randomSize = 16
	headerSize = randomSize + 4
	maxPadding = 32 // DingTalk's block for padding, twice that of AES
)

// frame lays msg out for encryption, padded to whole blocks of 32 bytes.
func frame(msg []byte, key string) []byte {
	size := headerSize + len(msg) + len(key)
	padding := maxPadding - size%maxPadding
	text := make([]byte, headerSize, size+padding)
	rand.Read(text[:randomSize]) // never fails, by its documentation
	binary.BigEndian.PutUint32(text[randomSize:], uint32(len(msg)))
	text = append(text, msg...)
	text = append(text, key...)
	for range padding {
		text = append(text, byte(padding))
	}
	return text
}

// unframe takes a decrypted text of whole AES blocks apart. The results are
// parts of text.
func unframe(text []byte) (msg, key []byte, ok bool) {
	text, ok = unpad(text)
	if !ok || len(text) < headerSize {
		return nil, nil, false
	}
	size := uint64(binary.BigEndian.Uint32(text[randomSize:headerSize]))
	rest := text[headerSize:]
	if size > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:size:size], rest[size:], true
}

func unpad(text []byte) ([]byte, bool) {
	if len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, false
	}
	last := text[len(text)-1]
	padding := int(last)
	if padding < 1 || padding > maxPadding || padding > len(text) {
		return nil, false
	}
	body := text[:len(text)-padding]
	for _, b := range text[len(body):] {
		if b != last {
			return nil, false
		}
	}
	return body, true
}
