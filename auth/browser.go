package auth

import (
	"fmt"
	"os/exec"
	"runtime"

	"withings-exporter/exporter/hint"
)

// OpenBrowser asks the desktop to show an address, and returns at once. Without an error
// it may still not be seen, so print the address as well. Other users can see the
// address, an argument of a process: it must not have a secret.
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
	// The browser is not waited for: it may stay open for days.
	return cmd.Process.Release()
}
