package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screenshotsEnv names a folder for pictures of every page.
const screenshotsEnv = "TEST_SCREENSHOTS"

// patience is how long the browser may take for one thing. Here are few cores,
// and much else may run on them.
const patience = 30 * time.Second

// chromium is a tab of a real browser.
type chromium struct {
	t      testing.TB
	ctx    context.Context
	voiced *complaints
}

// startChromium starts a browser that ends with the test.
func startChromium(t testing.TB) *chromium {
	t.Helper()
	program := findChromium(t)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	c := &chromium{t, ctx, &complaints{}}
	// The first call starts the browser, which then lives as long as its context.
	if err := chromedp.Listen(ctx, c.voiced.hear); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	c.do(call(log.Enable, cdp.Empty{}),
		call(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})) // as if its window were in front
	return c
}

// findChromium finds a browser, or skips the test. In CI there is one.
func findChromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const none = "no Chromium here; on Debian: apt-get install chromium fonts-noto-cjk"
	if os.Getenv("CI") == "true" {
		t.Fatal(none)
	}
	t.Skip(none)
	return ""
}

// with is the same tab for a part of the test.
func (c *chromium) with(t testing.TB) *chromium { return &chromium{t, c.ctx, c.voiced} }

// call makes an action of a command of the browser's protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

// do has the browser do things, each of which waits until it can be done.
func (c *chromium) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	c.must(chromedp.Do(ctx, steps...))
}

// leads does what makes the browser load another page, waits for that page, and
// returns its status.
func (c *chromium) leads(steps ...chromedp.Action[chromedp.Void]) (status int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	c.must(err)
	return int(response.Status)
}

// click clicks on what leads to another page.
func (c *chromium) click(selector string) (status int) {
	c.t.Helper()
	return c.leads(chromedp.Click(chromedp.CSS(selector)))
}

// must ends the test with a picture and the text of the page.
func (c *chromium) must(err error) {
	c.t.Helper()
	if err == nil {
		return
	}
	c.screenshot("failed-" + strings.ReplaceAll(c.t.Name(), "/", "-"))
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location + '\\n' + document.body?.innerText"))
	c.t.Fatalf("browser: %v\nThe page: %s", err, text)
}

// eval returns what an expression comes to on the page.
func eval[T any](c *chromium, expression string) T {
	c.t.Helper()
	return evalAs[T](c, expression, expression)
}

// evalAs is eval that calls the expression by another name when it fails.
func evalAs[T any](c *chromium, name, expression string) T {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	c.must(err)
	return v
}

// wait returns when an expression is true on the page, which is looked at anew
// whenever something on it changes. The policy of the console lets chromedp's
// own ways of waiting compile nothing.
func (c *chromium) wait(expression string) {
	c.t.Helper()
	evalAs[bool](c, "wait for "+expression, fmt.Sprintf(`new Promise((resolve) => {
		const look = () => {
			if (!(%s)) return;
			observer.disconnect();
			resolve(true);
		};
		const observer = new MutationObserver(look);
		observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		look();
	})`, expression))
}

// look is one way of looking at a page.
type look struct {
	width  int64
	scheme string
}

func (l look) String() string { return fmt.Sprintf("%d-%s", l.width, l.scheme) }

// looks are those that every page has to bear.
var looks = []look{{1280, "light"}, {1280, "dark"}, {390, "light"}, {390, "dark"}}

// as shows pages at a width and with the colours that somebody prefers, and
// nothing on them moves.
func (c *chromium) as(width int64, scheme string) {
	c.t.Helper()
	c.window(width, 800)
	c.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}))
}

func (c *chromium) window(width, height int64) {
	c.t.Helper()
	c.do(call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 640,
	}))
}

// take gives the browser the cookies of another one.
func (c *chromium) take(url string, cookies map[string]string) {
	c.t.Helper()
	c.do(call(network.ClearBrowserCookies, cdp.Empty{}))
	for name, value := range cookies {
		c.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url, Path: "/"})
			return err
		}))
	}
}

// screenshot keeps a picture of the whole page, if pictures are wanted.
func (c *chromium) screenshot(name string) {
	c.t.Helper()
	folder := os.Getenv(screenshotsEnv)
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "console-"+name+".png"), png, 0o644)
	}
	if err != nil {
		c.t.Errorf("screenshot %s: %v", name, err)
	}
}

// serve gives a handler an address until the test ends.
func serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// complaint is something that the browser has against a page.
type complaint struct{ url, text string }

// complaints are what the browser's policies refused, what it could not load,
// and what scripts reported or threw. They are safe for concurrent use.
type complaints struct {
	mu   sync.Mutex
	list []complaint
}

// hear keeps an event of the browser, if it is a complaint.
func (v *complaints) hear(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			v.list = append(v.list, complaint{e.Entry.URL, e.Entry.Text})
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			v.list = append(v.list, complaint{text: fmt.Sprintf("console.%s(%s)", e.Type, e.Args[0].Value)})
		}
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		v.list = append(v.list, complaint{d.URL, fmt.Sprintf("%s %s", d.Text, d.Exception.Description)})
	}
}

// heard returns the complaints since it was last asked, but for those about an
// address that is meant to be an error.
func (c *chromium) heard(meant ...string) []complaint {
	c.t.Helper()
	eval[bool](c, "true") // what the page said before comes in before this
	c.voiced.mu.Lock()
	defer c.voiced.mu.Unlock()
	list := slices.DeleteFunc(c.voiced.list, func(v complaint) bool { return slices.Contains(meant, v.url) })
	c.voiced.list = nil
	return list
}
