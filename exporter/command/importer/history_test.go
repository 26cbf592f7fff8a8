package importer

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// download is an archive as a person gets it, with a weigh-in and a blood
// pressure every week, and what a database must hold of those before a moment.
func download(t *testing.T, from, to, before time.Time) (file string, points []tally.Point) {
	t.Helper()
	var weights, pressures strings.Builder
	weights.WriteString("Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\"Hydration (kg)\",Comments\n")
	pressures.WriteString("Date,\"Heart rate\",Systolic,Diastolic,Comments\n")
	for week := 0; ; week++ {
		at := from.AddDate(0, 0, 7*week)
		if !at.Before(to) {
			break
		}
		kilograms, systolic := fmt.Sprintf("%d.%02d", 60+week%9, week%100), 110+week%30
		fmt.Fprintf(&weights, "\"%s\",%s,,,,,\n", at.Format(time.DateTime), kilograms)
		fmt.Fprintf(&pressures, "\"%s\",61,%d,77,\n", at.Add(time.Hour).Format(time.DateTime), systolic)
		if !at.Before(before) {
			continue
		}
		grams, err := tally.Parse(kilograms + "e3")
		if err != nil {
			t.Fatal(err)
		}
		add := func(measurement, field string, later time.Duration, value *big.Rat) {
			points = append(points, tally.Point{Measurement: measurement, Tags: map[string]string{"profile": "Anna"},
				Field: field, Time: at.Add(later), Value: value})
		}
		add("withings_body", "weight_grams", 0, grams)
		add("withings_heart", "heart_pulse_beats_per_minute", time.Hour, big.NewRat(61, 1))
		add("withings_heart", "systolic_blood_pressure_mmhg", time.Hour, big.NewRat(int64(systolic), 1))
		add("withings_heart", "diastolic_blood_pressure_mmhg", time.Hour, big.NewRat(77, 1))
	}
	file = filepath.Join(t.TempDir(), "data.zip")
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, f := range []struct{ name, text string }{{"weight.csv", weights.String()}, {"bp.csv", pressures.String()}, {"account.csv", "x\n1\n"}} {
		entry, err := archive.Create("data_ANN_1/" + f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, points
}

func TestAnArchiveFillsWhatWithingsHasNotToldAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	h.Settings.Profiles, h.Settings.Timezone = []string{"Anna"}, time.UTC
	h.Into(db.URL, db)
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h.MustBring(transfer.Options{Since: since.Format(time.DateOnly)})
	asked := h.Gate.Count()
	file, points := download(t, time.Date(2012, 3, 4, 7, 8, 9, 0, time.UTC), stage.CloudStart, since)
	for range 2 { // the second time changes nothing
		var out, talk bytes.Buffer
		if err := Import(t.Context(), h.Settings, Options{File: file, Profile: "Anna"}, &out, &talk); err != nil {
			t.Fatalf("%v\n%s%s", err, &out, &talk)
		}
		stage.Says(t, "the import", out.String(), "weight.csv", "bp.csv", "already read from Withings itself", "account.csv")
	}
	if h.Gate.Count() != asked {
		t.Error("an import asks Withings")
	}
	want := append(points, truth.Points(h.Sim, h.Person("Anna"), since, time.Time{})...)
	stage.Complain(t, db.Sums().Of(truth.Covers).Differences(tally.Sum(want)))
}

// TestMain has files in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
