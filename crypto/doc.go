// Package crypto seals and opens the envelope in which DingTalk's callbacks
// travel, in both directions: pushes to an ISV's suite and the suite's replies.
//
// # The envelope
//
// A push is POST <callback>?signature=…&timestamp=…&nonce=… with the body
// {"encrypt":"…"}; a reply has the same four values as JSON members (see
// [Reply]). Both sides share a token, an AES key of 32 bytes, written as 43
// letters or digits (the EncodingAESKey, base64 without its padding), and the
// $key, which for a suite is the suiteKey. While a suite is being created it
// has no key yet and DingTalk uses [CreationKey] instead.
//
// The encrypt value is base64(AES-256-CBC(text)), the initialisation vector
// being the first 16 bytes of the AES key, and text being
//
//	random(16) | length of msg (4 bytes, big endian) | msg | $key | padding
//
// The padding is that of PKCS #7 for blocks of 32 bytes: 1 to 32 bytes, each
// holding their number. Some peers pad to 16 bytes, so any such padding that
// completes a block of AES is accepted; what we seal is padded to 32.
//
// The signature is the hexadecimal SHA-1 over token, timestamp, nonce and
// encrypt, sorted bytewise and joined without separators.
//
// # Why the forms are strict
//
// That signature is weak in two ways, and [Envelope.Check] closes both.
//
// SHA-1 can be extended: from the digest of a text, and without knowing the
// text, anyone can compute the digest of text | glue | more, where glue is
// SHA-1's own padding (a byte 0x80, zeros, a length). When the token sorts
// before the three other values, whoever saw one push could therefore sign
// another by hiding the glue in one of them. The glue is neither digits, nor
// printable, nor base64, so the strict forms leave no place for it.
//
// Values joined without separators can be cut elsewhere. A timestamp of 10 or
// 13 digits and an encrypt of whole blocks leave little room: bytes move
// between nonce and encrypt only 64 at a time (48 bytes, the smallest number
// that is whole in both base64 and AES), more than a nonce can give or take. One
// cut remains: three digits may move between timestamp and nonce, which names
// the same second and the same text. So a receiver must recognise a repeated
// message by its text, as retries demand anyway, and must not build on the
// fraction of the second.
//
// # What outsiders may learn
//
// Open tells the operator's side why it refused: [ErrMalformed],
// [ErrSignature], [ErrUndecryptable] or a [*KeyError]. A server must answer
// the last three in the same way, or it becomes an oracle for the plaintext.
// Nothing is decrypted before the signature is found right, and no error
// quotes the token, the AES key or a decrypted message.
package crypto
