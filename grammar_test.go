//go:build unix

package main

import (
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"withings-exporter/exporter/config"
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
