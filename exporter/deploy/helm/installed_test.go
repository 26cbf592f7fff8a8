package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReleaseFitsIntoItsSecret is about where Helm keeps what it has installed: the
// chart with all files and what was made of it, as JSON, packed, in a Secret of at
// most 1 MiB. It would fail only in a cluster.
func TestReleaseFitsIntoItsSecret(t *testing.T) {
	type file struct {
		Name string `json:"name"`
		Data []byte `json:"data"`
	}
	var release struct {
		Files    []file `json:"files"`
		Manifest string `json:"manifest"`
	}
	folder := t.TempDir()
	copyFolder(t, filepath.Join(chart, "templates"), filepath.Join(folder, "templates"))
	for _, source := range []string{"prometheus", "influxdb"} { // of which copyFolder leaves out the folder
		copyFolder(t, filepath.Join(chart, "files", "dashboards", source), filepath.Join(folder, source))
	}
	for _, name := range []string{"alerts", "recording", "health"} {
		text, err := os.ReadFile(filepath.Join(chart, "files", "alerts", "withings."+name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		release.Files = append(release.Files, file{Name: name, Data: text})
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		release.Files = append(release.Files, file{Name: path, Data: text})
		return err
	})
	if err != nil || len(release.Files) < 30 {
		t.Fatalf("%d files: %v", len(release.Files), err)
	}
	release.Manifest = render(t, with("all")...)

	text, err := json.Marshal(release)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	size := base64.StdEncoding.EncodedLen(packed.Len())
	t.Logf("with everything on, Helm keeps %d bytes", size)
	if size < 400_000 {
		t.Errorf("only %d bytes: something is missing here", size)
	}
	if size > 980_000 { // values and the schema come on top
		t.Errorf("with everything on, Helm would keep %d bytes, and Kubernetes takes 1,048,576; "+
			"put the dashboards of one database into a chart of their own", size)
	}
}

// notes returns what Helm says after an installation.
func notes(t *testing.T, args ...string) string {
	t.Helper()
	copied := copyChart(t)
	const text = `notes: {{ include "withings-exporter/templates/NOTES.txt" . | toJson }}`
	if err := os.WriteFile(filepath.Join(copied, "templates", "notes.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, talk, err := helm(t, append([]string{"template", "home", copied, "--namespace", "health", "--show-only", "templates/notes.yaml"}, args...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, talk)
	}
	said, _ := at(objects(t, out)[0], "notes").(string)
	return said
}

func TestNotesSayWhatComesNext(t *testing.T) {
	const exec = "kubectl exec -n health -it deploy/"
	for name, c := range map[string]struct{ says, silent []string }{
		"least": {
			[]string{
				exec + "home-withings-exporter -- /withings-exporter auth Anna --no-browser --paste\n", " auth Ben --no-browser", " check\n",
				"The claim home-withings-exporter has the tokens", "svc/home-withings-exporter 10054:10054",
			},
			[]string{"networkPolicy", "simulated", "gone"},
		},
		"all": {
			[]string{exec + "withings -- ", "auth 'Ben Müller' --no", `auth 'O'\''Hara' --no`, "10054:80"},
			[]string{"networkPolicy"},
		},
		"off":   {[]string{"the tokens are gone", "nobody may scrape", "auth Anna"}, []string{"The claim"}},
		"demo":  {[]string{"Simulated people"}, []string{" auth ", "tokens"}},
		"claim": {[]string{" auth Anna "}, []string{"The claim"}},
	} {
		said := notes(t, with(name)...)
		for _, part := range c.says {
			if !strings.Contains(said, part) {
				t.Errorf("%s: the notes are without %q:\n%s", name, part, said)
			}
		}
		for _, part := range c.silent {
			if strings.Contains(said, part) {
				t.Errorf("%s: the notes say %q:\n%s", name, part, said)
			}
		}
	}
}
