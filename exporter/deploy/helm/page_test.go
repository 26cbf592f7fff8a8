package helm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

const root = "../../.."

// page returns the fenced blocks of the page about Kubernetes in one language.
func page(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "exporter", "docs", "kubernetes.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("the page has no block of %s", language)
	}
	return blocks
}

// TestPageAboutKubernetesIsTrue does its commands as far as that goes without a cluster:
// Helm says what it would install, kubectl is a script that tells what it was asked.
func TestPageAboutKubernetesIsTrue(t *testing.T) {
	testrun.Shell.Of(t)
	bin := t.TempDir()
	asked := filepath.Join(bin, "asked")
	script := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	script("docker", "exit 0")
	script("helm", `[ "$1 $2" = "upgrade --install" ] || exit 1
shift 2
exec "`+testrun.Helm.Path(t)+`" template "$@"`)
	script("kubectl", `echo "$@" >>"`+asked+`"
last= file=
for word; do [ "$last" != -f ] || file=$word; last=$word; done
[ "$1" != apply ] || cat "$file"`)
	values := filepath.Join(bin, "values.yaml")
	if err := os.WriteFile(values, []byte(page(t, "yaml")[0]), 0o600); err != nil {
		t.Fatal(err)
	}

	location := schemas(t)
	installed := map[string]bool{}
	for _, block := range page(t, "sh") {
		command := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(block, "values.yaml", values))
		command.Dir, command.Env = root, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
		var talk bytes.Buffer
		command.Stderr = &talk
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", block, err, &talk)
		}
		if !strings.Contains(string(out), "apiVersion") {
			continue
		}
		for name, fault := range verdict(t, location, string(out)) {
			t.Errorf("%s: %s: %s", block, name, fault)
		}
		for _, o := range objects(t, string(out)) {
			installed[o.named()] = true
		}
	}
	for _, name := range []string{"Deployment/withings-exporter", "PersistentVolumeClaim/withings-exporter", "PrometheusRule/withings-alerts", "ServiceMonitor/withings-exporter"} {
		if !installed[name] {
			t.Errorf("the page does not install %s", name)
		}
	}

	text, err := os.ReadFile(asked)
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for line := range strings.Lines(string(text)) {
		if m := regexp.MustCompile(` (deploy|svc)/(\S+)`).FindStringSubmatch(line); m != nil {
			if !installed[map[string]string{"deploy": "Deployment/", "svc": "Service/"}[m[1]]+m[2]] {
				t.Errorf("%snobody installs %s", line, m[2])
			}
			commands++
		}
	}
	if commands < 3 {
		t.Errorf("only %d commands about what is installed:\n%s", commands, text)
	}
}

// TestNotesAndPageHaveTheSameCommand compares how a person is authorised.
func TestNotesAndPageHaveTheSameCommand(t *testing.T) {
	notes, err := os.ReadFile(filepath.Join(chart, "templates", "NOTES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"-it deploy/", " -- /withings-exporter", "--no-browser --paste"} {
		if !strings.Contains(string(notes), part) || !strings.Contains(strings.Join(page(t, "sh"), ""), part) {
			t.Errorf("notes or page are without %q", part)
		}
	}
}
