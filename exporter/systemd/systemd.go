// Package systemd tells the service manager, where there is one, how the program is:
// started, reloading, alive, stopping. That is sd_notify(3), of systemd and of others
// that speak it.
package systemd

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"withings-exporter/exporter/hint"
)

// sendTime is how long a manager may take to accept a message: it is on this machine,
// and has nothing to do but take it.
const sendTime = time.Second

// Manager is what has started the program. The zero value is nobody: telling it
// something does nothing.
type Manager struct {
	socket string // where it listens; one that begins with @ is in no folder
	every  time.Duration
	log    *slog.Logger

	mu      sync.Mutex // guards what follows
	told    string     // the last status
	refused bool       // the last message was not taken
}

// FromEnvironment returns the manager that the environment names (NOTIFY_SOCKET,
// WATCHDOG_USEC and WATCHDOG_PID), or nobody.
func FromEnvironment(log *slog.Logger) *Manager {
	m := &Manager{socket: os.Getenv("NOTIFY_SOCKET"), log: log}
	if m.socket == "" {
		return m
	}
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("no watchdog", "err", err)
	}
	m.every = every / 2
	return m
}

// Every is how often the manager wants to be told that the program is alive: half of
// the time after which it would end a silent one. Zero is never.
func (m *Manager) Every() time.Duration { return m.every }

// Ready tells that the program has started or has reloaded, and what it does now, in a
// line without secrets.
func (m *Manager) Ready(status string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = status
	m.send(daemon.SdNotifyReady, line(status))
}

// Status tells in a line without secrets what the program does, if that is news.
func (m *Manager) Status(status string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if status != m.told {
		m.told = status
		m.send(line(status))
	}
}

// Reloading tells that the configuration is being read again; Ready must follow.
func (m *Manager) Reloading() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.send(daemon.SdNotifyReloading, strings.TrimSuffix(daemon.SdNotifyMonotonicUsec(), "\n"))
}

// Alive tells that the program is alive. It must be told only on a positive sign.
func (m *Manager) Alive() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.send(daemon.SdNotifyWatchdog)
}

// Stopping tells that the program is about to end.
func (m *Manager) Stopping() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.send(daemon.SdNotifyStopping)
}

// line makes a status of one line.
func line(status string) string {
	return "STATUS=" + strings.Join(strings.Fields(status), " ")
}

// send sends lines as one message. The mutex must be held. That it was not taken is logged once: whoever
// watches the program acts on silence.
func (m *Manager) send(lines ...string) {
	if m.socket == "" {
		return
	}
	err := write(m.socket, strings.Join(lines, "\n"))
	if err != nil && !m.refused {
		m.log.Warn("service manager not told", "err", err)
	}
	m.refused = err != nil
}

// write sends a message, but does not wait for long for a manager that does not read.
func write(socket, message string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err == nil {
		defer conn.Close()
		if err = conn.SetWriteDeadline(time.Now().Add(sendTime)); err == nil {
			_, err = conn.Write([]byte(message))
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return hint.Wrap(fmt.Errorf("send to the service manager: %w", err), "if no service manager has started this program, unset NOTIFY_SOCKET")
	default:
		return hint.Wrap(fmt.Errorf("send to the service manager: %w", err), "allow the service AF_UNIX with RestrictAddressFamilies=, and NotifyAccess=main")
	}
}
