package boards

// Source is a kind of data source, by Grafana's name.
type Source string

// The data sources there are boards for.
const (
	Prometheus Source = "prometheus"
	InfluxDB   Source = "influxdb" // asked in InfluxQL, which 1.8, 2.x and 3.x understand
)

// Sources lists every kind of data source.
func Sources() []Source { return []Source{Prometheus, InfluxDB} }

// Choice is what people may want differently. The zero value is not one; start
// with Default.
type Choice struct {
	Units     string // metric, imperial or uk
	Scheme    string // classes of blood pressure: esc2024 or accaha, with -office for values at a doctor's
	WeekStart string // monday or sunday
}

const (
	metric   = "metric"
	imperial = "imperial"
	uk       = "uk"

	esc2024 = "esc2024"
	accAHA  = "accaha"

	monday = "monday"
	sunday = "sunday"
)

// Default is metric, ESC 2024 at home, weeks from Monday.
func Default() Choice { return Choice{Units: metric, Scheme: esc2024, WeekStart: monday} }

// Choices are the other values that each part of a Choice may have.
func Choices() map[string][]string {
	return map[string][]string{"units": {imperial, uk}, "scheme": {esc2024 + office, accAHA, accAHA + office}, "weekstart": {sunday}}
}

// With is the choice with one part changed.
func (c Choice) With(part, value string) Choice {
	switch part {
	case "units":
		c.Units = value
	case "scheme":
		c.Scheme = value
	case "weekstart":
		c.WeekStart = value
	}
	return c
}
