//go:build linux

package daemon

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// process is a server that a benchmark started.
type process struct {
	*exec.Cmd
	address string
	said    strings.Builder
}

// launched starts a server at an address of its own: the binary with serve and flags, or the bare server with its page.
func launched(b *testing.B, program string, args func(address string) []string) *process {
	p := &process{address: testrun.FreeAddress(b)}
	p.Cmd = exec.Command(program, args(p.address)...)
	p.Env = append(os.Environ(), "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret)
	p.Stderr = &p.said
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	return p
}

// serving starts the binary with a state directory, the address of a Withings and more flags.
func serving(b *testing.B, program, dir, api string, more ...string) *process {
	return launched(b, program, func(address string) []string {
		return append([]string{"serve", "--client-id=" + simulator.DefaultClientID, "--log.level=error",
			"--state.dir=" + dir, "--web.listen-address=" + address, "--api.url=" + api}, more...)
	})
}

// bare starts the bare server with a page.
func bare(b *testing.B, program string, page []byte) *process {
	file := filepath.Join(b.TempDir(), "page")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		b.Fatal(err)
	}
	return launched(b, program, func(address string) []string { return []string{address, file} })
}

// end stops it as a person would, or kills it if it takes no signals.
func (p *process) end(b *testing.B) {
	if err := p.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	_ = p.Wait()
	if code := p.ProcessState.ExitCode(); code != 130 && code != -1 {
		b.Errorf("%s ended with %s: %s", p.Path, p.ProcessState, p.said.String())
	}
}

// page returns a whole page, asking again every millisecond until the process listens: an
// endless loop would take the processor from the process that is starting.
func (p *process) page(b *testing.B) []byte {
	retry := time.NewTicker(time.Millisecond)
	defer retry.Stop()
	for began := time.Now(); ; <-retry.C {
		page, err := testrun.Page("http://" + p.address + "/metrics")
		if err == nil {
			return []byte(page)
		}
		if time.Since(began) > time.Minute {
			b.Fatalf("%v: %s", err, p.said.String())
		}
	}
}

// cpu is the processor time that it has used.
func (p *process) cpu(b *testing.B) time.Duration { return testrun.Spent(b, p.Process.Pid) }

// residentMemory is what a process holds of the memory, in bytes.
type residentMemory struct {
	all, anonymous float64 // the rest is pages of the binary
}

// resident is what it holds now.
func (p *process) resident(b *testing.B) residentMemory {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	return residentMemory{all: kilobytes(b, text, "Rss"), anonymous: kilobytes(b, text, "Anonymous")}
}

// kilobytes is a row of smaps_rollup, in bytes.
func kilobytes(b *testing.B, text []byte, row string) float64 {
	for line := range bytes.Lines(text) {
		name, value, _ := strings.Cut(string(line), ":")
		if name != row {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		if err != nil {
			b.Fatal(err)
		}
		return n * 1024
	}
	b.Fatalf("the system does not tell %s", row)
	return 0
}

// median is the middle of some measurements.
func median[T float64 | time.Duration](all []T) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2])
}
