package main_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// TestNewcomerSeesAlertsAndCuresThem is the tour of the demo in a real browser,
// in both languages: sign in with what the terminal says, see an alert, press
// its cure, see it vanish.
func TestNewcomerSeesAlertsAndCuresThem(t *testing.T) {
	for _, tt := range []struct {
		language, locale, prefers     string
		rePush, tryAgain, alert, cure string // what pages and terminal say
	}{
		{"en", "en_US.UTF-8", "en-US", "press re-push", "Try again now", "temporary code is used up", "Cure: "},
		{"zh", "zh_CN.UTF-8", "zh-CN", "点击 suite_ticket 旁的“重新推送”", "立即重试", "临时授权码已被使用或已过期", "处理办法："},
	} {
		t.Run(tt.language, func(t *testing.T) {
			t.Setenv("LC_ALL", tt.locale)
			n := newNewcomer(t, tt.language, tt.prefers)
			n.visit(n.console)
			n.shoot("sign-in")
			n.do(chromedp.SendKeys(chromedp.CSS("#token"), n.token+"\r"))
			n.see(alertOf("ticket_missing"), tt.rePush)
			n.shoot("ticket-missing")

			n.inDeveloperConsole(alertOf("ticket_missing")+` a[target="_blank"]`, func(there *newcomer) {
				there.click(inSuite("demo-new", `button[value="repush"]`))
				there.see(inSuite("demo-new", ".tile.good"), "suite_ticket")
				there.shoot("stand-in-re-push")
			})
			n.gone(alertOf("ticket_missing"))
			n.shoot("well")

			n.inDeveloperConsole("", func(there *newcomer) {
				there.click(inSuite("demo", `button[value="start/code_burnt"]`))
				there.see(inSuite("demo", ".faults li.on"), "40078")
				there.shoot("stand-in-fault")
			})
			n.see(alertOf("code_burnt"), tt.alert)
			n.see(alertOf("code_burnt")+" form button", tt.tryAgain)
			n.shoot("code-burnt")
			n.press(alertOf("code_burnt") + " form button")
			n.visit(n.console)
			n.gone(alertOf("code_burnt"))
			n.shoot("cured")
			n.reads(tt.tryAgain+`(?s).*ticket_missing \(demo-new\)\n.*ticket_missing \(demo-new\) is gone.*code_burnt \(demo\)\n.*`+
				tt.cure+`.*code_burnt \(demo\) is gone`, 1)
			n.album()
		})
	}
}

// alertOf selects an alert on the console's overview.
func alertOf(code string) string { return fmt.Sprintf(`article.alert[data-key^=%q]`, code+" ") }

// inSuite selects something of a suite on the page of DingTalk's stand-in.
func inSuite(name, what string) string {
	return fmt.Sprintf(`section[aria-label$=%q] %s`, " "+name, what)
}

// newcomer is somebody who has just started the demo and looks at it with a
// browser.
type newcomer struct {
	*demonstration
	ctx      context.Context // of the browser's tab
	language string
}

func newNewcomer(t *testing.T, language, prefers string) *newcomer {
	t.Helper()
	browser := newBrowser(t, prefers)
	return &newcomer{demonstration: newDemonstration(t, "--corps", "2"), language: language, ctx: browser}
}

// newBrowser starts a browser that ends with the test, and returns its tab.
func newBrowser(t *testing.T, prefers string) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skipf("no browser: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WindowSize(1280, 900), chromedp.Flag("accept-lang", prefers), chromedp.Flag("hide-scrollbars", true))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // it lives as long as the context of this call
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// do has the browser do things, each of which waits until it can be done.
func (n *newcomer) do(steps ...chromedp.Action[chromedp.Void]) {
	n.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		n.shoot("failed")
		n.Fatal(err)
	}
}

func (n *newcomer) visit(url string) {
	n.Helper()
	n.do(chromedp.Navigate(url))
}

func (n *newcomer) click(selector string) {
	n.Helper()
	n.do(click(selector))
}

