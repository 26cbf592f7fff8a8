package exporter

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

const metricsFile = "METRICS.md"

const metricsIntro = `# Metrics

Written from the catalogue by ` + "`go test ./exporter -run TestMetricsDoc -update`" + `; do not edit it by hand.

* **Every reading has the label ` + "`profile`" + `**, the name that the operator gave the person. The tables list the
  other labels.
* **Absent means absent.** What was not measured, or what Withings marks as not available, has no series; it is
  never 0. 0 steps is 0.
* **Units are base units:** masses in grams, lengths in metres, energy in joules (1 kcal is 4184 J), times in seconds,
  timestamps in seconds since 1970, shares as a ratio from 0 to 1. Medical units without a base unit are
  kept (mmHg, beats per minute). Values are exact decimals: 72.345 kg is ` + "`72345`" + `, 26.8 % is ` + "`0.268`" + `.
* **` + "`position`" + `** is the part of the body as Withings names it (` + "`torso`, `left_arm`" + ` …). The whole body has none, so
  ` + "`" + `withings_fat_mass_grams{position=""}` + "`" + ` selects it alone.
* **` + "`day`" + `** is ` + "`today` or `yesterday`" + ` in the person's time zone. At midnight, today becomes yesterday without a poll;
  a day for which Withings has no row is absent.
* **` + "`state`" + `** makes a state set: one series for each state, 1 for the current one and 0 for the others.
* **` + "`model`" + `** is the device that took a sample of a minute or so. Two devices count the same minute, and each has its series.
  What Withings calls "Aura Sensor V2" there is a Sleep Analyzer, as in the list of devices.
* **Sleep is one session** of the newest date. Of sessions that overlap or are about as long, one with stages is
  preferred, then the longest. Naps are counted separately; in InfluxDB they are at the midnight of their date.
* **A day is one row:** that of the person's own tracker is preferred to one that another app relayed, then the one changed last.
* **` + "`withings_measured_timestamp_seconds`" + `** says for each series when its value was measured. Its label ` + "`metric`" + `
  is the name without ` + "`withings_`" + `; the other labels are the same. A body weight may be weeks old and still be the latest;
  ` + "`time() - withings_measured_timestamp_seconds{metric=\"weight_grams\"}`" + ` is its age.
* **In InfluxDB**, measurement and field are those of the tables, the tags are the labels, and the time is when the
  reading was taken.

*Origin* is the service that is asked, and the measure type or field in its answer. The services are
`

var groupTitles = []struct {
	group Group
	title string
}{
	{GroupBody, "Body"},
	{GroupHeart, "Heart and vessels"},
	{GroupActivity, "Activity of a day"},
	{GroupSleep, "Sleep"},
	{GroupWorkout, "Latest workout"},
	{GroupDevice, "Devices"},
}

// TestMetricsDocIsWhatTheCatalogueSays keeps the documentation from lagging
// behind the table.
func TestMetricsDocIsWhatTheCatalogueSays(t *testing.T) {
	want := metricsDoc()
	if *testrun.Update {
		if err := os.WriteFile(metricsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(metricsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the catalogue says; run: go test ./exporter -run TestMetricsDoc -update", metricsFile)
	}
}

func TestMetricsDocHasEveryMetricOnce(t *testing.T) {
	doc := string(metricsDoc())
	for _, m := range Catalog() {
		if n := strings.Count(doc, "| `"+withLabels(m.FullName(), m.Labels)+"` |"); n != 1 {
			t.Errorf("%s is there %d times", m.Name, n)
		}
	}
	for _, m := range Own() {
		if n := strings.Count(doc, "| `"+withLabels(Prefix+m.Name, m.Labels)+"` |"); n != 1 {
			t.Errorf("%s is there %d times", m.Name, n)
		}
	}
}

func metricsDoc() []byte {
	var doc bytes.Buffer
	doc.WriteString(metricsIntro)
	for i := range services {
		fmt.Fprintf(&doc, "`%s` (%s)%s", services[i].Name, services[i].Noun, []string{",\n", ".\n"}[i/(len(services)-1)])
	}
	for _, g := range groupTitles {
		fmt.Fprintf(&doc, "\n## %s\n\nInfluxDB measurement `%s%s`.\n\n", g.title, Prefix, g.group)
		doc.WriteString("| Metric | Unit | InfluxDB field | Origin | Meaning |\n|---|---|---|---|---|\n")
		for _, m := range Catalog() {
			if m.Group == g.group {
				field := "`" + m.Field() + "`"
				if m.GaugeOnly {
					field = "–"
				}
				fmt.Fprintf(&doc, "| `%s` | %s | %s | %s `%s` | %s |\n", withLabels(m.FullName(), m.Labels), unitWords(m),
					field, m.Service, m.Key, cell(m.Help))
			}
		}
	}
	doc.WriteString("\n## About the exporter itself\n\nIn addition, there are the usual metrics of Go and of the process.\n\n")
	doc.WriteString("| Metric | Type | Meaning |\n|---|---|---|\n")
	for _, m := range Own() {
		fmt.Fprintf(&doc, "| `%s` | %s | %s |\n", withLabels(Prefix+m.Name, m.Labels), m.kind(), cell(m.Help))
	}
	return doc.Bytes()
}

func withLabels(name string, labels []string) string {
	if len(labels) == 0 {
		return name
	}
	return name + "{" + strings.Join(labels, ",") + "}"
}

func unitWords(m *Metric) string {
	switch m.Unit {
	case Number:
		return "number"
	case Count:
		return "count"
	case Info:
		return "always 1"
	case StateSet:
		return "0 or 1: " + strings.Join(m.States, ", ")
	}
	return strings.ReplaceAll(m.Unit.Ending, "_", " ")
}

// cell keeps a text from ending its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func (m OwnMetric) kind() string {
	if m.Counter {
		return "counter"
	}
	return "gauge"
}
