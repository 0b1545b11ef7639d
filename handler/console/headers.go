package console

import "net/http"

// policy lets a page use what this server serves, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// sameOrigin is the policy for referrers. Without any, a browser that sends no
// Sec-Fetch-Site (over plain HTTP from afar) would call the origin of a form
// "null", and it would be taken for a foreign one.
const sameOrigin = "same-origin"

// protect sets the headers of every answer. Assets set their own caching.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", sameOrigin)
	h.Set("Cross-Origin-Resource-Policy", sameOrigin)
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", sameOrigin)
	h.Set("X-Content-Type-Options", "nosniff")
}
