package boards

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// ask is one query of a panel and how its answer looks.
type ask struct {
	series
	name    string // of the line; "" means that of the person, or of the label that tells lines apart
	shown   string // what people read instead, where it depends on the time shown
	prefix  string // before such a label
	text    string // the query
	once    bool   // one value rather than one for each step
	table   bool   // as columns
	look    look
	color   string
	below   string // fill the space down to the line of this name
	grouped bool   // with commas between the thousands, which a number with a unit has in no other way
	cell    bool   // of a table with a line for each person: named by what it is and whose
}

// paint gives the line a colour.
func (a ask) paint(color string) ask { a.color = color; return a }

// as draws the line in another way.
func (a ask) as(l look) ask { a.look = l; return a }

// now asks for one value.
func (a ask) now() ask { a.once = true; return a }

// columns asks for columns instead of lines.
func (a ask) columns() ask { a.table = true; return a }

// query is the ask as the data source wants it; id tells the queries of a panel
// apart.
func (a ask) query(source Source, id string) variants.Dataquery {
	format := "time_series"
	if a.table {
		format = "table"
	}
	if source == InfluxDB {
		return influxQuery{RefID: id, Query: a.text, RawQuery: true, ResultFormat: format, Alias: a.legend("$tag_%s"), Datasource: chosen(source)}
	}
	legend := a.legend("{{%s}}")
	return prometheus.Dataquery{
		RefId: id, Expr: a.text, LegendFormat: &legend, Datasource: chosen(source),
		Instant: new(a.once), Range: new(!a.once), Format: new(prometheus.PromQueryFormat(format)),
		EditorMode: new(prometheus.QueryEditorModeCode),
	}
}

// legend is the name of the line, label being how a label is written in it.
func (a ask) legend(label string) string {
	if a.cell {
		return fmt.Sprintf(`{"what":%q,"who":"%s"}`, a.name, fmt.Sprintf(label, "profile"))
	}
	if a.name != "" {
		return a.name
	}
	return strings.TrimSpace(a.prefix + " " + fmt.Sprintf(label, cmp.Or(a.by, "profile")))
}

// chosen is the data source of the board's first variable: the boards name none.
func chosen(source Source) *dashboard.DataSourceRef {
	return &dashboard.DataSourceRef{Type: new(string(source)), Uid: new("${datasource}")}
}

// influxQuery is a query of Grafana's InfluxDB data source in InfluxQL, for
// which the Foundation SDK has no type.
type influxQuery struct {
	RefID        string                   `json:"refId"`
	Datasource   *dashboard.DataSourceRef `json:"datasource"`
	Query        string                   `json:"query"`
	RawQuery     bool                     `json:"rawQuery"`
	ResultFormat string                   `json:"resultFormat"`
	Alias        string                   `json:"alias,omitempty"`
}

// ImplementsDataqueryVariant marks the type as a query.
func (influxQuery) ImplementsDataqueryVariant() {}

// DataqueryType names the data source.
func (influxQuery) DataqueryType() string { return string(InfluxDB) }

// Validate finds nothing wrong: tests do.
func (influxQuery) Validate() error { return nil }

// Equals reports whether other asks the same.
func (q influxQuery) Equals(other variants.Dataquery) bool {
	o, ok := other.(influxQuery)
	return ok && q.Query == o.Query && q.RefID == o.RefID && q.ResultFormat == o.ResultFormat && q.Alias == o.Alias
}
