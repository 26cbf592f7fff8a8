package manual_test

import (
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter/command/manual"
)

func TestTablesTakeTheirPlaceAndNothingElse(t *testing.T) {
	document, err := os.ReadFile("testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	got, err := manual.Replace(string(document), "commands", manual.Commands(model(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err = manual.Replace(got, "flags", manual.Flags(model(t))); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/README.want.md")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, err := manual.Replace(got, "flags", manual.Flags(model(t)))
	if err != nil || again != got {
		t.Errorf("a second time changes the document (%v):\n%s", err, again)
	}
}

func TestAMissingPlaceIsNamed(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"no begin", "text", "<!-- flags -->"},
		{"no end", "<!-- flags -->\ntext", "<!-- /flags -->"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := manual.Replace(test.document, "flags", "x")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}
