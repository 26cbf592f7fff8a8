package exporter

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// jsonOf is a record as written to a file.
func jsonOf(r Record) recordJSON {
	w := recordJSON{ID: r.ID, Date: r.Date, Start: r.Start.UTC(), End: r.End.UTC(), Modified: r.Modified.UTC(), Damaged: r.Damaged}
	if zone := r.Start.Location(); r.Service.Row().zoned && zone != time.UTC && zone != time.Local {
		w.Zone = zone.String()
	}
	for _, reading := range r.Readings {
		w.Readings = append(w.Readings, readingJSON{Metric: reading.Metric.Name, Labels: reading.Labels.Values(), Value: reading.Value})
	}
	return w
}

// reflected is a state as json.Marshal writes it.
func reflected(t *testing.T, s *State) string {
	t.Helper()
	// Without the names of the fields, so that a new one does not build before it is saved.
	w := stateJSON{stateHead{stateVersion, s.profile, s.user, CatalogID(), s.timezone}, map[Service]*serviceJSON{}, stateTail{s.learned}}
	for name, held := range s.services {
		out := &serviceJSON{held.progress, nil}
		for _, r := range s.all(name) {
			out.Records = append(out.Records, jsonOf(r))
		}
		w.Services[name] = out
	}
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAStateIsSavedAsIfByReflection(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	many, odd, learnt := full(), full(), full()
	many.Apply(historyPage(0))
	for i, name := range []string{`q"uo\\te`, "<b>&amp;", "Zoë\u2028", "a\xffb", "\x7f\t\n", ""} {
		odd.Apply(Batch{Service: Sleep, Records: []Record{{Service: Sleep, ID: name + string(rune('a'+i)), Date: "2026-07-1" + string(rune('1'+i)),
			Start: at("2026-07-10 22:00").Add(time.Duration(i) * 24 * time.Hour).In(vienna), End: at("2026-07-11 06:00").Add(time.Duration(i)*24*time.Hour + time.Nanosecond),
			Damaged: i%2 == 0, Readings: []Reading{is("sleep_score", "84")}}}})
		odd.Apply(Batch{Service: Device, Records: []Record{{Service: Device, ID: name + "d", Readings: []Reading{is("device_info", "1", name, "Sleep Monitor", "", name, "")}}}})
	}
	learnt.learn(func(l *learned) { l.signed(Measure); l.unsigned(Sleep, noon) })
	learnt.Advance(Intraday, func(p *Progress) { p.Wanted = p.Wanted.Add(Span{From: noon, To: noon.Add(time.Hour)}) })
	for name, s := range map[string]*State{"full": full(), "empty": newState(), "many": many, "odd": odd, "learnt": learnt, "named oddly": NewState("<\"é", nil)} {
		got, err := s.MarshalJSON()
		if want := reflected(t, s); err != nil || string(got) != want {
			t.Errorf("%s: saved as\n%s\n%v, want\n%s", name, got, err, want)
		}
	}
}

// TestEveryFieldIsSaved fails on a new field that is neither saved nor said to be left out.
func TestEveryFieldIsSaved(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	r := Record{Service: Sleep, ID: "7", Date: "2026-07-14", Start: noon.In(vienna), End: noon.Add(time.Hour), Modified: noon.Add(2 * time.Hour),
		Readings: []Reading{is("sleep_score", "84")}, Damaged: true, Maker: ByHand}
	named := Reading{ByName("device_info"), LabelValues("1", "d"), Integer(1)}
	text, err := recordText(nil, &r)
	if err != nil {
		t.Fatal(err)
	}
	labelled, err := recordText(nil, &Record{Service: Device, ID: "d", Readings: []Reading{named}})
	if err != nil {
		t.Fatal(err)
	}
	var w, l recordJSON
	if err := errors.Join(json.Unmarshal(text, &w), json.Unmarshal(labelled, &l)); err != nil {
		t.Fatal(err)
	}
	back, _, err := w.record(Sleep)
	if err != nil {
		t.Fatal(err)
	}
	for what, value := range map[string]any{"the record of this test": r, "a record as it is written": w, "a reading as it is written": l.Readings[0], "a record that is read": back} {
		for field, is := range reflect.ValueOf(value).Fields() {
			if is.IsZero() && (what != "a record that is read" || field.Name != "Maker") { // which is for the answer alone
				t.Errorf("%s has no %s: set it here, and save it", what, field.Name)
			}
		}
	}
	const written = "profile user timezone services learned"
	const left = "mu fixed version moved zone saved hidden" // which the program finds again, or counts since its start
	var fields []string
	for field := range reflect.TypeFor[State]().Fields() {
		fields = append(fields, field.Name)
	}
	known := strings.Fields(written + " " + left)
	slices.Sort(fields)
	slices.Sort(known)
	if !slices.Equal(fields, known) {
		t.Errorf("a state has %q, of which some must be saved and others not: %q", fields, known)
	}
}

// TestARecordOfAnyKindIsSavedAsIfByReflection has what no answer of the other tests has.
func TestARecordOfAnyKindIsSavedAsIfByReflection(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Record{
		"nothing read":               {Service: Measure, ID: "1", Start: noon, End: noon, Damaged: true},
		"a night of this machine":    {Service: Sleep, ID: "2", Start: noon.In(time.Local), End: noon},
		"a night elsewhere":          {Service: Sleep, ID: "3", Start: noon.In(vienna), End: noon},
		"no night, with a time zone": {Service: Measure, ID: "4", Start: noon.In(vienna), End: noon.In(vienna)},
		"a label of one letter":      {Service: Device, ID: "5", Readings: []Reading{is("device_info", "1", "d")}},
		"labels that are empty":      {Service: Device, ID: "6", Readings: []Reading{is("device_info", "1", "", "")}},
	} {
		want, err := json.Marshal(jsonOf(r))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := recordText(nil, &r); err != nil || string(got) != string(want) {
			t.Errorf("%s: saved as\n%s\n%v, want\n%s", name, got, err, want)
		}
	}
	for c := range 256 {
		text := string([]byte{'a', byte(c), 'b'})
		if want, _ := json.Marshal(text); string(stringText(nil, text)) != string(want) {
			t.Errorf("%q is saved as %s, want %s", text, stringText(nil, text), want)
		}
	}
}

// FuzzARecordIsSavedAsIfByReflection has texts and times of any kind.
func FuzzARecordIsSavedAsIfByReflection(f *testing.F) {
	f.Add("7", "2026-07-14", int64(1784016000), int64(0), true)
	f.Add("<é\x00\"", "", int64(-62135596800), int64(999), false)
	f.Add("x", "y", int64(1)<<40, int64(1), false)
	f.Fuzz(func(t *testing.T, id, label string, start, nanos int64, damaged bool) {
		r := Record{Service: Device, ID: id, Date: label, Start: time.Unix(start, nanos).UTC(), End: time.Unix(start, 0).UTC(), Damaged: damaged,
			Readings: []Reading{{ByName("device_info"), LabelValues(id, strings.ReplaceAll(label, labelSeparator, "")), Integer(nanos)}}}
		want, failed := json.Marshal(jsonOf(r))
		got, err := recordText(nil, &r)
		if (err != nil) != (failed != nil) || err == nil && string(got) != string(want) {
			t.Errorf("saved as %s, %v; want %s, %v", got, err, want, failed)
		}
	})
}
