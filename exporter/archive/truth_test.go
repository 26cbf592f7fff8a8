package archive

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// language is how Withings names the columns of an account.
type language struct {
	name              string
	weight, bp, sleep []string
	from, to, date    string
}

var languages = []language{
	{name: "English", date: "Date", from: "from", to: "to",
		weight: []string{"Weight (kg)", "Fat mass (kg)", "Bone mass (kg)", "Muscle mass (kg)", "Hydration (kg)"},
		bp:     []string{"Heart rate", "Systolic", "Diastolic"},
		sleep:  []string{"light (s)", "deep (s)", "rem (s)", "awake (s)", "wake up", "Snoring (s)", "Average heart rate"}},
	{name: "German", date: "Datum", from: "von", to: "bis",
		weight: []string{"Gewicht (kg)", "Fettmasse (kg)", "Knochenmasse (kg)", "Muskelmasse (kg)", "Wasseranteil (kg)"},
		bp:     []string{"Herzfrequenz", "Systole", "Diastole"},
		sleep:  []string{"leicht (s)", "tief (s)", "rem (s)", "wach (s)", "Aufwachen", "Schnarchen (s)", "Durchschnittliche Herzfrequenz"}},
	{name: "French", date: "Date", from: "de", to: "à",
		weight: []string{"Poids (kg)", "Gras (kg)", "Masse osseuse (kg)", "Masse musculaire (kg)", "Hydratation (kg)"},
		bp:     []string{"Fréquence cardiaque", "Systolique", "Diastolique"},
		sleep:  []string{"léger (s)", "profond (s)", "paradoxal (s)", "éveillé (s)", "réveils", "Ronflement (s)", "Fréquence cardiaque moyenne"}},
	{name: "Spanish", date: "Fecha", from: "de", to: "a",
		weight: []string{"Peso (kg)", "Masa grasa (kg)", "Masa ósea (kg)", "Masa muscular (kg)", "Hidratación (kg)"},
		bp:     []string{"Frecuencia cardíaca", "Sistólica", "Diastólica"},
		sleep:  []string{"ligero (s)", "profundo (s)", "rem (s)", "despierto (s)", "despertar", "Ronquidos (s)", "Frecuencia cardíaca media"}},
	{name: "Italian", date: "Data", from: "da", to: "a",
		weight: []string{"Peso (kg)", "Massa grassa (kg)", "Massa ossea (kg)", "Massa muscolare (kg)", "Idratazione (kg)"},
		bp:     []string{"Frequenza cardiaca", "Sistolica", "Diastolica"},
		sleep:  []string{"leggero (s)", "profondo (s)", "rem (s)", "sveglio (s)", "risvegli", "Russamento (s)", "Frequenza cardiaca media"}},
}

var (
	weightKeys = []string{"1", "8", "88", "76", "77"}
	bpKeys     = []string{"11", "10", "9"}
	sleepKeys  = []string{"lightsleepduration", "deepsleepduration", "remsleepduration", "wakeupduration", "wakeupcount", "snoring", "hr_average"}
	dayFiles   = map[string]string{"steps": "aggregates_steps.csv", "distance": "aggregates_distance.csv", "elevation": "aggregates_elevation.csv", "calories": "aggregates_calories_earned.csv"}
)

// truth is what an archive is written from: values by service, moment and key.
type truth struct {
	rand   *rand.Rand
	want   map[string]string
	tables map[string]*bytes.Buffer
}

func (w *truth) row(file string, fields ...string) {
	b := w.tables[file]
	if b == nil {
		b = &bytes.Buffer{}
		w.tables[file] = b
	}
	c := csv.NewWriter(b)
	_ = c.Write(fields) // into memory
	c.Flush()
}

