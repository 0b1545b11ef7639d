package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"suitekeeper/suite"
)

// Config is the whole configuration, in effect: flags over environment over
// file over defaults, with every secret read from where it is kept. Printing
// it in any form shows secrets as •••.
//
// The tags are the schema, and loading knows no other: json names the key,
// default is its value when nothing sets it, validate holds the rules, and
// allowed says in words what may stand there, for error messages.
type Config struct {
	// Listen is where DingTalk's callbacks arrive.
	Listen string `json:"listen" default:"127.0.0.1:8080" validate:"address" allowed:"host:port, as 127.0.0.1:8080 or :8080"`
	// TLS, when set, is spoken by both listeners.
	TLS TLSConfig `json:"tls"`
	// MaxBodyBytes bounds the body of a push.
	MaxBodyBytes int64 `json:"max_body_bytes" default:"1048576" validate:"min=1024,max=67108864" allowed:"a number of bytes from 1024 to 67108864"`
	// Admin is the operators' side.
	Admin AdminConfig `json:"admin"`
	// Data is the folder of everything that must survive a restart.
	Data string `json:"data" default:"./data" validate:"required" allowed:"a folder; a relative one starts at the working directory"`
	// MasterKey wraps the key that the data is encrypted with. Without it that
	// key lies in the data folder unwrapped.
	MasterKey suite.Secret `json:"master_key" validate:"omitempty,master_key" allowed:"32 bytes in base64 or hex, as printed by: openssl rand -base64 32"`
	// PublicURL is how DingTalk reaches Listen.
	PublicURL string `json:"public_url" validate:"omitempty,base_url" allowed:"an absolute https or http URL without user, query or fragment, as https://isv.example.com"`
	// TrustedProxies are the proxies whose X-Forwarded-For counts.
	TrustedProxies []string `json:"trusted_proxies" validate:"dive,network" allowed:"a list of CIDRs or addresses, as [10.0.0.0/8]"`
	// AllowedSources are the networks that may push; none means any.
	AllowedSources []string `json:"allowed_sources" validate:"dive,eq=dingtalk|network" allowed:"a list of CIDRs or addresses; dingtalk stands for the ranges that DingTalk publishes"`
	// Backup schedules backups.
	Backup BackupConfig `json:"backup"`
	// Retention says how long things are kept.
	Retention RetentionConfig `json:"retention"`
	// TicketStaleAfter is the age at which a suite_ticket raises an alert.
	TicketStaleAfter Duration `json:"ticket_stale_after" default:"6h" validate:"least=1m" allowed:"a duration of at least 1m, as 6h or 90m"`
	// DingTalk is the server API that is called.
	DingTalk DingTalkConfig `json:"dingtalk"`
	// Suites are the suites served.
	Suites []SuiteConfig `json:"suites" validate:"dive" allowed:"a list of suites, each with key, secret, token and aes_key"`
	// Log is how the program reports what it does.
	Log LogConfig `json:"log"`
}

// TLSConfig names the certificate of the listeners. A relative path in the
// configuration file starts at that file's folder.
type TLSConfig struct {
	CertFile string `json:"cert_file" validate:"required_with=KeyFile" allowed:"a PEM file with the certificate and its chain; needs tls.key_file too"`
	KeyFile  string `json:"key_file" validate:"required_with=CertFile" allowed:"a PEM file with the private key; needs tls.cert_file too"`
}

// Enabled reports whether a certificate is configured.
func (c TLSConfig) Enabled() bool { return c.CertFile != "" }

// AdminConfig is the operators' listener.
type AdminConfig struct {
	// Listen serves API, console and metrics.
	Listen string `json:"listen" default:"127.0.0.1:8081" validate:"address" allowed:"host:port, as 127.0.0.1:8081; beyond loopback only with tls.cert_file and tls.key_file"`
	// Tokens are the bearer tokens of people and programs.
	Tokens []AdminToken `json:"tokens" validate:"dive" allowed:"a list of tokens, each with name, token or token_file, and role"`
}

// AdminToken lets its bearer use the admin API.
type AdminToken struct {
	Name  string       `json:"name" validate:"required,max=64" allowed:"a name of at most 64 characters, shown in the audit log"`
	Token suite.Secret `json:"token" validate:"required,min=16" allowed:"at least 16 characters, as printed by: openssl rand -hex 24"`
	Role  string       `json:"role" validate:"oneof=viewer operator app" allowed:"viewer, operator or app"`
}

