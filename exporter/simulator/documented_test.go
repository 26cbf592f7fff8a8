package simulator

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// documentedField is a line of the list of what Withings documents, with which the exporter is compared, too.
type documentedField struct {
	key   string
	seen  bool   // only known from answers
	about string // why the exporter uses it or leaves it out; "" for most
}

// documentedUnder lists the fields under a heading.
func documentedUnder(heading string) (all []documentedField) {
	files, err := filepath.Glob("../withings/testdata/reference/*.txt")
	if err != nil {
		panic(err)
	}
	var text strings.Builder
	for _, file := range files {
		part, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		text.Write(part)
	}
	here := false
	for line := range strings.Lines(text.String()) {
		if strings.HasPrefix(line, "#") {
			here = strings.HasPrefix(line, "# "+heading+" ") || strings.HasPrefix(line, "# "+heading+":")
			continue
		}
		if parts := strings.SplitN(line, " | ", 3); here && len(parts) > 1 {
			all = append(all, documentedField{key: strings.TrimSuffix(parts[0], "?"), seen: strings.HasSuffix(parts[0], "?"), about: strings.Join(parts[2:], "")})
		}
	}
	if all == nil {
		panic("nothing is documented under " + heading)
	}
	return all
}

// documentedIn are the keys under a heading: those that Withings documents, and those that are only known from answers.
// A value that the list explains instead of naming a field is in neither.
func documentedIn(heading string) (documented, seen []string) {
	for _, f := range documentedUnder(heading) {
		switch {
		case f.about != "":
		case f.seen:
			seen = append(seen, f.key)
		default:
			documented = append(documented, f.key)
		}
	}
	return documented, seen
}

// TestAnswersHaveTheDocumentedFieldsAndNoOthers compares every kind of answer with the list, in both directions: what is
// documented must occur at somebody, and what occurs must at least have been seen at Withings.
func TestAnswersHaveTheDocumentedFieldsAndNoOthers(t *testing.T) {
	testrun.Unraced(t, "one request comes after the other")
	c, _ := newCloud(t, Options{Years: 2})
	asked := func(heading string) string {
		var keys []string
		for _, f := range documentedUnder(heading) {
			if !f.seen {
				keys = append(keys, f.key)
			}
		}
		return strings.Join(keys, ",")
	}
	day := c.Now().Add(-24 * time.Hour)
	for _, test := range []struct {
		name, path string
		ask        params
		in         string // the path in the body
		headings   string
		nested     string // objects of which the parts are listed instead
		never      string // what the simulator never sends, though it is documented
	}{
		{name: "a group", path: "/measure", ask: params{"action": "getmeas", "lastupdate": "0"}, in: "measuregrps", headings: "3.2 group"},
		{name: "a value", path: "/measure", ask: params{"action": "getmeas", "lastupdate": "0"}, in: "measuregrps.measures", headings: "3.2 value"},
		{name: "a day", path: "/v2/measure", ask: params{"action": "getactivity", "lastupdate": "0", "data_fields": asked("4.1 data_fields")}, in: "activities",
			headings: "4.1 row, 4.1 data_fields"},
		{name: "a sample", path: "/v2/measure", ask: params{"action": "getintradayactivity", "startdate": epoch(day), "enddate": epoch(c.Now()),
			"data_fields": asked("4.2 data_fields")}, in: "series.*", headings: "4.2 sample, 4.2 data_fields", never: "stroke pool_lap"}, // nobody swims that day
		{name: "a workout", path: "/v2/measure", ask: params{"action": "getworkouts", "lastupdate": "0", "data_fields": asked("4.3 data_fields")}, in: "series", headings: "4.3 row"},
		{name: "data of a workout", path: "/v2/measure", ask: params{"action": "getworkouts", "lastupdate": "0", "data_fields": asked("4.3 data_fields")}, in: "series.data",
			headings: "4.3 data_fields"},
		{name: "a segment of a night", path: "/v2/sleep", ask: params{"action": "get", "startdate": epoch(day), "enddate": epoch(c.Now()),
			"data_fields": asked("5.1 data_fields")}, in: "series", headings: "5.1 segment, 5.1 data_fields", never: "withings_index"}, // nobody has a Sleep Rx
		{name: "a night", path: "/v2/sleep", ask: params{"action": "getsummary", "lastupdate": "0", "data_fields": asked("5.2 data_fields")}, in: "series", headings: "5.2 row"},
		{name: "data of a night", path: "/v2/sleep", ask: params{"action": "getsummary", "lastupdate": "0", "data_fields": asked("5.2 data_fields")}, in: "series.data",
			headings: "5.2 data_fields"},
		{name: "an ECG", path: "/v2/heart", ask: params{"action": "list"}, in: "series", headings: "6.1 row, 6.1 values", nested: "ecg bloodpressure stetho"},
		{name: "a sound", path: "/v2/stetho", ask: params{"action": "list"}, in: "series", headings: "6.3 row, 6.3 values"},
		{name: "a device", path: "/v2/user", ask: params{"action": "getdevice"}, in: "devices", headings: "6.4 row", never: "mac_address fw network last_used_network sim_status"},
		{name: "goals", path: "/v2/user", ask: params{"action": "getgoals"}, in: "goals", headings: "6.5 goals"},
		{name: "the goal of the weight", path: "/v2/user", ask: params{"action": "getgoals"}, in: "goals.weight", headings: "6.5 weight"},
	} {
		t.Run(test.name, func(t *testing.T) {
			has := map[string]bool{}
			for kind := range Kind(kinds) {
				for offset := 0; ; {
					ask := maps.Clone(test.ask)
					ask["offset"] = epoch(time.Unix(int64(offset), 0))
					answer := visit(c, kind).call(t, test.path, ask)
					if answer.Status != 0 {
						t.Fatalf("status %d, %s", answer.Status, answer.Error)
					}
					var body map[string]any
					answer.into(t, &body)
					collect(has, body, strings.Split(test.in, "."), strings.Fields(test.nested))
					next, _ := body["offset"].(float64)
					if more := body["more"]; more != true && more != 1.0 || int(next) <= offset {
						break
					}
					offset = int(next)
				}
			}
			for heading := range strings.SplitSeq(test.headings, ", ") {
				for _, f := range documentedUnder(heading) {
					never := slices.Contains(strings.Fields(test.never), f.key)
					if !has[f.key] && !f.seen && !never || has[f.key] && never {
						t.Errorf("%s of %s is sent: %v", f.key, heading, has[f.key])
					}
					delete(has, f.key)
				}
			}
			for key := range has {
				t.Errorf("%s is sent, and is not in the list", key)
			}
		})
	}
}

// collect adds the keys of the objects at a path, through lists. Of a nested object it adds the parts.
func collect(keys map[string]bool, at any, path, nested []string) {
	switch at := at.(type) {
	case []any:
		for _, element := range at {
			collect(keys, element, path, nested)
		}
	case map[string]any:
		if len(path) > 0 {
			for key, inner := range at {
				if path[0] == "*" || path[0] == key {
					collect(keys, inner, path[1:], nested)
				}
			}
			return
		}
		for key, inner := range at {
			parts, isObject := inner.(map[string]any)
			if !isObject || !slices.Contains(nested, key) {
				keys[key] = true
				continue
			}
			for part := range parts {
				keys[key+"."+part] = true
			}
		}
	}
}
