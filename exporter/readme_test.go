package exporter

import (
	"os"
	"strings"
	"testing"
)

// TestTheREADMEListsEveryService by the name that --services takes.
func TestTheREADMEListsEveryService(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, service := range Services() {
		names = append(names, string(service))
	}
	want := "The names are " + strings.Join(names, ", ") + "."
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("README.md lacks: %s", want)
	}
}
