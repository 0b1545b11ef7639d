package main

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

// ConnectionFault tells why there was no answer.
var ConnectionFault = connectionFault

// AllowedZH is in Chinese what the configuration says is allowed.
var AllowedZH = allowedZH

// DiagnoseLate is what doctor says of an answer that took so long.
func DiagnoseLate(s SuiteConfig, header http.Header, body []byte, took time.Duration) (code string, err error) {
	codec, err := s.codec()
	if err != nil {
		return "", err
	}
	p := &pusher{codec: codec, target: &url.URL{Scheme: "https", Host: "isv.example.com"}}
	a := dingtalktest.Answer{Status: http.StatusOK, ContentType: header.Get("Content-Type"), Body: body}
	return p.diagnose(s.Key, answer{Answer: a, latency: took}, success).Code, nil
}

// CertificateFinding is what doctor says of a certificate that it was shown.
func CertificateFinding(c *x509.Certificate) string {
	return certificateFinding(c, time.Now()).Code
}

// InBoth says an error in both languages.
var InBoth = inBoth

// Verdict says in both languages what is wrong with an answer.
var Verdict = verdict

// FileCause says why a file could not be used.
var FileCause = fileCause

// Errorf is an error in both languages, and InChinese says any error in Chinese.
var (
	Errorf    = errorf
	InChinese = inChinese
)
