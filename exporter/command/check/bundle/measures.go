package bundle

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// measureGroup is what may be known of one: whose it may be and what kinds of
// measures it has.
type measureGroup struct {
	Attrib       json.RawMessage `json:"attrib"`
	Category     json.RawMessage `json:"category"`
	Date         int64           `json:"date"`
	Inconclusive json.RawMessage `json:"is_inconclusive"`
	Measures     []struct {
		Type     json.RawMessage `json:"type"`
		Unit     json.RawMessage `json:"unit"`
		Position json.RawMessage `json:"position"`
	} `json:"measures"`
}

// measures counts groups by attribution and measures by type, with the newest
// moment of each.
func measures(body []byte) []string {
	var all struct {
		Groups []measureGroup `json:"measuregrps"`
	}
	if json.Unmarshal(body, &all) != nil {
		return []string{"measure groups of another shape than expected"}
	}
	groups, types := map[string]*tally{}, map[string]*tally{}
	for _, g := range all.Groups {
		count(groups, fmt.Sprintf("groups with attrib %s, category %s, inconclusive %s",
			small(g.Attrib), small(g.Category), small(g.Inconclusive)), g.Date)
		for _, m := range g.Measures {
			key := fmt.Sprintf("measures of type %s, unit %s", small(m.Type), small(m.Unit))
			if len(m.Position) > 0 {
				key += ", position " + small(m.Position)
			}
			count(types, key, g.Date)
		}
	}
	lines := []string{fmt.Sprintf("%d measure groups", len(all.Groups))}
	return append(append(lines, tallies(groups)...), tallies(types)...)
}

// tally is how many there were, and when the newest was measured.
type tally struct {
	n      int
	newest int64
}

func count(in map[string]*tally, key string, date int64) {
	if in[key] == nil {
		in[key] = &tally{}
	}
	in[key].n++
	in[key].newest = max(in[key].newest, date)
}

func tallies(of map[string]*tally) []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		lines = append(lines, fmt.Sprintf("%s: %d, newest %s", key, of[key].n,
			time.Unix(of[key].newest, 0).UTC().Format(time.RFC3339)))
	}
	return lines
}

var few = regexp.MustCompile(`^-?[0-9]{1,4}$`)

// small shows a whole number of few digits, such as a type or an attribution;
// of anything else only that it is none.
func small(raw json.RawMessage) string {
	text := string(raw)
	switch {
	case text == "":
		return "absent"
	case text == "null", text == "true", text == "false":
		return text
	case few.MatchString(text):
		return text
	}
	return "[something else]"
}
