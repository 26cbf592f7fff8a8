package grafana

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the archive
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

//go:embed boards.json.gz
var packed []byte

// archive is what boards.json.gz holds.
type archive struct {
	// Boards are the boards with the defaults: data source, name, board.
	Boards map[string]map[string]any `json:"boards"`
	// Choices are the differences: part, value, data source, board. What depends on two
	// parts at once has a difference of its own, on top of theirs.
	Choices map[string]map[string]map[string]map[string][]difference `json:"choices"`
}

// difference is a place in a board, and what is there instead.
type difference struct {
	At []any `json:"at"` // keys and indices from the top
	Is any   `json:"is"`
}

// Board is one board as Grafana reads it.
type Board struct {
	Source string // data source: prometheus or influxdb
	Name   string // overview, body …
	JSON   map[string]any
}

// UID is how Grafana knows the board; it is the same in every version.
func (b Board) UID() string { return text(b.JSON["uid"]) }

// Title is the board's heading.
func (b Board) Title() string { return text(b.JSON["title"]) }

func text(v any) string {
	s, _ := v.(string)
	return s
}

// opensAt makes a data source the one that the board shows at first.
func (b Board) opensAt(s source) {
	for _, v := range b.variables() {
		if v["type"] == "datasource" {
			v["current"] = map[string]any{"selected": true, "text": s.Name, "value": s.UID}
		}
	}
}

// exporterVariable is the choice above a board that says where the exporter is.
const exporterVariable = "exporter_url"

// leadsTo makes an address the one at which the board looks for the exporter at first.
func (b Board) leadsTo(exporter string) {
	for _, v := range b.variables() {
		if v["name"] == exporterVariable {
			v["query"] = exporter
			v["current"] = map[string]any{"selected": true, "text": exporter, "value": exporter}
			v["options"] = []any{v["current"]}
		}
	}
}

// exporter is the address at which the board looks for the exporter at first; "" if it has no links there.
func (b Board) exporter() string {
	for _, v := range b.variables() {
		if v["name"] == exporterVariable {
			return text(v["query"])
		}
	}
	return ""
}

// variables are the choices above the board.
func (b Board) variables() []map[string]any {
	templating, _ := b.JSON["templating"].(map[string]any)
	list, _ := templating["list"].([]any)
	var all []map[string]any
	for _, one := range list {
		if v, ok := one.(map[string]any); ok {
			all = append(all, v)
		}
	}
	return all
}

// Encode writes the board as people read it.
func (b Board) Encode() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(b.JSON); err != nil {
		return nil, fmt.Errorf("write dashboard %s for %s: %w", b.Name, b.Source, err)
	}
	return out.Bytes(), nil
}

// Boards are the boards that the options ask for, by data source and name.
func Boards(o Options) ([]Board, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	all, err := unpack()
	if err != nil {
		return nil, err
	}
	var boards []Board
	for _, source := range o.sources() {
		for _, name := range slices.Sorted(maps.Keys(all.Boards[source])) {
			page, _ := all.Boards[source][name].(map[string]any)
			for _, chosen := range withPairs([][2]string{{"units", o.Units}, {"scheme", o.Scheme}, {"weekstart", o.WeekStart}}) {
				for _, d := range all.Choices[chosen[0]][chosen[1]][source][name] {
					if err := d.apply(page); err != nil {
						return nil, fmt.Errorf("dashboard %s for %s with %s %s: %w", name, source, chosen[0], chosen[1], err)
					}
				}
			}
			b := Board{Source: source, Name: name, JSON: page}
			if o.Exporter != "" {
				b.leadsTo(strings.TrimSuffix(o.Exporter, "/"))
			}
			boards = append(boards, b)
		}
	}
	return boards, nil
}

// withPairs are choices, and each two of them as one: both parts and both values.
func withPairs(choices [][2]string) [][2]string {
	all := slices.Clone(choices)
	for i, a := range choices {
		for _, b := range choices[i+1:] {
			all = append(all, [2]string{a[0] + " " + b[0], a[1] + " " + b[1]})
		}
	}
	return all
}

// unpack reads the archive again: what comes out may be changed.
func unpack() (archive, error) {
	var a archive
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return a, fmt.Errorf("unpack the dashboards: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return a, fmt.Errorf("unpack the dashboards: %w", err)
	}
	if err := json.Unmarshal(plain, &a); err != nil {
		return a, fmt.Errorf("unpack the dashboards: %w", err)
	}
	return a, nil
}

// apply puts the difference into a board.
func (d difference) apply(page map[string]any) error {
	var at any = page
	for i, step := range d.At {
		last := i == len(d.At)-1
		switch in := at.(type) {
		case map[string]any:
			key := text(step)
			if _, ok := in[key]; !ok {
				return fmt.Errorf("no place %v", d.At)
			}
			if last {
				in[key] = d.Is
			}
			at = in[key]
		case []any:
			index, ok := step.(float64)
			if !ok || int(index) >= len(in) {
				return fmt.Errorf("no place %v", d.At)
			}
			if last {
				in[int(index)] = d.Is
			}
			at = in[int(index)]
		default:
			return fmt.Errorf("no place %v", d.At)
		}
	}
	return nil
}
