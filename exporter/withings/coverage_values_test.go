package withings

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// TestEveryAttributionCountsAsTheReferenceSays decodes a group of each.
func TestEveryAttributionCountsAsTheReferenceSays(t *testing.T) {
	for _, f := range placeOf(t, "3.4", "attrib").fields {
		answer := `{"status":0,"body":{"measuregrps":[{"grpid":1,"attrib":` + f.key + `,"date":1784094310,"measures":[` + weight + `]}]}}`
		h, err := hear(exporter.Measure, []byte(answer), false)
		if err != nil {
			t.Fatal(err)
		}
		if counts := len(h.values()) == 1; counts != (f.kind == isUsed) {
			t.Errorf("attrib %s counts: %v, and is %s", f.key, counts, f.kind)
		}
	}
}

// TestEveryPositionIsThatOfTheReference compares the labels, and wants no more of
// them than there are in the reference.
func TestEveryPositionIsThatOfTheReference(t *testing.T) {
	fields := placeOf(t, "3.5", "position").fields
	if len(fields) != len(positions) {
		t.Errorf("%d positions have a name, the reference has %d", len(positions), len(fields))
	}
	for _, f := range fields {
		got, known := position(fastjson.MustParse(f.key))
		if want := "`position=" + strconv.Quote(string(got)) + "`"; !known || !strings.HasPrefix(f.why, want) {
			t.Errorf("position %s is %q, known %v, want %s", f.key, got, known, f.why)
		}
	}
}

// TestEveryKindOfWorkoutAndEveryModelHasAName compares the numbers that have a name
// with those of the reference.
func TestEveryKindOfWorkoutAndEveryModelHasAName(t *testing.T) {
	for _, c := range []struct {
		section, name string
		known         map[int64]string
	}{{"4.4", "category", categories}, {"6.4", "model_id", models}} {
		want := ranges(t, placeOf(t, c.section, c.name).fields[0].key)
		if got := slices.Sorted(maps.Keys(c.known)); !slices.Equal(got, want) {
			t.Errorf("%s: names have\n%v\nthe reference has\n%v", c.name, got, want)
		}
		for number, name := range c.known {
			if strings.TrimSpace(name) == "" {
				t.Errorf("%s: the name of %d is empty", c.name, number)
			}
		}
	}
}

// ranges reads "1-3 7": 1, 2, 3 and 7.
func ranges(t *testing.T, text string) (all []int64) {
	t.Helper()
	for span := range strings.FieldsSeq(text) {
		first, last, two := strings.Cut(span, "-")
		if !two {
			last = first
		}
		from, err := strconv.ParseInt(first, 10, 64)
		to, err2 := strconv.ParseInt(last, 10, 64)
		if err != nil || err2 != nil || to < from {
			t.Fatalf("%q is no range of numbers", span)
		}
		for n := from; n <= to; n++ {
			all = append(all, n)
		}
	}
	return all
}

// TestEveryEventOfANightIsThatOfTheReference compares the names, which the page quotes.
func TestEveryEventOfANightIsThatOfTheReference(t *testing.T) {
	fields := slices.DeleteFunc(placeOf(t, "5.2", "night_events").fields, func(f field) bool { return f.kind == isLeft })
	if len(fields) != len(nightEventNames) {
		t.Errorf("%d events have a name, the reference has %d", len(nightEventNames), len(fields))
	}
	for _, f := range fields {
		if want := "event=" + strconv.Quote(nightEventNames[f.key]); !strings.Contains(f.why, want) {
			t.Errorf("event %s is %s, want %s", f.key, want, f.why)
		}
	}
}

// TestEveryStateOfAMinuteIsThatOfTheReference decodes a minute of each, which ended just
// now.
func TestEveryStateOfAMinuteIsThatOfTheReference(t *testing.T) {
	fields := placeOf(t, "5.1", "state").fields
	if states := exporter.ByOrigin(exporter.Night, "sleep_state").States; len(states) != len(fields) {
		t.Errorf("there are the states %q, the reference has %d", states, len(fields))
	}
	for _, f := range fields {
		answer := fmt.Sprintf(`{"status":0,"body":{"series":[{"startdate":%d,"enddate":%d,"state":%s,"model":"Aura"}]}}`, noon.Unix()-60, noon.Unix(), f.key)
		h, err := hear(exporter.Night, []byte(answer), false)
		if err != nil {
			t.Fatal(err)
		}
		state := exporter.NewState("test", time.UTC)
		state.Apply(h.batch)
		is := ""
		for _, s := range state.Snapshot(noon).Samples {
			if s.Metric.Name == "sleep_state" && s.Value.Sign() > 0 {
				is += s.Labels.Values()[0]
			}
		}
		if want := "{state=" + strconv.Quote(is) + "}"; !strings.Contains(f.why, want) {
			t.Errorf("state %s is shown as %q, want %s", f.key, is, f.why)
		}
	}
}

// TestServicesDependOnTypesOfDevicesThatThereAre wants the types that the rows of the
// services name to be in the reference.
func TestServicesDependOnTypesOfDevicesThatThereAre(t *testing.T) {
	known := strings.Split(placeOf(t, "6.4", "type").fields[0].key, ", ")
	for _, service := range exporter.Services() {
		for _, kind := range service.Row().Devices {
			if !slices.Contains(known, kind) {
				t.Errorf("%s depends on devices of type %q, which is not in the reference", service, kind)
			}
		}
	}
}

