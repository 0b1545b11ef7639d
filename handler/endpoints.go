package handler

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"suitekeeper/crypto"
	"suitekeeper/suite"
)

// FormerKeysFor is how long a push may still carry keys of its suite that were
// replaced. Nobody can change them here and in DingTalk's developer console at
// the same moment, and what DingTalk pushes again it sealed before.
const FormerKeysFor = 10 * time.Minute

// maxFormer is how many former keys of a suite are taken: each costs every push
// with wrong ones.
const maxFormer = 4

// endpoints are the suites that are served. They do not change; SetSuites makes
// others.
type endpoints struct {
	list  []*endpoint
	byKey map[suite.SuiteKey]*endpoint
}

// endpoint is one suite's side of the listener.
type endpoint struct {
	key      suite.SuiteKey
	codec    *crypto.Codec
	former   []formerCodec
	accepted prometheus.Counter
}

// formerCodec has keys that were replaced.
type formerCodec struct {
	codec *crypto.Codec
	until time.Time
}

// label names the suite in metrics and log. A nil one is a suite that is not known.
func (s *endpoint) label() string {
	if s == nil {
		return noSuite
	}
	return string(s.key)
}

// newEndpoints makes the endpoints of suites in place of those before, if any.
func newEndpoints(suites []Suite, before *endpoints, now time.Time, m *metrics) *endpoints {
	all := &endpoints{byKey: make(map[suite.SuiteKey]*endpoint, len(suites))}
	for _, s := range suites {
		e := &endpoint{key: s.Key, codec: s.Codec, accepted: m.pushes.WithLabelValues(string(s.Key), resultAccepted)}
		if before != nil && before.byKey[s.Key] != nil {
			e.former = before.byKey[s.Key].formerFor(s.Codec, now)
		}
		all.list = append(all.list, e)
		all.byKey[s.Key] = e
	}
	return all
}

// find returns the suite of that key, or the only one for a push that names none;
// nil if it is not known.
func (e *endpoints) find(named suite.SuiteKey) *endpoint {
	if named == "" && len(e.list) == 1 {
		return e.list[0]
	}
	return e.byKey[named]
}

// formerFor are the former codecs once next takes the place of the endpoint's own.
func (s *endpoint) formerFor(next *crypto.Codec, now time.Time) []formerCodec {
	list := slices.DeleteFunc(slices.Clone(s.former), func(f formerCodec) bool { return !now.Before(f.until) })
	if s.codec != next {
		list = append(list, formerCodec{s.codec, now.Add(FormerKeysFor)})
	}
	return list[max(0, len(list)-maxFormer):]
}

// verify tells whether a key of the suite signed the envelope.
func (s *endpoint) verify(e crypto.Envelope, now time.Time) bool {
	return s.codec.Verify(e) || slices.ContainsFunc(s.former, func(f formerCodec) bool { return now.Before(f.until) && f.codec.Verify(e) })
}

// open opens an envelope and tells with which keys. Its error is about the
// suite's own.
func (s *endpoint) open(e crypto.Envelope, now time.Time) ([]byte, *crypto.Codec, error) {
	text, err := s.codec.Open(e)
	if err == nil {
		return text, s.codec, nil
	}
	for _, f := range s.former {
		if !now.Before(f.until) {
			continue
		}
		if text, err := f.codec.Open(e); err == nil {
			return text, f.codec, nil
		}
	}
	return nil, s.codec, err
}