// BackupConfig schedules backups, and says whom backups are encrypted for.
type BackupConfig struct {
	// Dir is the folder of the scheduled backups; without one there are none.
	Dir   string   `json:"dir" allowed:"a folder for nothing but backups of this server; a relative one starts at the working directory"`
	Every Duration `json:"every" default:"24h" validate:"least=1m" allowed:"a duration of at least 1m, as 24h"`
	// Keep is how many of the newest are kept.
	Keep int64 `json:"keep" default:"7" validate:"min=1,max=10000" allowed:"a number from 1 to 10000"`
	// Recipients are the keys of age that can open the backups. Without any it
	// is the master key.
	Recipients []string `json:"recipients" validate:"dive,age_recipient" allowed:"a list of recipients of age, as age-keygen prints them: age1…"`
}

// RetentionConfig says how long things are kept.
type RetentionConfig struct {
	Events       Duration `json:"events" default:"720h" validate:"least=1h" allowed:"a duration of at least 1h, as 720h"`
	Fingerprints Duration `json:"fingerprints" default:"1080h" validate:"least=1h" allowed:"a duration of at least 1h, as 1080h; repeats are recognised for that long"`
}

// DingTalkConfig is the server API that is called.
type DingTalkConfig struct {
	OAPIURL string `json:"oapi_url" default:"https://oapi.dingtalk.com" validate:"base_url" allowed:"an absolute https or http URL without user, query or fragment, as https://oapi.dingtalk.com"`
	APIURL  string `json:"api_url" default:"https://api.dingtalk.com" validate:"base_url" allowed:"an absolute https or http URL without user, query or fragment, as https://api.dingtalk.com"`
}

// SuiteConfig is one suite as DingTalk's developer console shows it.
type SuiteConfig struct {
	Key    string       `json:"key" validate:"required,suite_key" allowed:"suiteKey (Client ID) in the developer console: 1 to 64 letters, digits, _ or -"`
	Name   string       `json:"name" validate:"max=64" allowed:"a name of at most 64 characters, for people"`
	Secret suite.Secret `json:"secret" validate:"required" allowed:"suiteSecret (Client Secret) in the developer console"`
	Token  suite.Secret `json:"token" validate:"required,min=3,max=32,alphanum" allowed:"the token that signs callbacks: 3 to 32 letters or digits, the same as in the developer console"`
	AESKey suite.Secret `json:"aes_key" validate:"required,len=43,alphanum" allowed:"EncodingAESKey: 43 letters or digits, the same as in the developer console"`
	// AppID, when given, lets a burnt tmp_auth_code be asked for again.
	AppID int64 `json:"app_id" validate:"min=0" allowed:"the number of the app in the developer console, or 0"`
	// URLCheckReply is the answer to check_create_suite_url and
	// check_update_suite_url; the oldest consoles want Random back.
	URLCheckReply string `json:"url_check_reply" default:"success" validate:"oneof=success random" allowed:"success or random"`
}

// LogConfig is how the program reports what it does.
type LogConfig struct {
	Level  string `json:"level" default:"info" validate:"oneof=debug info warn error" allowed:"debug, info, warn or error"`
	Format string `json:"format" default:"json" validate:"oneof=json console" allowed:"json or console"`
}

// Duration is a time.Duration that is written as 6h or 1m30s.
type Duration time.Duration

// UnmarshalText reads what time.ParseDuration reads. Its error does not quote
// text and leaves the duration as it was.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return errorf(suite.Text{EN: "is not a duration", ZH: "不是时间长度"})
	}
	*d = Duration(v)
	return nil
}

// String is short for whole hours.
func (d Duration) String() string {
	v := time.Duration(d)
	if v != 0 && v%time.Hour == 0 {
		return fmt.Sprintf("%dh", v/time.Hour)
	}
	return v.String()
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MasterKeyBytes returns the 32 bytes of MasterKey, or nil when none is set.
func (c Config) MasterKeyBytes() []byte {
	key, _ := decodeMasterKey(c.MasterKey.Reveal())
	return key
}

// decodeMasterKey reads 32 bytes in hex or in either alphabet of base64, padded
// or not; ok tells whether text is such a key.
func decodeMasterKey(text string) (key []byte, ok bool) {
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString,
		base64.StdEncoding.DecodeString,
		base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString,
		base64.RawURLEncoding.DecodeString,
	} {
		if key, err := decode(text); err == nil && len(key) == 32 {
			return key, true
		}
	}
	return nil, false
}
