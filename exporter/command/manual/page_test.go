package manual_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"withings-exporter/exporter/command/manual"
	"withings-exporter/exporter/testrun"
)

func page(t *testing.T, sections ...manual.Section) string {
	t.Helper()
	var out strings.Builder
	if err := manual.Page(&out, model(t), "1.2.3", sections...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPageTellsEveryFlagOnce(t *testing.T) {
	got := page(t)
	for _, want := range []string{
		`bakery 1.2.3`, `\fB\-\-size\fR=\fISIZE\fR`, `Default: small.`, `.SH OVEN FLAGS`, `Flags of \fBbake\fR and \fBopen\fR.`,
		`\fB\-\-oven.dir\fR=\fIDIR\fR`, `.SS "bake [PROFILE...]"`, `\fBbakery bake Anna \-\-size=large\fR`,
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the page has %q %d times, want once:\n%s", want, strings.Count(got, want), got)
		}
	}
	for _, hidden := range []string{"secret", "spare", "Nobody"} {
		if strings.Contains(got, hidden) {
			t.Errorf("the page tells of what is hidden: %q", hidden)
		}
	}
}

func TestPageKeepsWhatItIsGivenAsItIs(t *testing.T) {
	got := page(t, manual.Section{Title: "Notes", Text: ".bad request\n\n  a\\b --c"})
	for _, want := range []string{".SH NOTES\n\\&.bad request\n.PP\n", `a\eb \-\-c`, "\n\\&.Open things."} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}

func TestPageIsReadWithoutAWarning(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), testrun.Groff.Path(t), "-man", "-Tutf8", "-ww", "-z")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(page(t, manual.Section{Title: "Files", Text: "One.\n\n  two: 'three'\n\nFour."}))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("groff says %v\n%s", err, out)
	}
}
