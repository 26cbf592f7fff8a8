// Package browser lets tests use a page as a person does, in a real Chromium.
package browser

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
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// Browser is a Chromium that is told what to do over a pair of pipes, in the
// words of its DevTools protocol: JSON, each message ended by a zero byte.
type Browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	last    int      // id of the newest command
	events  []string // names of events nobody has waited for yet
}

// New starts a Chromium, which ends with the test. It is skipped where there is none.
func New(t *testing.T) *Browser {
	t.Helper()
	path := testrun.Chromium.Path(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--window-size=800,800", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	// A pipe that all its processes hold: Wait returns when the last is gone,
	// and with it whatever writes to the folder.
	cmd.Stderr, cmd.WaitDelay = io.Discard, 10*time.Second
	theirIn, ourOut := testrun.Pipe(t)
	ourIn, theirOut := testrun.Pipe(t)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &Browser{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	t.Cleanup(func() {
		_, _ = b.command("Browser.close", nil) // it may have ended already
		ourOut.Close()
		_ = cmd.Wait() // it may be killed at the end of its time
		ourIn.Close()
		cancel()
	})
	var target struct{ TargetID, SessionID string }
	b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	b.Call("Page.enable", nil, nil)
	return b
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
func (b *Browser) command(method string, params any) (message, error) {
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

// read is the next message; events are kept for Loaded.
func (b *Browser) read() (message, error) {
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

// Call is command for those who need the result, decoded into it.
func (b *Browser) Call(method string, params, result any) {
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

// Open shows an address, and returns when all of it is there.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.events = nil
	b.Call("Page.navigate", map[string]any{"url": address}, nil)
	b.Loaded()
}

// Loaded waits until a page is there that was asked for by Open or Click.
func (b *Browser) Loaded() {
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

// Screen is how wide the window is, in pixels, and whether pages are to be dark.
func (b *Browser) Screen(width int, dark bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Text is what an expression comes to on the page, or what it promises.
func (b *Browser) Text(expression string) string {
	b.t.Helper()
	var got struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &got)
	if got.ExceptionDetails != nil {
		b.t.Fatalf("on the page: %s", got.ExceptionDetails)
	}
	return fmt.Sprint(got.Result.Value)
}

// Click moves the mouse to the middle of an element, and presses.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.events = nil
	where := b.Text(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView();
		const r = e.getBoundingClientRect(); return (r.x + r.width / 2) + " " + (r.y + r.height / 2) })()`, selector))
	var x, y float64
	if _, err := fmt.Sscan(where, &x, &y); err != nil {
		b.t.Fatalf("where is %s: %q, %v", selector, where, err)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.Call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
	}
}

// Picture saves what the page looks like, where PAGE_PICTURES names a folder.
func (b *Browser) Picture(name string) {
	b.t.Helper()
	folder := os.Getenv("PAGE_PICTURES")
	if folder == "" {
		return
	}
	var got struct{ Data string }
	b.Call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &got)
	data, err := base64.StdEncoding.DecodeString(got.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}
