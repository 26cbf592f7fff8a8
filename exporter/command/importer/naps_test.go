package importer

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testserver"
)

// TestAnArchiveTellsTheNapsOfEachDate imports a night and a nap of one date, and a
// night alone, with offsets and by --timezone.
func TestAnArchiveTellsTheNapsOfEachDate(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, zone string }{{"with offsets", "+01:00"}, {"in the zone of the person", ""}} {
		t.Run(c.name, func(t *testing.T) {
			db := testserver.Influx(t)
			h := stage.NewHistory(t)
			h.Settings.Profiles, h.Settings.Timezone = []string{"Anna"}, paris
			h.Into(db.URL, db)
			rows := "from,to,\"light (s)\",\"deep (s)\",\"rem (s)\"\n"
			for _, s := range [][2]string{{"2019-01-01T22:00:00", "2019-01-02T06:00:00"}, {"2019-01-02T14:00:00", "2019-01-02T14:30:00"}, {"2019-01-02T23:00:00", "2019-01-03T06:00:00"}} {
				rows += s[0] + c.zone + "," + s[1] + c.zone + ",100,100,100\n"
			}
			file := filepath.Join(t.TempDir(), "data.zip")
			var packed bytes.Buffer
			w := zip.NewWriter(&packed)
			entry, err := w.Create("sleep.csv")
			if err == nil {
				_, err = entry.Write([]byte(rows))
			}
			if err == nil {
				err = w.Close()
			}
			if err == nil {
				err = os.WriteFile(file, packed.Bytes(), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			var out, talk bytes.Buffer
			if err := Import(t.Context(), h.Settings, Options{File: file, Profile: "Anna"}, &out, &talk); err != nil {
				t.Fatalf("%v\n%s%s", err, &out, &talk)
			}
			got := map[string]string{}
			for _, p := range db.Points() {
				if p.Field == "naps" || p.Field == "naps_seconds" {
					got[p.Field+" "+p.Time.Format(time.RFC3339)] = p.Value.RatString()
				}
			}
			want := map[string]string{"naps 2019-01-01T23:00:00Z": "1", "naps_seconds 2019-01-01T23:00:00Z": "1800",
				"naps 2019-01-02T23:00:00Z": "0", "naps_seconds 2019-01-02T23:00:00Z": "0"}
			for key, value := range want {
				if got[key] != value || len(got) != len(want) {
					t.Errorf("the database has %v, want %v", got, want)
				}
			}
		})
	}
}
