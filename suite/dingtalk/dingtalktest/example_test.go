package dingtalktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"suitekeeper/crypto"
	"suitekeeper/suite/dingtalk/dingtalktest"
)

func Example() {
	keys := crypto.Options{Token: "abcdefghijklmnopqrstuvwx", EncodingAESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", Key: "suited6db0pze8yao1b1y"}
	codec, err := crypto.New(keys)
	if err != nil {
		fmt.Println(err)
		return
	}
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, err := envelopeOf(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		msg, err := codec.Open(e)
		fmt.Println("received", len(msg) > 0, err)
		success(w, codec, "success")
	})

	p := dingtalktest.New(dingtalktest.Options{
		HTTPClient: &http.Client{Transport: dingtalktest.Transport{Handler: receiver}},
	})
	err = p.AddSuite(dingtalktest.Suite{
		Key: keys.Key, Secret: "secret", Token: keys.Token, EncodingAESKey: keys.EncodingAESKey,
		CallbackURL: "http://receiver.example/callback",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()

	err = p.Authorize(keys.Key, dingtalktest.Authorization{CorpID: "ding1", CorpName: "A corp"})
	if err == nil {
		err = p.Wait(ctx, func() bool { return p.Counts().Accepted == 1 })
	}
	if err != nil {
		fmt.Println(err)
	}
	cancel()
	fmt.Println("stopped", <-done)
	for _, push := range p.Pushes() {
		fmt.Println(push.Event, push.Corp, push.OK)
	}
	// Output:
	// received true <nil>
	// stopped <nil>
	// tmp_auth_code ding1 true
}

// An answer that was made by hand is judged without a platform.
func ExampleJudge() {
	codec, err := crypto.New(crypto.Options{Token: "abcdefghijklmnopqrstuvwx", EncodingAESKey: "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", Key: "suited6db0pze8yao1b1y"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"success", "Success"} {
		e, err := codec.Seal([]byte(text), time.Now())
		if err != nil {
			fmt.Println(err)
			return
		}
		body, err := json.Marshal(e.Reply())
		if err != nil {
			fmt.Println(err)
			return
		}
		v := dingtalktest.Judge(codec, "success", dingtalktest.Answer{Status: http.StatusOK, ContentType: "application/json", Body: body})
		fmt.Printf("%s: code %d, reason %q\n", text, v.Code, v.Reason)
	}
	// Output:
	// success: code 0, reason ""
	// Success: code 71009, reason "decrypts to another text than success"
}
