package testserver

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// TestAServerEndsWhenItsTestProgramIsKilled runs this program once more, lets it
// start a server, and kills it.
func TestAServerEndsWhenItsTestProgramIsKilled(t *testing.T) {
	const asked = "TESTSERVER_START_AND_WAIT"
	if os.Getenv(asked) != "" {
		s := Victoria(t)
		_, _ = os.Stdout.WriteString("address " + s.address + "\n")
		select {}
	}
	testrun.Linux.Of(t) // other systems do not end a program with the one that started it
	testrun.Victoria.Of(t)
	inner := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=5m")
	inner.Env = append(os.Environ(), asked+"=1", "TMPDIR="+t.TempDir())
	out, err := inner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := inner.Start(); err != nil {
		t.Fatal(err)
	}
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "address ")
	}
	if !listens(address) {
		t.Errorf("the server at %q does not run", address)
	}
	if err := inner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = inner.Wait() // it was killed
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	limit := time.After(patience)
	for listens(address) {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("the server at %s outlives its test program", address)
		}
	}
}

func listens(address string) bool {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func TestAProgramThatEndsBeforeItIsReadyIsNoticed(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess(log, os.Args[0], "-test.run=^$", "-no-such-flag")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.await(func() error { return os.ErrNotExist }); err != errEnded {
		t.Errorf("await returns %v, want %v", err, errEnded)
	}
	if said := tail(log); !strings.Contains(said, "no-such-flag") {
		t.Errorf("the log is %q, which does not tell what was wrong", said)
	}
}
