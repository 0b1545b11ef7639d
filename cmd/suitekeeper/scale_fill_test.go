package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
	"suitekeeper/suite"
)

// The suite that everything is about, and one about which there is little.
const (
	scaleSuite = "suitescale0123456789"
	quietSuite = "suitequiet0123456789"
)

// rowsPerPush is how many rows a SyncHTTP push has, and pushers how many pushes
// are under way at once: they share their commits.
const (
	rowsPerPush = 1000
	pushers     = 32
)

// filled returns when there are so many corps and events in the data folder. It
// takes the folder that an earlier run has left full of them.
func (r *scaleReceiver) filled(size scale) {
	r.Helper()
	mark := filepath.Join(r.data, "filled-for-tests")
	want := fmt.Appendf(nil, "%d authorisations, %d events, %d failed", size.corps, size.events, size.failed)
	if have, err := os.ReadFile(mark); err == nil && bytes.Equal(have, want) {
		return
	}
	if _, err := os.Stat(r.dataFile()); err == nil {
		r.Fatalf("%s holds something else than %s; remove it", r.data, want)
	}
	stored, indexed := r.fill(size)
	r.Logf("%s stored in %v, indexed in %v more; the data file has %d MB", want,
		stored.Round(time.Second), indexed.Round(time.Second), fileSize(r.T, r.dataFile())>>20)
	must(r.T, os.WriteFile(mark, want, 0o600))
}

// fill stores corps and events by way of Keeper.Receive, as pushes, and waits
// until the indexes are complete. It tells how long either took.
func (r *scaleReceiver) fill(size scale) (stored, indexed time.Duration) {
	r.Helper()
	must(r.T, os.MkdirAll(filepath.Dir(r.dataFile()), 0o700))
	disk, err := boltstore.Open(r.Context(), boltstore.Options{Path: r.dataFile(), CheckLater: true}) // as serve leaves it
	must(r.T, err)
	engine, err := sealed.Open(r.Context(), disk, sealed.KeyOptions{Path: filepath.Join(r.data, "suitekeeper.key")})
	must(r.T, err)
	defer engine.Close()
	must(r.T, store.Migrate(r.Context(), engine, suite.Migrations(), nil))
	platform := newScalePlatform(r.T)
	keeper, err := suite.New(suite.Options{Store: engine, Platform: platform.client(r.T), Suites: []suite.Suite{
		{Key: scaleSuite, Secret: scaleSecret}, {Key: quietSuite},
	}})
	must(r.T, err)
	must(r.T, keeper.Prepare(r.Context()))

	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- keeper.Run(ctx) }()
	defer func() {
		cancel()
		must(r.T, <-done)
	}()
	start := time.Now()
	r.push(keeper, rowPushes(size))
	r.push(keeper, platform.burntPushes(r.T, size))
	r.waitForFailed(keeper, size.failed)
	platform.leave()
	r.push(keeper, singlePushes())
	r.audited(keeper, size)
	stored = time.Since(start)
	r.waitForIndexes(engine)
	return stored, time.Since(start) - stored
}

