package influx

import (
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/internal/rude"
)

// TestACommandOfAdviceIsSafeToPaste has a real shell take it apart: there is a database, an organisation or a user of any name.
func TestACommandOfAdviceIsSafeToPaste(t *testing.T) {
	for name, identifier := range map[string]string{
		"health": `"health"`, "O'Brien": `"O'Brien"`, "my $HOME `id`": "\"my $HOME `id`\"", `a"b\c`: `"a\"b\\c"`, "Zoë\u00a0!": "\"Zoë\u00a0!\"", "-x": `"-x"`,
	} {
		for _, c := range []struct {
			answers rude.Answer
			option  Options
			want    []string
		}{
			{rude.Write("1.8: unknown database"), Options{Bucket: name},
				[]string{"-execute", "CREATE DATABASE " + identifier + " WITH DURATION INF SHARD DURATION 52w"}},
			{rude.Write("2.7: wrong bucket"), Options{Bucket: name, Org: name},
				[]string{"bucket", "create", "--name", name, "--org", name, "--shard-group-duration", "52w"}},
		} {
			db := rude.Server(t, c.answers.Give)
			c.option.URL, c.option.Observe = db.URL, func(string, int) {}
			w, err := New(c.option)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Write(t.Context(), "m f=1 1\n")
			pasted(t, err.Error(), "create it: ", c.want)
		}
		db := rude.Server(t, rude.Say(http.StatusForbidden, "application/json", `{"error":"error authorizing query: w not authorized to execute statement 'SELECT', requires READ on health"}`))
		w, err := New(Options{URL: db.URL, Bucket: name, Token: name + ":secret"})
		if err != nil {
			t.Fatal(err)
		}
		pasted(t, w.Unread(t.Context()), "to let it, run: ", []string{"-execute", "GRANT ALL ON " + identifier + " TO " + identifier})
	}
}

// pasted pastes the command that follows some words of an advice into a shell, and compares what influx is given.
func pasted(t *testing.T, advice, before string, want []string) {
	t.Helper()
	_, command, found := strings.Cut(advice, before)
	command, _, _ = strings.Cut(command, "; or check")
	given, err := exec.Command("sh", "-c", `influx() { for word; do printf '%s\0' "$word"; done; }; `+command).Output()
	if got := strings.Split(strings.TrimSuffix(string(given), "\x00"), "\x00"); err != nil || !found || !slices.Equal(got, want) {
		t.Errorf("%q gives influx %q, %v, want %q", advice, got, err, want)
	}
}