// TestEveryCategoryAnnouncesWhatTheReferenceSays compares it with the rows of the
// services.
func TestEveryCategoryAnnouncesWhatTheReferenceSays(t *testing.T) {
	want := map[string][]string{}
	for _, service := range exporter.Services() {
		for _, category := range service.Row().Announced {
			key := strconv.Itoa(category)
			want[key] = append(want[key], string(service))
		}
	}
	for _, f := range placeOf(t, "7.2", "category").fields {
		says := "news of " + strings.Join(want[f.key], ", ")
		switch {
		case exporter.ByOrigin(exporter.Presence, f.key) != nil:
			says = "news of " + string(exporter.Presence)
			f.why = says
		case want[f.key] == nil:
			says = f.why
		}
		if f.why != says || strings.HasPrefix(f.why, "news of") != (want[f.key] != nil) {
			t.Errorf("category %s is said to be %s: %s; it announces %v", f.key, f.kind, f.why, want[f.key])
		}
		delete(want, f.key)
	}
	for category, services := range want {
		t.Errorf("category %s announces %v, and is not in testdata/reference", category, services)
	}
}

// others are values that a field is replaced with.
var others = []any{nil, false, "", "x", "Asia/Kathmandu", "2026-07-13", -1, 0, 1, 2, 3, 17, 94, 1060, 1783980000, 1784098900, []any{}, map[string]any{}, []any{map[string]any{}}}

// TestFieldsMakeTheDifferenceThatTheReferenceSays replaces each field of a row in the
// recorded answers with other values. What is used makes a difference to the records,
// at least if the field is missing that comes before it, and what is left out makes none.
func TestFieldsMakeTheDifferenceThatTheReferenceSays(t *testing.T) {
	for _, p := range documented(t) {
		if p.answers == "" {
			continue
		}
		for _, f := range p.fields {
			where := fmt.Sprintf("%s %s: %s", p.section, p.name, f.key)
			recorded, matters := false, false
			for _, r := range recordings(t) {
				if r.service != p.answers || matters && f.kind != isLeft {
					continue
				}
				path := append(slices.Clone(p.path), strings.Split(f.key, ".")...)
				for _, answer := range withoutFirst(t, r.answer, p.path, f.why) {
					is := outcome(t, r.service, answer)
					for _, other := range others {
						changed, found := edit(t, answer, path, func(row map[string]any, key string) { row[key] = other })
						if recorded = recorded || found; !found {
							break
						}
						if outcome(t, r.service, changed) == is {
							continue
						}
						if matters = true; f.kind != isLeft {
							break
						}
						t.Errorf("%s is said to be left out, and %v instead of it changes %s", where, other, r.path)
					}
				}
			}
			if recorded && !matters && f.kind != isLeft {
				t.Errorf("%s makes no difference, and is said to be used: %s", where, f.why)
			}
			if !recorded && f.kind != isLeft {
				t.Errorf("%s is in no recorded answer", where)
			}
		}
	}
}

// outcome is all that is read of an answer. The time zone of the answer is that of
// the person in measures only.
func outcome(t *testing.T, service exporter.Service, answer []byte) string {
	t.Helper()
	h, err := hear(service, answer, false)
	if err != nil {
		t.Fatal(err)
	}
	if service != exporter.Measure {
		h.batch.Timezone = ""
	}
	return fmt.Sprintf("%s\n%v %+v", h, h.decoder.server, h.batch)
}

var ifMissing = regexp.MustCompile("if `(\\w+)` is missing")

// withoutFirst are an answer as it is and, if another field of the row or of the answer
// comes first, without that.
func withoutFirst(t *testing.T, answer []byte, path []string, why string) [][]byte {
	t.Helper()
	all := [][]byte{answer}
	if m := ifMissing.FindStringSubmatch(why); m != nil {
		path = append(slices.Clone(path), m[1])
	} else if strings.Contains(why, "if that of the answer is missing") {
		path = []string{"timezone"}
	} else {
		return all
	}
	without, _ := edit(t, answer, path, func(row map[string]any, key string) { delete(row, key) })
	return append(all, without)
}

// edit is an answer in which a field of the body is changed, wherever lists lead to it;
// found tells whether there was one.
func edit(t *testing.T, answer []byte, path []string, change func(row map[string]any, key string)) (text []byte, found bool) {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatal(err)
	}
	found = visit(all["body"], path, change)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text, found
}

func visit(at any, path []string, change func(row map[string]any, key string)) (found bool) {
	switch at := at.(type) {
	case []any:
		for _, element := range at {
			found = visit(element, path, change) || found
		}
	case map[string]any:
		inner, there := at[path[0]]
		switch {
		case path[0] == "*":
			for _, element := range at {
				found = visit(element, path[1:], change) || found
			}
		case !there:
		case len(path) == 1:
			change(at, path[0])
			return true
		default:
			return visit(inner, path[1:], change)
		}
	}
	return found
}
