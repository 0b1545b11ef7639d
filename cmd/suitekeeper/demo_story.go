package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"suitekeeper/suite/dingtalk/dingtalktest"
)

var demoCorpNames = []string{"星河科技", "远山物流", "青禾教育", "云栖餐饮", "海岳医药", "知行设计", "北辰制造", "南风传媒"}

// story is what happens in a demo: first the way of a new suite, then a bit of
// everything.
func (d *demo) story(ctx context.Context) error {
	if err := d.checkURL(ctx); err != nil {
		return err
	}
	for i := range d.corps {
		if err := d.platform.Authorize(d.suite.Key, demoCorp(i)); err != nil {
			return err
		}
	}
	if err := d.platform.Wait(ctx, d.allActive); err != nil {
		return err
	}
	d.say.line("demo", fmt.Sprintf("%d corps are active; from now on a bit of everything", d.corps), true)
	return d.goOn(ctx)
}

// checkURL has DingTalk check the callback URL: a machine that is busy with
// other things may be too slow for it at first.
func (d *demo) checkURL(ctx context.Context) error {
	const tries, pause = 10, time.Second
	for i := 1; ; i++ {
		check, err := d.platform.CheckURL(ctx, d.suite.Key, dingtalktest.CheckUpdateSuiteURL)
		switch {
		case err != nil:
			return err
		case check.OK:
			return nil
		case i == tries:
			return fmt.Errorf("the URL check failed: %s", check.Reason)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func demoCorp(i int) dingtalktest.Authorization {
	name := demoCorpNames[i%len(demoCorpNames)]
	if i >= len(demoCorpNames) {
		name = fmt.Sprintf("%s%d", name, i/len(demoCorpNames)+1)
	}
	return dingtalktest.Authorization{CorpID: fmt.Sprintf("dingdemo%08d", i+1), CorpName: name}
}

// allActive tells whether DingTalk sees every corp activated.
func (d *demo) allActive() bool {
	for i := range d.corps {
		c, ok := d.platform.Corp(d.suite.Key, demoCorp(i).CorpID)
		if !ok || c.ActivatedAt.IsZero() {
			return false
		}
	}
	return true
}

func (d *demo) goOn(ctx context.Context) error {
	if d.rate == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / d.rate))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		// Somebody may just have had the corp withdraw, or its app removed: then
		// there is nothing to do with it.
		err := d.happen(i)
		if err != nil && !errors.Is(err, dingtalktest.ErrUnknownCorp) && !errors.Is(err, dingtalktest.ErrInvalid) {
			return err
		}
	}
}

// happen makes one thing happen. The faults are those that the receiver cures
// by itself: a busy DingTalk, an answer that got lost with its permanent code.
func (d *demo) happen(i int) error {
	key, corp := d.suite.Key, demoCorp(mathrand.IntN(d.corps))
	switch i % 8 {
	case 1:
		return d.platform.ChangeAuth(key, corp.CorpID, dingtalktest.Scope{UserFields: []string{"name", "mobile"}, Departments: []int64{int64(1 + i)}})
	case 3:
		return d.platform.StopApp(key, corp.CorpID, 0)
	case 4:
		return d.restoreApps()
	case 5:
		return d.reauthorize(key, corp)
	default:
		return d.joinStaff(key, corp)
	}
}

func (d *demo) joinStaff(key string, corp dingtalktest.Authorization) error {
	msg := fmt.Sprintf(`{"EventType":"user_add_org","TimeStamp":%d,"UserId":["%s"],"CorpId":"%s"}`,
		time.Now().UnixMilli(), lowerText(8), corp.CorpID)
	_, err := d.platform.PushEvent(key, []byte(msg))
	return err
}

func (d *demo) restoreApps() error {
	for i := range d.corps {
		corp, ok := d.platform.Corp(d.suite.Key, demoCorp(i).CorpID)
		if !ok || !corp.Authorized || len(corp.Agents) == 0 || !corp.Agents[0].Stopped {
			continue
		}
		if err := d.platform.RestoreApp(d.suite.Key, corp.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

// reauthorize has a corp withdraw and authorise again, while the next exchange
// meets a fault.
func (d *demo) reauthorize(key string, corp dingtalktest.Authorization) error {
	if err := d.platform.Relieve(key, corp.CorpID); err != nil {
		return err
	}
	fault := dingtalktest.Fault{Spoil: dingtalktest.Refused, Errcode: -1, Message: "系统繁忙"}
	if mathrand.IntN(2) == 0 {
		fault = dingtalktest.Fault{Spoil: dingtalktest.Dropped, Done: true}
	}
	if err := d.platform.Fault(dingtalktest.GetPermanentCode, fault); err != nil {
		return err
	}
	return d.platform.Authorize(key, corp)
}

// lowerText returns n random letters and digits.
func lowerText(n int) string { return strings.ToLower(rand.Text()[:n]) }
