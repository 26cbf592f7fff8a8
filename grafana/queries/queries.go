// Package queries lists what the panels of a board ask, so that tests can look
// whether every one of them finds data.
package queries

import (
	"errors"
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

// Of are all queries of a board, for one person and the time up to now that the
// board shows at first.
func Of(name string, board map[string]any, profile string, now time.Time) ([]Query, error) {
	from, err := since(board, now)
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", name, err)
	}
	panels, _ := board["panels"].([]any)
	return Query{Board: name, From: from, To: now}.walk(nil, panels, profile), nil
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

// since is when the time begins that a board shows at first.
func since(board map[string]any, now time.Time) (time.Time, error) {
	shown, _ := board["time"].(map[string]any)
	from := strings.TrimPrefix(text(shown["from"]), "now-")
	if from == "" {
		return now, errors.New("it says no time")
	}
	n, err := strconv.Atoi(from[:len(from)-1])
	if err != nil {
		return now, fmt.Errorf("it shows %q: %w", from, err)
	}
	switch from[len(from)-1] {
	case 'y':
		return now.AddDate(-n, 0, 0), nil
	case 'd':
		return now.AddDate(0, 0, -n), nil
	case 'h':
		return now.Add(-time.Duration(n) * time.Hour), nil
	}
	return now, fmt.Errorf("it shows %q, which is not understood", from)
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

func text(v any) string {
	s, _ := v.(string)
	return s
}
