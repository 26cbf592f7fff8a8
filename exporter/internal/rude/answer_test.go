package rude

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEveryRowIsGivenAsItStands(t *testing.T) {
	names := map[string]bool{}
	for _, table := range [][]Answer{Writes(), Deletes()} {
		for _, row := range table {
			t.Run(row.Name, func(t *testing.T) {
				if names[row.Name] || row.Means == "" || row.Stored == "" || row.From == "" {
					t.Errorf("the row is %+v, its name taken: %t", row, names[row.Name])
				}
				names[row.Name] = true
				p := Server(t, row.Give)
				a := post(t, p, write, "m,profile=a v=1 1\nm,profile=a v=2 2\n")
				if a.err != nil || a.status != row.Status || a.body != row.Body {
					t.Errorf("answered %d %q, %v", a.status, a.body, a.err)
				}
				for name, value := range row.Header {
					if got := a.header.Get(name); got != value {
						t.Errorf("header %s is %q, want %q", name, got, value)
					}
				}
				if strings.HasPrefix(row.Type, "application/json") && !json.Valid([]byte(a.body)) {
					t.Errorf("%s is no JSON", a.body)
				}
				if got, want := len(p.Points()), map[Stored]int{All: 2, None: 0, Others: 1}[row.Stored]; got != want {
					t.Errorf("%d points are stored, want %d", got, want)
				}
			})
		}
	}
}

// TestARowAboutLinesNamesTheRealLines rejects two lines of three, and then none.
func TestARowAboutLinesNamesTheRealLines(t *testing.T) {
	says := map[string]string{
		"1.8: older than the retention policy":          "dropped=2",
		"1.8: field type conflict":                      `input field \"v\" on measurement \"old\" is type float, already exists as type string dropped=2`,
		"1.8: a line that cannot be parsed":             "unable to parse 'old,profile=a v=2 2'",
		"2.7: older than the retention period":          "oldest point old,profile=a at 1970-01-01T00:00:02Z dropped because",
		"2.0: older than the retention period":          "dropped=2",
		"2.7: field type conflict":                      `measurement \"old\"`,
		"2.7: a line that cannot be parsed":             "unable to parse 'old,profile=a v=2 2'",
		"3 Core: a line that cannot be parsed":          "on line 1",
		"3 Cloud: lines rejected":                       `"line":2,"message":"failed to parse line protocol: errors encountered on line(s):\nerror parsing line 2 (1-based): Invalid measurement was provided\nerror parsing line 3 (1-based)`,
		"2 Cloud: points rejected":                      "partial write error (1 accepted): 2/3 points rejected; first error: at line 2:13",
		"3 Core: the disk is full":                      "No space left",
		"proxy: HTML 400":                               "400 Bad Request",
		"any: written":                                  "",
		"2.7: years into a new bucket":                  "timeout",
		"2.7: no organisation":                          "Please provide",
		"VictoriaMetrics: a line that cannot be parsed": `incorrect influx line "old,profile=a v=2 2\n"`,
		"VictoriaMetrics: older than its retention":     "",
	}
	for name, want := range says {
		t.Run(name, func(t *testing.T) {
			row := Write(name)
			p := Server(t, row.Lines(func(l Line) bool { return l.Measurement == "old" }))
			post(t, p, write, "m,profile=a v=1 1\nold,profile=a v=2 2\nold,profile=a v=3 3\n").want(t, row.Status, want)
			if got, want := len(p.Points()), map[Stored]int{All: 3, None: 0, Others: 1}[row.Stored]; got != want {
				t.Errorf("%d points are stored, want %d", got, want)
			}
			post(t, p, write, "m,profile=a v=1 1\nm,profile=a v=2 2\n").want(t, 204, "")
			if got := len(p.Points()); got < 2 {
				t.Errorf("%d points of a good write are stored, want 2", got)
			}
		})
	}
	for _, row := range Writes() {
		if _, said := says[row.Name]; row.Means == Lines && !said {
			t.Errorf("%s: what it says is not looked at", row.Name)
		}
	}
}

// TestOf2000LinesInfluxDBCloudNames100 is the limit of its answer.
func TestOf2000LinesInfluxDBCloudNames100(t *testing.T) {
	p := Server(t, Write("3 Cloud: lines rejected").Lines(func(Line) bool { return true }))
	a := post(t, p, write, strings.Repeat("m v=1 1\n", 2000))
	if got := strings.Count(a.body, "(1-based)"); got != 100 {
		t.Errorf("%d lines are named, want 100", got)
	}
}

func TestAnUnknownRowPanics(t *testing.T) {
	defer func() {
		said, _ := recover().(string)
		if !strings.Contains(said, `"2.7: nothing"`) || !strings.Contains(said, "2.7: wrong token") {
			t.Errorf("the panic says %q", said)
		}
	}()
	Write("2.7: nothing")
}
