package crypto_test

import (
	"strings"
	"testing"
)

const event = `{"AuthCode":"6b4294d637a0387eb36e6785451ff845","EventType":"tmp_auth_code","SuiteKey":"suitew9h1bvc3t2rmqaym","AuthCorpId":"ding5bfeb97afcccb984","TimeStamp":1783610513000}`

func BenchmarkOpen(b *testing.B) {
	codec := newCodec(b, options)
	e := seal(b, options, event)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Open(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	codec := newCodec(b, options)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Seal([]byte("success"), now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	codec := newCodec(b, options)
	e := seal(b, options, event)
	b.ReportAllocs()
	for b.Loop() {
		if !codec.Verify(e) {
			b.Fatal("Verify = false")
		}
	}
}

func TestOpenAllocatesInProportionToItsInput(t *testing.T) {
	codec := newCodec(t, options)
	for _, size := range []int{100, 1 << 20} {
		e := seal(t, options, strings.Repeat("x", size))
		got := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				if _, err := codec.Open(e); err != nil {
					b.Fatal(err)
				}
			}
		})
		if limit := int64(2*len(e.Encrypt) + 1024); got.AllocedBytesPerOp() > limit {
			t.Errorf("Open(%d characters) allocates %d bytes, want at most %d", len(e.Encrypt), got.AllocedBytesPerOp(), limit)
		}
	}
}
