package statedir

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"withings-exporter/exporter/shell"
)

// maxHolder is the most of a lock file that is read, in bytes; sign writes less.
const maxHolder = 4 << 10

// holder is what a lock file says about the process that holds the lock.
type holder struct {
	Process int       `json:"process"`
	Host    string    `json:"host"` // in a container its id, where every process is number 1
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
	Service bool      `json:"service,omitempty"` // systemd has started it, and stops it
}

// plain are words that may be shown: only the program and its command, since flags
// may have secrets.
var plain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w.-]{1,100}$`) })

// self is this process.
func self() holder {
	h := holder{Process: os.Getpid(), Command: filepath.Base(os.Args[0]), Since: time.Now().UTC().Truncate(time.Second), Service: shell.IsUnit()}
	if len(os.Args) > 1 && plain().MatchString(os.Args[1]) && os.Args[1][0] != '-' {
		h.Command += " " + os.Args[1]
	}
	h.Host, _ = os.Hostname() // may be empty
	return h
}

// sign writes into a lock file that this process holds it. The lock is valid even if
// that fails.
func sign(path string) {
	data, err := json.Marshal(self())
	if err != nil {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	_, _ = f.Write(append(data, '\n'))
	_ = f.Close()
}

// erase removes that again.
func erase(path string) { _ = os.Truncate(path, 0) }

// HolderOf says who holds a lock and what to do about it, as far as its file tells.
func HolderOf(ctx context.Context, path string) string {
	return describe(signature(ctx, path), self(), passing())
}

// ServerOf is HolderOf for a lock that a process holds for as long as it serves, so that waiting for its end is of no use.
func ServerOf(ctx context.Context, path string) string {
	return describe(signature(ctx, path), self(), lasting())
}

// advice is what to do about who holds a lock.
type advice struct {
	unknown, away, here string // who is not known, on another host, or on this one, where the command for KILL ends it
}

// passing is the advice about a lock that is held for some work.
func passing() advice {
	return advice{"find it with fuser or lsof on that file, and wait for it to end", "wait for it to end there", "wait for it to end, or stop it with KILL"}
}

// lasting is the advice about one that is held permanently.
func lasting() advice {
	const other = ", or give this one another --state.dir"
	return advice{"find it with fuser or lsof on that file and stop it" + other, "stop it there" + other, "stop it with KILL" + other}
}

// Holder names who holds a lock, as far as its file tells, and the number of the process if it is one of this machine; 0 if not.
func Holder(ctx context.Context, path string) (who string, process int) {
	h, known := readHolder(signature(ctx, path))
	switch me := self(); {
	case !known:
		return "another process", 0
	case h.Host != me.Host:
		return fmt.Sprintf("process %d (%s) on host %s", h.Process, h.Command, h.Host), 0
	}
	return fmt.Sprintf("process %d (%s)", h.Process, h.Command), h.Process
}

// signature is what a lock file has; nil if it cannot be read.
func signature(ctx context.Context, path string) []byte {
	limited, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), tryTime/4, errSlow)
	defer cancel()
	data, err := within(limited, path, func() ([]byte, error) { return Read(path, maxHolder) }, nil)
	if err != nil {
		return nil
	}
	return data
}

// readHolder reads what a holder has written, unless it may not be shown.
func readHolder(data []byte) (h holder, known bool) {
	err := json.Unmarshal(bytes.TrimSpace(data), &h)
	return h, err == nil && h.Process > 0 && plain().MatchString(h.Host) && sayable(h.Command)
}

// describe words what a holder has written, as seen by the process me.
func describe(data []byte, me holder, do advice) string {
	h, known := readHolder(data)
	if !known {
		return "another process holds it: " + do.unknown
	}
	who := fmt.Sprintf("process %d (%s) has held it since %s", h.Process, h.Command, h.Since.UTC().Format(time.RFC3339))
	switch {
	case h.Host != me.Host:
		return fmt.Sprintf("%s on host %s: %s", who, h.Host, do.away)
	case h.Process == me.Process:
		return who + ", which is this process itself"
	case stopped(h.Process):
		return fmt.Sprintf("%s and is stopped (Ctrl-Z): resume it with %s, or end it with %s", who,
			shell.Stop(h.Process, h.Service, "-CONT"), shell.Stop(h.Process, h.Service, "-KILL"))
	}
	return who + ": " + strings.Replace(do.here, "KILL", shell.Stop(h.Process, h.Service), 1)
}

// sayable reports whether a command may be shown: it consists of plain words.
func sayable(command string) bool {
	words := strings.Split(command, " ")
	for _, word := range words {
		if !plain().MatchString(word) {
			return false
		}
	}
	return len(words) <= 2
}

// stopped reports whether a process of this machine has been stopped by a signal; false
// if that is not known.
func stopped(process int) bool {
	stat, err := Read(fmt.Sprintf("/proc/%d/stat", process), maxHolder)
	if err != nil {
		return false
	}
	// The state follows the name, which is in brackets and may contain brackets.
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	fields := bytes.Fields(rest)
	return len(fields) > 0 && (fields[0][0] == 'T' || fields[0][0] == 't')
}
