package transfer_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
)

// TestABackfillBetweenTwoServesLosesNoMinutes: it moves the cursors of days and nights
// in the database, from which serve would have seen which minutes are new. In the end
// serve has written all since it began, and the backfill those before, if it was to.
func TestABackfillBetweenTwoServesLosesNoMinutes(t *testing.T) {
	t.Parallel()
	for _, minutes := range testrun.Few([]bool{true, false}) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			w := stage.NewWorld(t, dir, simulator.Switches{})
			db := piped(w, rude.Influx1)
			w.Settings.Profiles, w.Settings.PollInterval = []string{"Anna"}, 30*time.Minute
			w.Start()
			w.Pass(time.Hour)
			w.Set.Halt()
			w.Pass(30 * time.Hour)
			upset(w, w.ID("Anna"), 1)
			bring(w, transfer.Options{Since: "2026-07-04", Minutes: minutes})
			w.Pass(9 * time.Hour)
			upset(w, w.ID("Anna"), 2)
			bring(w, transfer.Options{Since: "2026-07-04", Minutes: minutes})
			w.Start()
			defer func() { w.Set.Halt() }()
			w.Pass(5 * time.Hour)

			from, to := stage.CloudStart.Add(-24*time.Hour), w.Sim.Now().Add(-8*time.Hour)
			if minutes {
				from = time.Date(2026, 7, 4, 0, 0, 0, 0, time.UTC)
			}
			want := truth.Minutes(w.Sim, w.Sim.People()[0], from, to)
			stage.Complain(t, tally.Differences(alike(db.Points(), want), want))
			if len(want) < 5000 {
				t.Errorf("there are only %d values", len(want))
			}
		})
	}
}

// bring runs a backfill that must succeed, and returns what it says, without its line breaks.
func bring(w *stage.World, o transfer.Options) string {
	w.T.Helper()
	var told bytes.Buffer
	if err := transfer.Run(w.T.Context(), w.Settings, o, &told, &told); err != nil {
		w.T.Fatalf("%v\n%s", err, &told)
	}
	return strings.Join(strings.Fields(told.String()), " ")
}

// TestAWindowOfMinutesThatIsRefusedIsNamed: Withings answers status 503 for one night as
// long as it likes, and the others arrive. Later it does not, and that night arrives, too.
func TestAWindowOfMinutesThatIsRefusedIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		db := piped(w, rude.Influx1)
		w.Settings.Profiles = []string{"Anna"}
		straight := w.Settings.HTTP
		then := stage.CloudStart.AddDate(0, 0, -12)
		nights := w.Sim.Nights(w.ID("Anna"), then, then)
		w.Settings.HTTP = &http.Client{Transport: refusing{straight.Transport, nights[0].Start + 3600}}
		var told bytes.Buffer
		err := transfer.Run(t.Context(), w.Settings, transfer.Options{Since: "2026-07-01", Minutes: true}, &told, &told)
		if err == nil {
			t.Fatalf("a night that cannot be read is no error:\n%s", &told)
		}
		stage.Says(t, "the error", err.Error(), `profile "Anna": `, "history from 2026-07-")
		want := truth.Minutes(w.Sim, w.Sim.People()[0], time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), stage.CloudStart)
		lacks := len(want) - len(alike(db.Points(), want))
		if lacks < 300 || lacks > 6*1440 {
			t.Errorf("%d of %d values are missing, want those of a night\n%s", lacks, len(want), &told)
		}
		w.Settings.HTTP = straight
		bring(w, transfer.Options{Since: "2026-07-01", Minutes: true})
		stage.Complain(t, tally.Differences(alike(db.Points(), want), want))
	})
}

// refusing is a way to Withings on which no minutes are told of a night that has a moment.
type refusing struct {
	http.RoundTripper
	moment int64 // UNIX seconds
}

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	from, _ := strconv.ParseInt(r.PostForm.Get("startdate"), 10, 64)
	to, _ := strconv.ParseInt(r.PostForm.Get("enddate"), 10, 64)
	if strings.HasSuffix(r.URL.Path, "/sleep") && r.PostForm.Get("action") == "get" && from <= f.moment && f.moment < to {
		answer := httptest.NewRecorder()
		_, err := answer.WriteString(`{"status":503,"body":{},"error":"Invalid Params"}`)
		return answer.Result(), err
	}
	return f.RoundTripper.RoundTrip(again(r))
}
