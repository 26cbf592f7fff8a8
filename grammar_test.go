//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/words"
)

// TestServeAloneMeansTheSameAsInTheWholeGrammar parses command lines by both.
func TestServeAloneMeansTheSameAsInTheWholeGrammar(t *testing.T) {
	t.Setenv("WITHINGS_LOG_LEVEL", "warn")
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("client_id: abc\npoll_interval: 7m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		nil,
		{"serve"},
		{"--client-id=x", "--profiles=Anna,Ben"},
		{"serve", "--config.file=" + file, "--web.listen-address=:1", "--web.listen-address=:2"},
		{"--config.file=" + file, "--poll-interval=9m", "--influx.url=http://x"},
	} {
		l, alone, whole := &line{args: args}, &commands{}, &commands{}
		chosen, err := l.parseServe(alone, &config.Files{})
		if err != nil || chosen == nil {
			t.Errorf("%q: not parsed: %v", args, err)
			continue
		}
		if got, want := chosen.Command(), "serve"; got != want {
			t.Errorf("%q: command %q, want %q", args, got, want)
		}
		if _, err := l.parseWith(whole, &config.Files{}); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if !reflect.DeepEqual(alone.Serve, whole.Serve) {
			t.Errorf("%q: got %+v, want %+v", args, alone.Serve, whole.Serve)
		}
	}
}

// TestOtherCommandLinesAreLeftToTheWholeGrammar has lines of other commands, and wrong ones, of which only the whole
// grammar knows what was meant.
func TestOtherCommandLinesAreLeftToTheWholeGrammar(t *testing.T) {
	for _, args := range [][]string{
		{"auth"}, {"check", "--client-id=x"}, {"--help"}, {"serve", "--help"}, {"--version"}, {"serv"}, {"serve", "Anna"}, {"serve", "-h"}, {"-h"},
		{"--", "serve"}, {"--minutes"}, {"--speed=60", "demo"}, {"--client-id", "x"}, {"--poll-interval=soon"},
	} {
		if chosen, err := (&line{args: args}).parseServe(&commands{}, &config.Files{}); chosen != nil || err != nil {
			t.Errorf("%q: taken for serve: %v", args, err)
		}
	}
}

// TestAConfigurationInAPipeIsReadOnce has a setting of another command in a pipe that serve reads: the whole grammar, which
// knows it, must not find the pipe empty.
func TestAConfigurationInAPipeIsReadOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	both, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		_, err := both.WriteString("client_id: abc\nminutes: true\n")
		written <- err
	}()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0) // keeps what was written when the writer is gone
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := both.Close(); err != nil {
		t.Fatal(err)
	}
	into := &commands{}
	if _, err := (&line{args: []string{"--config.file=" + pipe}}).parse(t.Context(), into); err != nil {
		t.Fatal(err)
	}
	if got := into.Serve.ClientID; got != "abc" {
		t.Errorf("client id %q, want that of the pipe", got)
	}
}

// helpOf is what a command line that asks for help prints, and the grammar.
func helpOf(t *testing.T, args ...string) (string, *kong.Application) {
	t.Helper()
	var out bytes.Buffer
	l := &line{args: args, Program: command.Program{Out: &out, Err: &out}}
	parser, err := l.parser(&commands{}, &config.Files{})
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	parser.Exit = func(code int) { ended = code == 0 }
	_, _ = parser.Parse(args) // goes on, since Exit has not ended it
	if !ended {
		t.Fatalf("%q does not end in help: %s", args, &out)
	}
	return out.String(), parser.Model
}

// TestEveryHelpFitsAScreen and tells where the rest is.
func TestEveryHelpFitsAScreen(t *testing.T) {
	_, model := helpOf(t, "-h")
	lines := [][]string{{"-h"}}
	for _, c := range model.Children {
		if !c.Hidden {
			lines = append(lines, []string{c.Name, "-h"})
		}
	}
	for _, args := range lines {
		text, _ := helpOf(t, args...)
		if n := strings.Count(text, "\n"); n > manual.MostLines {
			t.Errorf("%q: %d lines, want %d at most", args, n, manual.MostLines)
		}
		for l := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimSuffix(l, "\n")) > words.Columns {
				t.Errorf("%q: a line of more than %d columns: %s", args, words.Columns, l)
			}
		}
	}
}

func TestTheWholeHelpWithoutACommandIsThatOfServe(t *testing.T) {
	got, _ := helpOf(t, "--help-all")
	if want, _ := helpOf(t, "serve", "--help-all"); got != want {
		t.Errorf("it is\n%s", got)
	}
}

// TestWhatAHelpLeavesOutIsInTheWholeOne looks for every flag of every command.
func TestWhatAHelpLeavesOutIsInTheWholeOne(t *testing.T) {
	_, model := helpOf(t, "-h")
	for _, c := range model.Children {
		if c.Hidden {
			continue
		}
		usual, _ := helpOf(t, c.Name, "-h")
		whole, after := helpOf(t, c.Name, "--help-all")
		more, rare, titles := 0, []string{""}, []string{""}
		for _, flag := range c.Flags {
			if flag.Group != nil {
				titles = append(titles, strings.TrimSuffix(flag.Group.Title, ":"))
			}
			if flag.Tag.Has("rare") {
				rare = append(rare, flag.Name)
			}
			if !strings.Contains(whole, "--"+flag.Name) {
				t.Errorf("%s --help-all lacks --%s", c.Name, flag.Name)
			}
			if !strings.Contains(usual, "  --"+flag.Name+"=") && !strings.Contains(usual, "  --"+flag.Name+" ") {
				more++
			}
		}
		if _, told, found := strings.Cut(usual, " by: withings-exporter "+c.Name+" --help-all\n"); found != (more > 0) {
			t.Errorf("%s -h leaves out %d flags, and says so: %t, %s", c.Name, more, found, told)
		}
		if strings.Contains(whole, "more flags are listed") {
			t.Errorf("%s --help-all speaks of more flags", c.Name)
		}
		for tag, known := range map[string][]string{"shows": rare, "hides": titles} {
			for name := range strings.SplitSeq(c.Tag.Get(tag), ",") {
				if !slices.Contains(known, name) {
					t.Errorf("the tag %s of %s names %q, which it has not", tag, c.Name, name)
				}
			}
		}
		for _, flag := range after.Children[slices.Index(model.Children, c)].Flags {
			if flag.Hidden {
				t.Errorf("after the help of %s --%s is hidden", c.Name, flag.Name)
			}
		}
	}
}