// value is a random number of hundredths, or no value, and what it comes to.
func (w *truth) value(service exporter.Service, at time.Time, key string, hundredths, atLeast int) string {
	if w.rand.IntN(8) == 0 {
		return ""
	}
	d, _ := exporter.NewDecimal(int64(atLeast+w.rand.IntN(hundredths)), -2)
	m := exporter.ByOrigin(service, key)
	scaled, err := m.Scaled(d)
	if err != nil {
		panic(err)
	}
	w.want[fmt.Sprintf("%s %d %s", service, at.Unix(), m.Name)] = scaled.String()
	return d.String()
}

func (w *truth) values(service exporter.Service, at time.Time, keys []string, hundredths int) []string {
	var fields []string
	for _, key := range keys {
		fields = append(fields, w.value(service, at, key, hundredths, 1))
	}
	return fields
}

// write makes up more than a year of a person and writes them as Withings would.
func (w *truth) write(l language) {
	w.row("weight.csv", slices.Concat([]string{l.date}, l.weight, []string{"Comments"})...)
	w.row("bp.csv", slices.Concat([]string{l.date}, l.bp, []string{"Comments"})...)
	w.row("sleep.csv", slices.Concat([]string{l.from, l.to}, l.sleep, []string{"Night events"})...)
	for _, key := range slices.Sorted(maps.Keys(dayFiles)) {
		w.row(dayFiles[key], "date", "value")
	}
	start := time.Date(2019, 1, 1, 0, 0, 0, 0, vienna)
	for i := range 400 {
		// 7 o'clock comes once every day, whatever the clocks do at night.
		at := start.AddDate(0, 0, i).Add(7*time.Hour + time.Duration(w.rand.IntN(3600))*time.Second)
		local := at.Format("2006-01-02 15:04:05")
		w.row("weight.csv", slices.Concat([]string{local}, w.values(exporter.Measure, at, weightKeys, 9000), []string{"felt, fine"})...)
		w.row("bp.csv", slices.Concat([]string{local}, w.values(exporter.Measure, at, bpKeys, 20000), []string{""})...)
		w.row("sleep.csv", slices.Concat([]string{at.Add(-8 * time.Hour).Format(time.RFC3339), at.Format(time.RFC3339)},
			w.values(exporter.Sleep, at.Add(-8*time.Hour), sleepKeys, 3000000), []string{""})...)
		midnight := start.AddDate(0, 0, i)
		for _, key := range slices.Sorted(maps.Keys(dayFiles)) {
			w.row(dayFiles[key], midnight.Format(time.DateOnly), w.value(exporter.Activity, midnight, key, 2000000, 0))
		}
	}
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	for seed, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			w := &truth{rand: rand.New(rand.NewPCG(uint64(seed), 1)), want: map[string]string{}, tables: map[string]*bytes.Buffer{}}
			w.write(l)
			var files []packed
			for _, name := range slices.Sorted(maps.Keys(w.tables)) {
				files = append(files, packed{"data_ANN_1770099665/" + name, w.tables[name].String()})
			}
			records, report := read(t, pack(t, files...))
			got, ids := map[string]string{}, map[string]bool{}
			for _, r := range records {
				if id := string(r.Service) + r.ID; ids[id] {
					t.Errorf("id %s comes twice", id)
				} else {
					ids[id] = true
				}
				for _, reading := range r.Readings {
					if strings.HasSuffix(reading.Metric.Name, "timestamp_seconds") {
						continue // of the frame, checked elsewhere
					}
					got[fmt.Sprintf("%s %d %s", r.Service, r.Start.Unix(), reading.Metric.Name)] = reading.Value.String()
				}
			}
			if !maps.Equal(got, w.want) {
				t.Errorf("read %d values, written were %d; they differ", len(got), len(w.want))
				for key, want := range w.want {
					if got[key] != want {
						t.Fatalf("%s is %q, want %q", key, got[key], want)
					}
				}
			}
			for _, f := range report.Files {
				if len(f.Unknown) > 0 || len(f.Left) > 0 || f.Refused != "" {
					t.Errorf("report %+v", f)
				}
			}
		})
	}
}