// push has all pushes received.
func (r *scaleReceiver) push(keeper *suite.Keeper, pushes []scalePush) {
	r.Helper()
	var next atomic.Int64
	var running sync.WaitGroup
	for range pushers {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(pushes)); i = next.Add(1) - 1 {
				if _, err := keeper.Receive(r.Context(), suite.Push{Suite: pushes[i].suite, Text: pushes[i].text()}); err != nil {
					r.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	if r.Failed() {
		r.FailNow()
	}
}

// waitForIndexes returns when every event is in the indexes and the journal of
// authorisations is empty.
func (r *scaleReceiver) waitForIndexes(engine store.Engine) {
	r.Helper()
	raw := func(name string) store.Collection[[]byte] { return store.NewCollection[[]byte](name, rawCodec{}) }
	for {
		complete := false
		must(r.T, engine.View(r.Context(), func(s store.Reader) error {
			var newest []byte
			for e, err := range raw("event").Scan(s, nil, nil, true) {
				if newest = e.Key; err != nil {
					return err
				}
				break
			}
			for range raw("auth-change").Scan(s, nil, nil, false) {
				return nil
			}
			index, err := store.NewCollection("index", store.JSON[struct{ Events suite.EventID }]()).Get(s, store.Key{}.Text("events"))
			complete = err == nil && bytes.Equal(index.Events[:], newest)
			return nil
		}))
		if complete {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// scalePush is a push to be made.
type scalePush struct {
	suite suite.SuiteKey
	text  func() []byte
}

// rowPushes brings authorisations by the thousand and other events, in turn.
func rowPushes(size scale) (list []scalePush) {
	for i := 0; i < size.corps; i += rowsPerPush {
		list = append(list, scalePush{scaleSuite, func() []byte { return syncPush("HIGH", i, grantRow) }})
	}
	others := size.events - size.corps
	for i := 0; i < others; i += rowsPerPush {
		list = append(list, scalePush{scaleSuite, func() []byte { return syncPush("MEDIUM", i, staffRow(size)) }})
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// singlePushes bring what is rare, to corps that have their authorisation.
func singlePushes() (list []scalePush) {
	for i := range 300 {
		for _, text := range []string{
			fmt.Sprintf(`{"EventType":"suite_relieve","SuiteKey":"%s","AuthCorpId":"%s","n":%d}`, scaleSuite, corpOf(i*7), i),
			fmt.Sprintf(`{"EventType":"org_micro_app_stop","SuiteKey":"%s","AuthCorpId":"%s","AppId":77}`, scaleSuite, corpOf(i*7+1)),
			fmt.Sprintf(`{"EventType":"change_auth","SuiteKey":"%s","AuthCorpId":"dingnever%d"}`, scaleSuite, i),
			fmt.Sprintf(`{"EventType":"tmp_auth_code","SuiteKey":"%s","AuthCode":"code%d","AuthCorpId":"dingnew%d"}`, scaleSuite, i, i),
			fmt.Sprintf(`{"EventType":"user_add_org","CorpId":"%s","CorpId":"twice%d"}`, corpOf(i), i),
		} {
			list = append(list, scalePush{scaleSuite, func() []byte { return []byte(text) }})
		}
	}
	for i := range 20 {
		list = append(list, scalePush{quietSuite, func() []byte { return fmt.Appendf(nil, `{"EventType":"check_url","n":%d}`, i) }})
	}
	return list
}

// syncPush is a push of rows.
func syncPush(table string, first int, row func(i int) map[string]any) []byte {
	rows := make([]map[string]any, rowsPerPush)
	for i := range rows {
		rows[i] = row(first + i)
	}
	text, err := json.Marshal(map[string]any{"EventType": "SYNC_HTTP_PUSH_" + table, "bizData": rows})
	if err != nil {
		panic(err)
	}
	return text
}

func syncRow(i, bizType int, bizID, corp string, data map[string]any) map[string]any {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	now := time.Now().UnixMilli()
	return map[string]any{"id": i, "gmt_create": now, "gmt_modified": now, "subscribe_id": "14999999001_0", "corp_id": corp,
		"biz_id": bizID, "biz_type": bizType, "biz_data": string(text), "open_cursor": 0, "status": 0}
}

// grantRow is a corp's authorisation with its permanent code.
func grantRow(i int) map[string]any {
	corp := corpOf(i)
	return syncRow(i, 4, "1489999001", corp, map[string]any{
		"syncAction": "org_suite_auth", "permanent_code": hexOf(i, 4), "ch_permanent_code": hexOf(i, 2),
		"auth_corp_info": map[string]any{"corpid": corp, "corp_name": nameOf(i), "corp_logo_url": "https://static.dingtalk.com/media/" + hexOf(i, 3) + ".png",
			"industry": "计算机软件", "auth_level": 2, "is_authenticated": true, "license_code": "", "auth_channel": "open_isv"},
		"auth_info": map[string]any{"agent": []any{map[string]any{"agentid": 1000000 + i, "appid": 77, "agent_name": "智能考勤",
			"admin_list": []string{"manager" + hexOf(i, 1)}, "logo_url": "https://static.dingtalk.com/media/agent.png"}}},
		"auth_user_info": map[string]any{"userId": "manager" + hexOf(i, 1)},
		"auth_scope": map[string]any{"errcode": 0, "errmsg": "ok", "condition_field": []string{},
			"auth_user_field": []string{"name", "avatar", "mobile", "jobnumber", "position"},
			"auth_org_scopes": map[string]any{"authed_user": []string{}, "authed_dept": []int{1}}},
	})
}

// staffRow is a change in the address book of some corp.
func staffRow(size scale) func(i int) map[string]any {
	actions := [...]string{"user_modify_org", "user_modify_org", "user_add_org", "user_leave_org", "org_dept_modify"}
	return func(i int) map[string]any {
		staff := "staff" + hexOf(i, 1)
		return syncRow(i, 13, staff, corpOf(i*i%size.corps), map[string]any{
			"syncAction": actions[i%len(actions)], "userid": staff, "name": "张三", "active": true, "department": []int{1, i % 97},
			"orderInDepts": "{1:176362815343598512}", "position": "工程师", "isLeaderInDepts": "{1:false}", "unionid": hexOf(i, 2)})
	}
}

// corpOf is the id of a corp; ids come in no order.
func corpOf(i int) string { return "ding" + hexOf(i, 2) }

// hexOf makes words of 16 digits of a number, always the same.
func hexOf(i, words int) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(uint64(i), uint64(words)))
	for range words {
		fmt.Fprintf(&b, "%016x", r.Uint64())
	}
	return b.String()
}

// nameOf is the name of a corp: three in four are Chinese.
func nameOf(i int) string {
	r := rand.New(rand.NewPCG(uint64(i), 99))
	pick := func(words string) string {
		list := strings.Fields(words)
		return list[r.IntN(len(list))]
	}
	const (
		cities   = "杭州 上海 北京 深圳市 广州 成都 南京 武汉市 苏州 西安 重庆 厦门市 宁波 长沙 青岛 合肥"
		first    = "云 智 华 鼎 恒 瑞 中 天 金 海 博 创 新 信 安 德 盛 宏 正 飞 星 启 博 优 慧 卓 嘉 丰 凯 力"
		second   = "帆 联 信 达 通 源 泰 科 诚 远 和 润 升 图 思 数 景 越 诺 方 洋 捷 腾 辰 衡 岳 石 川 江 林"
		trades   = "网络科技 信息技术 贸易 实业 文化传媒 教育咨询 电子商务 软件 生物科技 建筑工程 餐饮管理 物流 医疗器械 汽车服务"
		ends     = "有限公司 有限公司 有限公司 有限责任公司 股份有限公司 集团"
		english  = "Blue North Golden Silver Pacific Rapid Smart Global Bright Green Apex Nova Lotus Dragon Harbor Cloud"
		english2 = "Works Systems Trading Logistics Digital Foods Media Robotics Health Energy Design Capital Software"
	)
	if r.IntN(4) == 0 {
		return fmt.Sprintf("%s %s %s Co., Ltd.", pick(english), pick(english2), hexOf(i, 1)[:4])
	}
	return pick(cities) + pick(first) + pick(second) + pick(first) + pick(trades) + pick(ends)
}
