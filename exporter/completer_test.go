package exporter

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// told is what a batch says, by id.
func told(b Batch) map[string]string {
	all := map[string]string{}
	for _, r := range b.Records {
		var words []string
		for _, reading := range r.Readings {
			words = append(words, fmt.Sprintf("%s=%s", reading.Metric.Name, reading.Value))
		}
		all[r.ID] = strings.Join(words, " ")
	}
	return all
}

func naps(n, seconds int) string {
	return fmt.Sprintf("sleep_naps=%d sleep_naps_seconds=%d", n, seconds)
}

// TestTheNapsOfADateAreToldWheneverTheyChange hands the sessions of a date over in
// every order, in as many batches as there are, to a completer beside a state and to
// one without.
func TestTheNapsOfADateAreToldWheneverTheyChange(t *testing.T) {
	night := session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84")
	nap := session("2", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30")
	later := session("3", "2026-07-15", "2026-07-15 18:00", "2026-07-15 18:15", "31")
	watch := session("4", "2026-07-15", "2026-07-14 22:10", "2026-07-15 05:50", "80")
	for _, c := range []struct {
		name     string
		sessions []Record
		want     string
	}{
		{"a night alone", []Record{night}, naps(0, 0)},
		{"a nap", []Record{night, nap}, naps(1, 2700)},
		{"two naps", []Record{night, nap, later}, naps(2, 3600)},
		{"two devices and a nap", []Record{night, watch, later}, naps(1, 900)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for order := range permutations(c.sessions) {
				for _, state := range []*State{nil, newState()} {
					d := NewCompleter(state)
					var last Batch
					for _, r := range order {
						b := Batch{Service: Sleep, Records: []Record{r}}
						if state != nil {
							state.Apply(b)
						}
						last = d.Complete(b)
					}
					got := told(last)
					if got["naps-2026-07-15"] != c.want || len(got) != len(c.sessions)+1 {
						t.Errorf("the last batch tells %v, want all sessions and %s", got, c.want)
					}
				}
			}
		})
	}
}

func TestTheNapsOfADateLieAtItsMidnight(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	night := session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84")
	night.Start = night.Start.In(paris)
	nap := session("2", "2026-07-15", "2026-07-15 01:00", "2026-07-15 11:00", "84")
	nap.Start = nap.Start.In(paris)
	for _, sessions := range [][]Record{{night}, {nap}, {night, nap}, {nap, night}} {
		s := NewState("Anna", nil)
		b := Batch{Service: Sleep, Records: sessions}
		s.Apply(b)
		for _, restored := range []*State{s, reopened(t, s)} {
			last := NewCompleter(restored).Complete(b)
			r := last.Records[len(last.Records)-1]
			if got := r.Start.UTC().Format(time.RFC3339); got != "2026-07-14T22:00:00Z" {
				t.Errorf("the naps lie at %s", got)
			}
		}
	}
}

