package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"withings-exporter/exporter/shell"
)

func TestAnArchiveThatCannotBeOpenedHasAdviceOfItsKind(t *testing.T) {
	missing, denied, folder := fmt.Errorf("a.zip: %w", fs.ErrNotExist), fmt.Errorf("a.zip: %w", fs.ErrPermission), errors.New("a.zip: a folder")
	for _, c := range []struct {
		service string
		err     error
		want    string
	}{
		{"", missing, "check the path"},
		{"", denied, shell.Allow("a.zip")},
		{"", folder, "give the ZIP file as Withings sent it"},
		{"sudo withings-exporter-service", missing, "the service's user must find and read it: run: sudo install "},
		{"sudo withings-exporter-service", denied, "the service's user must find and read it: run: sudo install "},
		{"sudo withings-exporter-service", folder, "give the ZIP file as Withings sent it"},
	} {
		t.Setenv("EXPORTER_PROGRAM", c.service)
		if got := advice("a.zip", c.err); !strings.HasPrefix(got, c.want) {
			t.Errorf("of %q, %v: the advice is %q, want %q", c.service, c.err, got, c.want)
		}
	}
}
