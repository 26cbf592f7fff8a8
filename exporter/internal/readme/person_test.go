package readme

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// What a new user has beside a shell: a browser, an editor, a server to log in to
// and an engine for containers. The test binary stands in for each of them under
// its name; the last two do on this machine what they are asked to do elsewhere.
var stands = map[string]func(args []string) error{
	"xdg-open": func(args []string) error { return allow(args[0], nil) },
	"editor":   func(args []string) error { return os.WriteFile(args[0], []byte(os.Getenv("SECRET")+"\n"), 0o600) },
	"ssh":      func(args []string) error { return elsewhere(args, "-L") },
	"docker":   docker,
}

func TestMain(m *testing.M) {
	if stand, is := stands[filepath.Base(os.Args[0])]; is {
		if err := stand(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testrun.InMemory(m).Plain("the program that does what the pages say is built as a user builds it").Run())
}

// allow is what the person PERSON does in the browser: open the address and press
// Allow. The address where the browser ends is pasted, or opened.
func allow(address string, paste io.Writer) error {
	back, err := simulator.Consent(context.Background(), http.DefaultClient, address, os.Getenv("PERSON"))
	if err != nil {
		return err
	}
	if paste != nil {
		_, err := fmt.Fprintln(paste, back)
		return err
	}
	answer, err := http.Get(back.String())
	if err != nil {
		return fmt.Errorf("the browser cannot reach the program: %w", err)
	}
	return answer.Body.Close()
}

// elsewhere runs the command behind the options and the name of a machine or
// image. Whoever sits there sees an address on a line of its own and opens it in
// a browser of another machine.
func elsewhere(args []string, valued ...string) error {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if slices.Contains(valued, args[0]) {
			args = args[1:]
		}
		args = args[1:]
	}
	if len(args) < 2 {
		return fmt.Errorf("nothing to do in %q", args)
	}
	cmd := exec.Command(args[1], args[2:]...)
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	output, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = writer.Close()
	var paste io.Writer
	if slices.Contains(args, "--paste") {
		paste = input
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		fmt.Println(lines.Text())
		if address := strings.TrimSpace(lines.Text()); strings.HasPrefix(address, "http") && strings.Contains(address, "authorize2?") {
			if err := allow(address, paste); err != nil {
				return err
			}
		}
	}
	return cmd.Wait()
}

// inside runs a command in the folder in which it would begin in a container.
func inside(folder string, args []string) error {
	if args[0] == "-i" {
		args = args[1:]
	}
	cmd := exec.Command(args[1], args[2:]...) // behind the container's name
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = folder, os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// docker runs what a container would run, on this machine and with its state.
func docker(args []string) error {
	if args[0] == "exec" {
		return inside("data", args[1:])
	}
	if args[0] != "run" {
		return errors.New("there is no engine for containers here")
	}
	for i, arg := range args { // the program is the entry point
		if arg == os.Getenv("IMAGE") {
			args = slices.Insert(slices.Clone(args), i+1, "withings-exporter")
			break
		}
	}
	// A container has the port to itself, whatever its address is outside.
	for i, arg := range args {
		if arg == "--listen" {
			args = slices.Delete(slices.Clone(args), i, i+2)
			break
		}
	}
	return elsewhere(args[1:], "-v", "-p", "--user", "--name", "--restart", "--cap-drop")
}