// click clicks an element of a page that follows by itself: one that the page
// replaced between finding and clicking it is looked for again.
func click(selector string) chromedp.Action[chromedp.Void] {
	once := chromedp.Click(chromedp.CSS(selector))
	return func(ctx context.Context, tab *chromedp.Target) (none chromedp.Void, err error) {
		for {
			_, err = once(ctx, tab)
			var replaced *cdproto.Error
			if !errors.As(err, &replaced) || ctx.Err() != nil {
				return none, err
			}
		}
	}
}

// press clicks a button that leads to another page.
func (n *newcomer) press(selector string) {
	n.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	if answer, err := chromedp.RunResponse(ctx, click(selector)); err != nil || answer.Status != http.StatusOK {
		n.shoot("failed")
		n.Fatalf("%s leads to %+v, %v", selector, answer, err)
	}
}

// see waits until an element with the text is shown.
func (n *newcomer) see(selector, text string) {
	n.Helper()
	n.until(fmt.Sprintf("%s shows %q", selector, text),
		fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, text))
}

// gone waits until there is no such element: the page is expected to follow by
// itself.
func (n *newcomer) gone(selector string) {
	n.Helper()
	n.until(selector+" is gone", fmt.Sprintf("!document.querySelector(%q)", selector))
}

// until looks again and again, across the pages that come one after another.
func (n *newcomer) until(what, condition string) {
	n.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")")); err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			n.shoot("failed")
			n.Fatalf("waited in vain until %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// inDeveloperConsole looks at DingTalk's developer console in a tab of its own,
// which a link opens, if one is given.
func (n *newcomer) inDeveloperConsole(link string, look func(*newcomer)) {
	n.Helper()
	var tab context.Context
	var cancel context.CancelFunc
	if link == "" {
		tab, cancel = chromedp.NewContext(n.ctx)
	} else {
		opened := chromedp.WaitNewTarget(n.ctx, func(i *target.Info) bool { return strings.HasPrefix(i.URL, n.dingTalk) })
		n.click(link)
		select {
		case id := <-opened:
			tab, cancel = chromedp.NewContext(n.ctx, chromedp.WithTargetID(id))
		case <-time.After(patience):
			n.Fatalf("%s opens no tab with %s", link, n.dingTalk)
		}
	}
	defer cancel()
	there := &newcomer{demonstration: n.demonstration, ctx: tab, language: n.language}
	n.must(chromedp.Do(tab))
	if link == "" {
		there.visit(n.dingTalk)
	}
	look(there)
	n.do(inFront)
}

// inFront makes the tab the one that is seen: pages that nobody sees stand still.
func inFront(ctx context.Context, tab *chromedp.Target) (none chromedp.Void, err error) {
	_, err = cdp.Call(ctx, tab, page.BringToFront, cdp.Empty{})
	return none, err
}

// scheme makes the browser prefer light or dark.
func scheme(name string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return none, err
	}
}

// album keeps pictures of every page, at two widths, light and dark.
func (n *newcomer) album() {
	n.Helper()
	if os.Getenv(screenshotsEnv) == "" {
		return
	}
	links, err := chromedp.Run(n.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("header nav a")].map(a => a.pathname)`))
	n.must(err)
	for _, path := range links {
		n.visit(strings.TrimSuffix(n.console, "/console/") + path)
		name := strings.ReplaceAll(strings.Trim(strings.TrimPrefix(path, "/console"), "/"), "/", "-")
		for _, width := range []int64{1280, 390} {
			for _, colours := range []string{"light", "dark"} {
				n.do(chromedp.EmulateViewport(width, 900), scheme(colours))
				n.shoot(fmt.Sprintf("page-%s-%d-%s", cmp.Or(name, "overview"), width, colours))
			}
		}
	}
}

// screenshotsEnv names the folder that keeps pictures of what the browser saw.
const screenshotsEnv = "TEST_SCREENSHOTS"

// shoot keeps a picture of the whole page, if pictures are kept.
func (n *newcomer) shoot(name string) {
	n.Helper()
	folder := os.Getenv(screenshotsEnv)
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("newcomer-%s-%s.png", n.language, name)), picture, 0o600)
	}
	if err != nil {
		n.Errorf("keep picture %q: %v", name, err)
	}
}
