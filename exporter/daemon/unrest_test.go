package daemon

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
)

// porter passes notifications on, and notes the bed events that were taken.
type porter struct {
	w     *stage.World
	mu    sync.Mutex // guards what follows
	taken map[string]bool
}

func (p *porter) ServeHTTP(rw http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	q.Body = io.NopCloser(strings.NewReader(string(body)))
	answer := httptest.NewRecorder()
	p.w.Set.Receiver.ServeHTTP(answer, q)
	form, _ := url.ParseQuery(string(body))
	if in := map[string]string{"50": "1", "51": "0"}[form.Get("appli")]; in != "" && answer.Code == http.StatusOK {
		at, _ := strconv.ParseInt(form.Get("date"), 10, 64)
		p.mu.Lock()
		p.taken[in+" "+time.Unix(at, 0).UTC().Format(time.RFC3339)] = true
		p.mu.Unlock()
	}
	rw.WriteHeader(answer.Code)
}

// crash ends the exporter as a crash does: the files are as they were before it stopped in order.
func crash(w *stage.World) {
	w.T.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(w.Settings.StateDir)
	w.Try(err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".state.json") {
			if files[e.Name()], err = os.ReadFile(w.Settings.StateDir + "/" + e.Name()); err != nil {
				w.T.Fatal(err)
			}
		}
	}
	w.Set.Halt()
	for name, data := range files {
		w.Try(os.WriteFile(w.Settings.StateDir+"/"+name, data, 0o600))
	}
}

// TestNoBedEventThatWasTakenIsLostInDaysOfUnrest has everything go wrong at random: notifications late, twice and in another
// order, crashes, restarts, a database that is away, and a token that is gone.
func TestNoBedEventThatWasTakenIsLostInDaysOfUnrest(t *testing.T) {
	const first = 3 // in whose days events come without a token, and then there is a restart
	for seed := range uint64(testrun.Scale(1, 4)) {
		t.Run(strconv.FormatUint(seed+first, 10), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			stage.InBubbleOf(t, dir, func(w *stage.World) { unrest(w, rand.New(rand.NewPCG(seed+first, 14))) })
		})
	}
}

func unrest(w *stage.World, dice *rand.Rand) {
	w.Sim.SwitchNotifications(asWithings)
	db := rude.Pipe(w.T, rude.Influx2)
	line := &breakable{to: db.Client().Transport}
	w.Settings.Influx = command.Influx{URL: db.URL, Org: "home", Bucket: "health", Token: "t", HTTP: &http.Client{Transport: line}}
	w.Settings.ExternalURL, w.Settings.Profiles = stage.DoorURL, []string{"Anna"}
	w.Settings.Services = []string{"goal", "presence"}
	door := &porter{w: w, taken: map[string]bool{}}
	w.Entrance = door
	w.Play()
	w.Start()
	defer func() { w.Set.Halt() }()
	w.Pass(10 * time.Minute)
	id, in := w.ID("Anna"), false
	var story []string
	for range 20 {
		w.Pass(time.Duration(dice.IntN(4*3600)) * time.Second)
		in = !in
		if in {
			w.Try(w.Sim.GetInBed(id, w.Sim.Now()))
		} else {
			w.Try(w.Sim.GetOutOfBed(id, w.Sim.Now()))
		}
		w.Pass(time.Duration(dice.IntN(300)) * time.Second)
		what := dice.IntN(8)
		story = append(story, w.Sim.Now().Format("2 15:04 ")+[]string{"crash", "restart", "database", "token", "token back", "reload", "", ""}[what])
		switch what {
		case 0:
			w.Door.Open(nil)
			w.Pass(7 * time.Second)
			crash(w)
			w.Pass(time.Duration(dice.IntN(3600)) * time.Second)
			w.Start()
		case 1:
			w.Set.Halt()
			w.Pass(time.Duration(dice.IntN(20)) * time.Second) // the server answers until it has ended
			w.Set.SaveTold(context.Background(), w.Settings.Log)
			w.Door.Open(nil)
			w.Pass(time.Duration(dice.IntN(3600)) * time.Second)
			w.Start()
		case 2:
			line.broken.Store(!line.broken.Load())
		case 3:
			w.Try(annasStore(w).Withdraw(context.Background()))
		case 4:
			authorize(w, "Anna", "Anna", auth.Scopes...)
		case 5:
			w.Set.Halt()
			w.Try(w.Set.Load(w.Settings))
			w.Set.Start(context.Background(), w.Settings)
		}
	}
	line.broken.Store(false)
	authorize(w, "Anna", "Anna", auth.Scopes...)
	w.Pass(7 * time.Hour) // retries take five
	known := map[string]bool{}
	for _, p := range db.Points() {
		if p.Measurement == "withings_sleep" && p.Field == "in_bed" {
			known[p.Value.RatString()+" "+p.Time.UTC().Format(time.RFC3339)] = true
		}
	}
	var lost []string
	for event := range door.taken {
		if !known[event] {
			lost = append(lost, event)
		}
	}
	slices.Sort(lost)
	if len(lost) > 0 || len(door.taken) < 15 {
		w.T.Errorf("of %d events the database lacks %q; what happened:\n%s", len(door.taken), lost, strings.Join(story, "\n"))
	}
	if is := w.Series()["withings_in_bed{profile=Anna}"]; (is == 1) != in {
		w.T.Errorf("in bed is %v, want %t; what happened:\n%s", is, in, strings.Join(story, "\n"))
	}
}
