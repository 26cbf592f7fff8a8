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

			want, keep func(address string) []string
		}{
			{rude.Write("1.8: unknown database"), Options{Bucket: name},
				func(at string) []string {
					return []string{"-port", portOf(at), "-execute", "CREATE DATABASE " + identifier + " WITH DURATION INF SHARD DURATION 52w"}
				},
				func(at string) []string {
					return []string{"-port", portOf(at), "-execute", `ALTER RETENTION POLICY "autogen" ON ` + identifier + " DURATION INF SHARD DURATION 52w"}
				}},
			{rude.Write("2.7: wrong bucket"), Options{Bucket: name, Org: name},
				func(at string) []string {
					return []string{"bucket", "create", "--host", at, "--name", name, "--org", name, "--shard-group-duration", "52w"}
				},
				func(at string) []string {
					return []string{"bucket", "update", "--host", at, "--id", "bucket|list|--host|" + at + "|--name|" + name + "|--org|" + name + "|--hide-headers",
						"--retention", "0", "--shard-group-duration", "52w"}
				}},
		} {
			db := rude.Server(t, c.answers.Give)
			c.option.URL, c.option.Observe = db.URL, func(string, int) {}
			w, err := New(c.option)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Write(t.Context(), "m f=1 1\n")
			pasted(t, err.Error(), "create it: ", c.want(db.URL))
			pasted(t, w.remedy(ReasonRetention), "with: ", c.keep(db.URL))
		}
		db := rude.Server(t, rude.Say(http.StatusForbidden, "application/json", `{"error":"error authorizing query: w not authorized to execute statement 'SELECT', requires READ on health"}`))
		w, err := New(Options{URL: db.URL, Bucket: name, Token: name + ":secret"})
		if err != nil {
			t.Fatal(err)
		}
		pasted(t, w.Unread(t.Context()), "to let it, run: ", []string{"-port", portOf(db.URL), "-username", "ADMIN", "-password", "", "-execute", "GRANT ALL ON " + identifier + " TO " + identifier})
	}
}

// portOf is the port of an address.
func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// TestACommandOfAdviceIsForItsServer: influx asks http://localhost:8086 unless told otherwise.
func TestACommandOfAdviceIsForItsServer(t *testing.T) {
	for address, want := range map[string][2]string{
		"http://localhost:8086":      {"influx -execute 'GRANT", "influx bucket create --name"},
		"http://127.0.0.1:8086/":     {"influx -execute 'GRANT", "influx bucket create --name"},
		"http://influx.lan":          {"influx -host influx.lan -port 80 -execute 'GRANT", "influx bucket create --host http://influx.lan --name"},
		"https://ben:pw@db:8086":     {"influx -host db -ssl -execute 'GRANT", "influx bucket create --host https://db:8086 --name"},
		"https://db.example/influx/": {"influx -host db.example -port 443 -ssl -path-prefix influx -execute 'GRANT", "influx bucket create --host https://db.example/influx --name"},
		"http://[::1]:9999":          {"influx -host ::1 -port 9999 -execute 'GRANT", "influx bucket create --host 'http://[::1]:9999' --name"},
	} {
		w, err := New(Options{URL: address, Org: "home", Bucket: "health", Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{w.grant(), w.makeBucket()}; !strings.HasPrefix(got[0], want[0]) || !strings.HasPrefix(got[1], want[1]) {
			t.Errorf("of %s the commands are %q, want %q", address, got, want)
		}
	}
}

// pasted pastes the command that follows some words of an advice into a shell, and compares what influx is given.
func pasted(t *testing.T, advice, before string, want []string) {
	t.Helper()
	_, command, found := strings.Cut(advice, before)
	command, _, _ = strings.Cut(command, "; or check")
	given, err := exec.Command("sh", "-c", `influx() { if [ "$2" = list ]; then IFS="|"; printf '%s\n' "$*"; else for word; do printf '%s\0' "$word"; done; fi; }; `+command).Output()
	if got := strings.Split(strings.TrimSuffix(string(given), "\x00"), "\x00"); err != nil || !found || !slices.Equal(got, want) {
		t.Errorf("%q gives influx %q, %v, want %q", advice, got, err, want)
	}
}