// reopened is a state as it is after a restart.
func reopened(t *testing.T, s *State) *State {
	t.Helper()
	data, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again := NewState(s.Profile(), nil)
	if err := again.Restore(data); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestOfADayOneRowIsToldWhicheverPageItIsOn(t *testing.T) {
	own := day("2026-07-15", is("activity_steps", "8000", ""))
	own.Modified = at("2026-07-15 10:00")
	relayed := day("2026-07-15", is("activity_steps", "4100", ""), is("activity_elevation_meters", "3", ""))
	relayed.ID, relayed.Modified = "2026-07-15"+Relayed+"18", at("2026-07-15 11:00")
	other := day("2026-07-15", is("activity_steps", "4200", ""))
	other.ID, other.Modified = "2026-07-15"+Relayed+"18-1060", at("2026-07-15 12:00")
	for _, c := range []struct {
		rows []Record
		want string
	}{
		{[]Record{own, relayed}, "activity_steps=8000"},
		{[]Record{own, relayed, other}, "activity_steps=8000"},
		{[]Record{relayed, other}, "activity_steps=4200"},
	} {
		for order := range permutations(c.rows) {
			d := NewCompleter(nil)
			held := Record{}
			for _, r := range order {
				for _, next := range d.Complete(Batch{Service: Activity, Records: []Record{r}}).Records {
					if next.ID != "2026-07-15" {
						t.Errorf("a row is told as %q", next.ID)
					}
					if next.Replaces(&held) { // as whoever keeps versions does
						held = next
					}
				}
			}
			if got := told(Batch{Records: []Record{held}})["2026-07-15"]; got != c.want {
				t.Errorf("what is kept is %q, want %q", got, c.want)
			}
		}
	}
}

func TestADiaryForgetsTheDatesOfLongAgo(t *testing.T) {
	d := NewCompleter(nil)
	for i := range 3 * mostDates {
		date := at("2020-01-01 00:00").AddDate(0, 0, i).Format(time.DateOnly)
		d.Complete(Batch{Service: Sleep, Records: []Record{session(date, date, date+" 00:00", date+" 06:00", "80")}})
	}
	if p := d.pages[Sleep]; len(p.rows) != mostDates || len(p.dates) != mostDates {
		t.Errorf("%d dates are remembered, want %d", len(p.rows), mostDates)
	}
}

// TestADamagedRecordLeavesWhatIsHeld tells once more of a night of which something
// cannot be read.
func TestADamagedRecordLeavesWhatIsHeld(t *testing.T) {
	night := session("1", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84")
	night.Modified = at("2026-07-15 07:00")
	damaged := func(modified string, readings ...Reading) Record {
		r := changed(night, modified, readings...)
		r.Damaged = true
		return r
	}
	for _, c := range []struct {
		name string
		next []Record
		want map[string]string
	}{
		{"nothing can be read", []Record{damaged("2026-07-15 08:00")}, map[string]string{"sleep_score": "84", "sleep_deep_seconds": "8400"}},
		{"something can", []Record{damaged("2026-07-15 08:00", is("sleep_score", "70"))}, map[string]string{"sleep_score": "70", "sleep_deep_seconds": "8400"}},
		{"an older version", []Record{damaged("2026-07-15 06:00", is("sleep_score", "70"))}, map[string]string{"sleep_score": "84", "sleep_deep_seconds": "8400"}},
		{"then all can", []Record{damaged("2026-07-15 08:00"), changed(night, "2026-07-15 09:00", is("sleep_score", "60"))}, map[string]string{"sleep_score": "60", "sleep_deep_seconds": ""}},
		{"only its id", []Record{{Service: Sleep, ID: "1", Damaged: true}}, map[string]string{"sleep_score": "84", "sleep_deep_seconds": "8400"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState(night)
			s.Advance(Sleep, func(p *Progress) { p.Done = true })
			d := NewCompleter(nil)
			d.Complete(Batch{Service: Sleep, Records: []Record{night}})
			var last Batch
			for _, r := range c.next {
				apply(s, r)
				last = d.Complete(Batch{Service: Sleep, Records: []Record{r}})
			}
			expect(t, shown(s, noon), c.want)
			if done := s.Progress(Sleep).Done; c.want["sleep_deep_seconds"] != "" && !done {
				t.Error("the past is read once more")
			}
			if i := slices.IndexFunc(last.Records, func(r Record) bool { return r.ID == "1" && !r.void() }); i >= 0 && c.want["sleep_deep_seconds"] != "" && len(last.Records[i].Readings) != 2 {
				t.Errorf("the sink is told %v", last.Records[i].Readings)
			}
		})
	}
}

// TestRowsOfAnExporterBeforeThisOneMakeRoom restores days that were kept by their
// date alone, whoever counted them.
func TestRowsOfAnExporterBeforeThisOneMakeRoom(t *testing.T) {
	s := newState(day("2026-07-15", is("activity_steps", "4100", "")), day("2026-07-14", is("activity_steps", "4000", "")))
	data, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(data), CatalogID(), "another", 1)
	if err := s.Restore([]byte(old)); err != nil {
		t.Fatal(err)
	}
	expect(t, shown(s, noon), map[string]string{"activity_steps{today}": "4100", "activity_steps{yesterday}": "4000"})
	relayed := day("2026-07-15", is("activity_steps", "4200", ""))
	relayed.ID += Relayed + "18"
	b := Batch{Service: Activity, Records: []Record{relayed, day("2026-07-14", is("activity_steps", "9000", ""))},
		Whole: &Span{at("2026-07-01 00:00"), at("2026-07-16 00:00")}}
	if held, gone := s.Vanishing(b); held != 2 || gone != 0 {
		t.Errorf("of %d rows %d would vanish, want none of 2", held, gone)
	}
	s.Apply(b)
	expect(t, shown(s, noon), map[string]string{"activity_steps{today}": "4200", "activity_steps{yesterday}": "9000"})
	if rows := s.count(Activity); rows != 2 {
		t.Errorf("%d rows are held, want 2", rows)
	}
}
