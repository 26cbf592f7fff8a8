package authorize

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
)

// TestRealBrowserSignsIn lets Chromium choose a person on the consent page,
// press Allow with the mouse, and end on a page of ours that looks as it should.
func TestRealBrowserSignsIn(t *testing.T) {
	b := newBrowser(t)
	s := stage.New(t)
	redirect(t, s)
	a := begin(s, t.Context(), Options{Profile: "Mum", NoBrowser: true}, nil)
	b.open(a.address())
	b.click(`label:has(input[data-name="Ben"])`)
	b.click(`button[value="allow"]`)
	b.loaded()
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "page", b.text("document.body.innerText"), "Authorised", "“Mum” is authorised", "Withings user "+user(s, "Ben"), "You can close this window")
	if got := b.text("getComputedStyle(document.querySelector('.mark')).borderRadius"); got != "50%" {
		t.Errorf("the style sheet is not in force, a corner is %q", got)
	}
	b.picture("success")
	works(s, "Mum")
}

// TestRealBrowserShowsWhatWentWrong is the same for a refusal, and for the
// wrong person.
func TestRealBrowserShowsWhatWentWrong(t *testing.T) {
	b := newBrowser(t)
	for _, c := range []struct{ name, button, want string }{
		{"refusal", `button[value="deny"]`, "Access was not allowed"},
		{"wrong person", `button[value="allow"]`, `is profile "Dad" already`},
	} {
		s := stage.New(t)
		mustAuthorize(s, "Dad", "Anna")
		redirect(t, s)
		a := begin(s, t.Context(), Options{Profile: "Mum", NoBrowser: true}, nil)
		b.open(a.address())
		b.click(c.button)
		b.loaded()
		if a.wait() == nil {
			t.Errorf("%s: it is no error", c.name)
		}
		stage.Says(t, "page", b.text("document.body.innerText"), c.want)
		b.picture(c.name)
	}
}

// redirect lets the redirect URL lead to a port that is free at the moment.
func redirect(t *testing.T, s *stage.Stage) {
	t.Helper()
	s.Settings.RedirectURL = "http://localhost:" + strconv.Itoa(freePort(t)) + "/auth/external/callback"
}

// browser is a Chromium that is told what to do over a pair of pipes, in the
// words of its DevTools protocol: JSON, each message ended by a zero byte.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	last    int      // id of the newest command
	events  []string // names of events nobody has waited for yet
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := testrun.Chromium.Path(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--window-size=800,800", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	// A pipe that all its processes hold: Wait returns when the last is gone,
	// and with it whatever writes to the folder.
	cmd.Stderr, cmd.WaitDelay = io.Discard, 10*time.Second
	theirIn, ourOut := pipePair(t)
	ourIn, theirOut := pipePair(t)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	t.Cleanup(func() {
		_, _ = b.command("Browser.close", nil) // it may have ended already
		ourOut.Close()
		_ = cmd.Wait() // it may be killed at the end of its time
		ourIn.Close()
		cancel()
	})
	var target struct{ TargetID, SessionID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	b.call("Page.enable", nil, nil)
	return b
}

func pipePair(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// message is a command, its result, or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Params    any             `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

// command sends a command and returns its result.
func (b *browser) command(method string, params any) (message, error) {
	b.last++
	data, err := json.Marshal(message{ID: b.last, Method: method, SessionID: b.session, Params: params})
	if err != nil {
		return message{}, err
	}
	if _, err := b.to.Write(append(data, 0)); err != nil {
		return message{}, err
	}
	for {
		m, err := b.read()
		if err != nil || m.ID == b.last {
			return m, err
		}
	}
}

// read is the next message; events are kept for loaded.
func (b *browser) read() (message, error) {
	data, err := b.from.ReadBytes(0)
	if err != nil {
		return message{}, fmt.Errorf("chromium has ended: %w", err)
	}
	var m message
	if err := json.Unmarshal(data[:len(data)-1], &m); err != nil {
		return message{}, err
	}
	if m.ID == 0 {
		b.events = append(b.events, m.Method)
	}
	return m, nil
}

// call is command for those who need the result, decoded into it.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	m, err := b.command(method, params)
	if err == nil && m.Error != nil {
		err = fmt.Errorf("%s", m.Error)
	}
	if err == nil && result != nil {
		err = json.Unmarshal(m.Result, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

// open shows an address, and returns when all of it is there.
func (b *browser) open(address string) {
	b.t.Helper()
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	b.loaded()
}

// loaded waits until a page is there that was asked for by open or click.
func (b *browser) loaded() {
	b.t.Helper()
	for {
		for i, name := range b.events {
			if name == "Page.loadEventFired" {
				b.events = b.events[i+1:]
				return
			}
		}
		b.events = nil
		if _, err := b.read(); err != nil {
			b.t.Fatal(err)
		}
	}
}

// text is what an expression comes to on the page.
func (b *browser) text(expression string) string {
	b.t.Helper()
	var got struct{ Result struct{ Value any } }
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &got)
	return fmt.Sprint(got.Result.Value)
}

// click moves the mouse to the middle of an element, and presses.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.events = nil
	where := b.text(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView();
		const r = e.getBoundingClientRect(); return (r.x + r.width / 2) + " " + (r.y + r.height / 2) })()`, selector))
	var x, y float64
	if _, err := fmt.Sscan(where, &x, &y); err != nil {
		b.t.Fatalf("where is %s: %q, %v", selector, where, err)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
	}
}

// picture saves what the page looks like, where CONSENT_PICTURES names a folder.
func (b *browser) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("CONSENT_PICTURES")
	if folder == "" {
		return
	}
	var got struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &got)
	data, err := base64.StdEncoding.DecodeString(got.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}
