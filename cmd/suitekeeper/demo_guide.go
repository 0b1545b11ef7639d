package main

import (
	"os"
	"path/filepath"
	"strings"

	"suitekeeper/suite"
)

// introduce prints where everything is and what to try.
func (d *demo) introduce(l demoListeners) error {
	signIn, err := d.signIn()
	if err != nil {
		return err
	}
	guide := guideEN
	if d.language == chinese {
		guide = guideZH
	}
	d.say.text("%s", strings.NewReplacer(
		"{console}", "http://"+l.operators.Addr().String()+consolePath,
		"{sign-in}", signIn,
		"{status}", d.statusCommand("http://"+l.operators.Addr().String()),
		"{dingtalk}", "http://"+l.dingtalk.Addr().String()+"/console/",
		"{callback}", d.suite.CallbackURL,
	).Replace(guide))
	return nil
}

// signIn says with what to sign in. The token of a folder that stays is not
// shown: it opens whatever is served from there later.
func (d *demo) signIn() (string, error) {
	path := filepath.Join(d.data, adminTokenFile)
	if !d.temporary {
		if d.language == chinese {
			return path + " 文件中的令牌", nil
		}
		return "the token in the file " + path, nil
	}
	token, err := os.ReadFile(path)
	return strings.TrimSpace(string(token)), err
}

// statusCommand is a command line that works as typed.
func (d *demo) statusCommand(operators string) string {
	_, err := os.Stat(sourceDir)
	return commandName(os.Args[0], err == nil) + " status --admin " + operators +
		" --token-file " + shellWord(filepath.Join(d.data, adminTokenFile))
}

const guideEN = `suitekeeper demo: the receiver and a stand-in for DingTalk, all on this machine

  console            {console}
    sign in with     {sign-in}
  DingTalk stand-in  {dingtalk}  (developer console, where faults are started)
  callbacks          {callback}

In another terminal:  {status}

A tour of five minutes:
  1. Open the console and sign in. It shows an alert: suite demo-new has never got a ticket. The alert
     tells the cure and has a button that opens DingTalk's developer console.
  2. Press that button: it leads to demo-new there. Press 重新推送 (Re-push). The alert vanishes.
  3. In the developer console, at suite demo, start "Code burnt, 40078": a corp authorises, and DingTalk's
     answer with its permanent code is lost. The alert names the corp. Press its button "Try again now":
     DingTalk pushes a new code, the corp becomes active, the alert vanishes.
  4. Start "Not on the whitelist, 60020". The alert names the address that DingTalk refuses. Press "Add the
     address" in the developer console: what waits goes on by itself, and the alert vanishes.
  5. Try any other fault; its alert comes within seconds, and "End all faults" makes everything well. Tickets come
     every 2 s here instead of 5 h, which is told below only once, and are stale after 4 s instead of 6 h: so soon
     "Tickets stop" shows, and any other fault that keeps tickets away makes the last one stale, too.
  6. "Burst of events" and "All corps withdraw" are no faults and raise no alert. The console's events show 200
     new ones; its authorisations become relieved, and active again with "They authorise again".

What happens is told here. Ctrl-C ends it.
`

const guideZH = `suitekeeper 演示：接收端和钉钉的模拟服务，全部在本机运行

  控制台      {console}
    登录令牌  {sign-in}
  模拟钉钉    {dingtalk}  （开发者后台，可在其中启动故障）
  回调地址    {callback}

在另一个终端运行：  {status}

五分钟导览：
  1. 打开控制台并登录。这里有一条告警：套件 demo-new 从未收到过票据。告警写明了处理办法，并有按钮可打开钉钉
     开发者后台。
  2. 点击该按钮，会打开 demo-new 所在的位置，再点击“重新推送”。告警消失。
  3. 在开发者后台的套件 demo 中启动“授权码已失效（40078）”：一家企业授权，而钉钉带有永久授权码的应答丢失。告警
     会指出是哪家企业。点击其“立即重试”按钮：钉钉推送新的授权码，企业变为已激活，告警消失。
  4. 启动“IP 不在白名单中（60020）”。告警会指出被钉钉拒绝的 IP。在开发者后台点击“加入白名单”：等待中的授权
     自动继续处理，告警消失。
  5. 试试其他故障：几秒钟内就会出现相应告警，“结束所有故障”会让一切恢复正常。演示中每 2 秒推送一次票据（实际为
     5 小时；下面只在首次显示），4 秒后视为过期（实际为 6 小时）：“票据停止推送”的告警很快就会出现，其他使票据
     无法送达的故障也会使票据过期。
  6. “突发大量事件”和“所有企业解除授权”不是故障，不会产生告警。控制台的事件列表会出现 200 个新事件；授权会变为
     已解除，点击“重新授权”后恢复为已激活。

下面是正在发生的事情。按 Ctrl-C 结束。
`

// text picks the demo's language.
func (d *demo) text(t suite.Text) string {
	if d.language == chinese {
		return t.ZH
	}
	return t.EN
}
