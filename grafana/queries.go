package grafana

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query is one query of a panel, with the variables filled in as Grafana does.
type Query struct {
	Board   string // overview, body …
	Panel   string // title; of one without, the title of that above it, and "below"
	Row     string // heading above it, without the person's name
	RefID   string
	Text    string
	Instant bool          // one value, at To
	Step    time.Duration // between values, else
	Table   bool          // columns are wanted instead of lines
	From    time.Time
	To      time.Time
}

// Queries are all queries of the boards for a data source, for one person and
// the time up to now that a board shows at first. They are for those who want
// to know whether every panel finds data.
func Queries(source, profile string, now time.Time) ([]Query, error) {
	boards, err := Boards(Options{Datasource: source})
	if err != nil {
		return nil, err
	}
	var all []Query
	for _, b := range boards {
		q := Query{Board: b.Name, To: now}
		if q.From, err = b.since(now); err != nil {
			return nil, err
		}
		list, _ := b.JSON["panels"].([]any)
		all = q.walk(all, list, profile)
	}
	return all, nil
}

// walk adds the queries of panels, which stand under the row before them.
func (q Query) walk(all []Query, panels []any, profile string) []Query {
	for i, one := range panels {
		p, _ := one.(map[string]any)
		if p["type"] == "row" {
			q.Row = strings.TrimSuffix(text(p["title"]), " · $profile")
			folded, _ := p["panels"].([]any)
			all = q.walk(all, folded, profile)
			continue
		}
		if q.Panel = text(p["title"]); q.Panel == "" {
			q.Panel = above(panels[:i], p) + ", below"
		}
		q.Step = step(text(p["interval"]), q.To.Sub(q.From))
		targets, _ := p["targets"].([]any)
		for _, one := range targets {
			t, _ := one.(map[string]any)
			q.RefID, q.Text = text(t["refId"]), text(t["expr"])+text(t["query"])
			q.Instant, _ = t["instant"].(bool)
			q.Table = t["resultFormat"] == "table" || t["format"] == "table"
			q.Text = q.filled(profile)
			all = append(all, q)
		}
	}
	return all
}

// above is the title of the panel that the left edge of another stands under.
func above(before []any, below map[string]any) string {
	place := func(p map[string]any) (x, w float64) {
		at, _ := p["gridPos"].(map[string]any)
		x, _ = at["x"].(float64)
		w, _ = at["w"].(float64)
		return x, w
	}
	edge, _ := place(below)
	for _, one := range slices.Backward(before) {
		p, _ := one.(map[string]any)
		if x, w := place(p); text(p["title"]) != "" && x <= edge && edge < x+w {
			return text(p["title"])
		}
	}
	return ""
}

// filled puts values in the place of variables.
func (q Query) filled(profile string) string {
	return strings.NewReplacer(
		"${profile:regex}", regexp.QuoteMeta(profile),
		"$profile", strings.ReplaceAll(regexp.QuoteMeta(profile), `\`, `\\`),
		"$instance", ".*",
		"$timeFilter", fmt.Sprintf("time >= %dms and time <= %dms", q.From.UnixMilli(), q.To.UnixMilli()),
		"$__rate_interval", fmt.Sprintf("%ds", 4*int(max(q.Step, time.Minute)/time.Second)),
		"$__range", fmt.Sprintf("%ds", int(q.To.Sub(q.From)/time.Second)),
		"$__to", strconv.FormatInt(q.To.UnixMilli(), 10),
	).Replace(q.Text)
}

// since is when the time shown at first begins.
func (b Board) since(now time.Time) (time.Time, error) {
	shown, _ := b.JSON["time"].(map[string]any)
	from := strings.TrimPrefix(text(shown["from"]), "now-")
	if from == "" {
		return now, fmt.Errorf("board %s says no time", b.Name)
	}
	n, err := strconv.Atoi(from[:len(from)-1])
	if err != nil {
		return now, fmt.Errorf("board %s shows %q: %w", b.Name, from, err)
	}
	switch from[len(from)-1] {
	case 'y':
		return now.AddDate(-n, 0, 0), nil
	case 'd':
		return now.AddDate(0, 0, -n), nil
	case 'h':
		return now.Add(-time.Duration(n) * time.Hour), nil
	}
	return now, fmt.Errorf("board %s shows %q, which is not understood", b.Name, from)
}

// step is how long a step is: what the panel says, or a thousandth of the time.
func step(interval string, shown time.Duration) time.Duration {
	if days, ok := strings.CutSuffix(interval, "d"); ok {
		n, _ := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour
	}
	least, _ := time.ParseDuration(interval)
	return max(least, shown/1000, time.Second)
}
