package auth

import (
	"fmt"
	"os/exec"
	"runtime"

	"withings-exporter/exporter/hint"
)

// OpenBrowser asks the desktop to show an address, and returns at once. That it
// does so without an error does not mean that anybody sees it: also tell the
// address. It is an argument of another process, so it must hold no secret.
func OpenBrowser(address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	cmd := exec.Command(name, args...)
	// Ctrl-C is meant for this program, not for the browser it has opened.
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return hint.Wrap(fmt.Errorf("open a browser: %w", err), "open the address yourself")
	}
	// Nobody waits for a browser: it may stay open for days.
	return cmd.Process.Release()
}
