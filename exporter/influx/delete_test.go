package influx

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

const remove = "/api/v2/delete"

// TestADeleteThatIsNotPossibleStopsNoWrite has a server that deletes, and then
// answers deletes in each way in which one can refuse them.
func TestADeleteThatIsNotPossibleStopsNoWrite(t *testing.T) {
	for _, answer := range rude.Deletes() {
		if answer.Means == rude.Accepted {
			continue
		}
		t.Run(answer.Name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.put(batch(night("6", day(8), 60), night("7", day(9), 80), night("8", day(10), 70)))
			k.put(batch(exporter.Record{Service: exporter.Sleep, ID: "6", Start: day(8), End: day(9)}))
			k.want("sleep score 9 = 80", "sleep score 10 = 70") // the way is known now

			k.db.On(remove, answer.Give)
			k.db.On("/query", rude.Status(http.StatusNotFound))
			before := k.db.Requests("")
			k.put(batch(exporter.Record{Service: exporter.Sleep, ID: "7", Start: day(9), End: day(10)}, night("9", day(11), 90)))
			k.want("sleep score 9 = 80", "sleep score 10 = 70", "sleep score 11 = 90")
			if n := k.db.Requests("") - before; n > 8 {
				t.Errorf("%d requests for one delete and one point", n)
			}
			k.put(batch(night("9", day(11), 91))) // and the profile goes on
			k.want("sleep score 9 = 80", "sleep score 10 = 70", "sleep score 11 = 91")
			if n := strings.Count(k.log.String(), "cannot delete points now"); n != 1 {
				t.Errorf("logged %d times: %s", n, &k.log)
			}

			k.db.Set(rude.Influx2)
			k.open() // a restart, or an hour later, it is tried again
			k.put(batch(night("8", day(10), 70)))
			k.want("sleep score 10 = 70", "sleep score 11 = 91")
		})
	}
}

// TestARefusedDeleteStopsNoWrite has a proxy, or the database, refuse deletes alone.
func TestARefusedDeleteStopsNoWrite(t *testing.T) {
	told := func(text string) rude.Behaviour {
		return rude.Say(http.StatusOK, "application/json", `{"results":[{"statement_id":0,"error":"`+text+`"}]}`+"\n")
	}
	for name, c := range map[string]struct{ byAPI, byStatement rude.Behaviour }{
		"a bucket that may not be read":    {rude.Status(403), told("database not found: health")},
		"a bucket without a mapping":       {rude.Status(403), told("default retention policy not set for: health")},
		"a user without the right":         {rude.Status(404), told(`anna not authorized to execute statement 'DELETE', requires WRITE on health`)},
		"a statement that is not known":    {rude.Status(404), rude.Say(400, "application/json", `{"error":"error parsing query: found DELETE"}`)},
		"a request that is not understood": {rude.Say(400, "application/json", `{"code":"invalid","message":"deletes are not available"}`), rude.Status(400)},
		"a sign-in":                        {rude.Status(401), rude.Status(401)},
		"sent to a sign-in":                {rude.Redirect(302, "/login"), rude.Redirect(302, "/login")},
		"gone":                             {rude.Status(410), rude.Login},
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v2")
			k.put(batch(night("7", day(9), 80), night("8", day(10), 70)))
			k.db.On(remove, c.byAPI)
			k.db.On("/query", c.byStatement)
			k.put(batch(exporter.Record{Service: exporter.Sleep, ID: "7", Start: day(9), End: day(10)}, night("9", day(11), 90)))
			k.want("sleep score 9 = 80", "sleep score 10 = 70", "sleep score 11 = 90")
			k.db.Set(rude.Influx2)
			k.open()
			k.put(batch(night("9", day(11), 90)))
			k.want("sleep score 10 = 70", "sleep score 11 = 90")
		})
	}
}

func TestAServerThatIsAwayAtTheFirstDeleteIsNotOneThatCannot(t *testing.T) {
	for _, status := range []int{404, 502, 503, 504, 405} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			k := newDesk(t, "v1")
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(4), 71_000)))
			k.db.Set(rude.Status(status)) // everything, as from a proxy
			whole := gone(exporter.Measure, 20)
			whole.Records = batch(weighIn("2", day(4), 71_500)).Records
			if err := k.Put(t.Context(), whole); err == nil {
				t.Fatal("it counts as written")
			}
			k.db.Set(rude.Influx1)
			k.ready()
			k.put(whole)
			k.want("body weight_grams 4 = 71500")
		})
	}
}

// TestADeleteThatDeletesNothingIsFoundOut is InfluxDB Cloud Serverless, which
// acknowledges every delete.
func TestADeleteThatDeletesNothingIsFoundOut(t *testing.T) {
	k := newDesk(t, "v2")
	k.db.Set(rude.Serverless)
	k.put(batch(night("7", day(9), 80)))
	k.put(batch(night("7", day(9).Add(time.Hour), 82)))
	k.want("sleep score 9 = 82") // at the first moment, as where nothing can be deleted
	if got := k.log.String(); strings.Count(got, "cannot delete points now") != 1 {
		t.Errorf("logged %s", got)
	}
}

func TestWhatWaitsToBeDeletedSurvivesARestart(t *testing.T) {
	k := newDesk(t, "")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000)))
	whole := gone(exporter.Measure, 20)
	whole.Records = batch(weighIn("2", day(10), 71_000)).Records
	k.put(whole)
	k.want("body weight_grams 3 = 70000", "body weight_grams 10 = 71000")
	k.open()
	k.db.Set(rude.Influx2) // the database was replaced by one that deletes, with its data
	k.put(exporter.Batch{Service: exporter.Measure})
	k.want("body weight_grams 10 = 71000")
}

func TestADamagedRecordTakesNothingAway(t *testing.T) {
	k := newDesk(t, "v2")
	fat := exporter.Reading{Metric: exporter.ByName("fat_ratio"), Value: exporter.Integer(1)}
	r := weighIn("1", day(3), 70_000)
	r.Readings = append(r.Readings, fat)
	k.put(batch(r))
	unreadable := weighIn("1", day(3), 70_500) // its fat ratio could not be read
	unreadable.Damaged = true
	k.put(batch(unreadable))
	k.want("body weight_grams 3 = 70500", "body fat_ratio 3 = 1")
	k.put(batch(exporter.Record{Service: exporter.Measure, ID: "1", Start: day(3), End: day(3), Damaged: true}))
	k.want("body weight_grams 3 = 70500", "body fat_ratio 3 = 1")
	k.put(batch(r)) // and what can be read again is written again
	k.want("body weight_grams 3 = 70000", "body fat_ratio 3 = 1")
}

func TestASinkCountsWhatWouldVanish(t *testing.T) {
	k := newDesk(t, "v2")
	k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000), weighIn("3", day(19), 72_000)))
	b := gone(exporter.Measure, 15)
	b.Records = batch(weighIn("1", day(3), 70_000)).Records
	if held, gone := k.Vanishing(b); held != 2 || gone != 1 {
		t.Errorf("of %d, %d would vanish, want 1 of 2", held, gone)
	}
	if held, gone := k.Vanishing(batch(weighIn("9", day(3), 1))); held != 0 || gone != 0 {
		t.Errorf("of changes, %d of %d would vanish", gone, held)
	}
	before, _ := os.ReadFile(k.file())
	if after, _ := os.ReadFile(k.file()); string(before) != string(after) {
		t.Error("counting changes the ledger")
	}
}
