package grafana

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testserver"
)

// managedRule is a rule that Grafana evaluates itself.
type managedRule struct {
	UID, Title, Condition string
	Annotations           map[string]string
	Data                  []struct {
		RefID         string `yaml:"refId"`
		DatasourceUID string `yaml:"datasourceUid"`
		Model         struct{ Query, Type, Expression, Reducer string }
	}
}

func managedRules(t *testing.T) (all []managedRule) {
	t.Helper()
	for _, name := range alertFiles[InfluxDB] {
		var file struct {
			Groups []struct{ Rules []managedRule }
		}
		read(t, name, &file)
		all = append(all, file.Groups[0].Rules...)
	}
	return all
}

// lately are points of a few people, by when they were measured.
type lately struct{ strings.Builder }

func (p *lately) add(measurement, tags, field string, value float64, ago time.Duration) {
	fmt.Fprintf(p, "%s,%s %s=%v %d\n", measurement, strings.ReplaceAll(tags, " ", `\ `), field, value, time.Now().Add(-ago).Unix())
}

func (p *lately) device(profile, kind, model string, agos ...time.Duration) {
	for _, ago := range agos {
		p.add("withings_device", fmt.Sprintf("profile=%s,device=%s,type=%s,model=%s,model_id=1,timezone=UTC", profile, profile+model, kind, model), "info", 1, ago)
	}
}

// daily is every day from some days ago until some days ago.
func daily(first, last int) (all []time.Duration) {
	for d := first; d >= last; d-- {
		all = append(all, time.Duration(d)*24*time.Hour+time.Hour)
	}
	return all
}

const aDay = 24 * time.Hour

// TestAlertsOfGrafanaFireOnReadings asks a real InfluxDB what the rules ask.
func TestAlertsOfGrafanaFireOnReadings(t *testing.T) {
	server := testserver.Influx(t)
	var p lately
	// Anna's watch and everything else is well, but for her health.
	p.device("Anna", "Activity Tracker", "ScanWatch 2", daily(80, 0)...)
	p.device("Anna", "Scale", "Body Scan", daily(80, 0)...)
	for i, ago := range daily(10, 0) {
		p.add("withings_activity", "profile=Anna", "steps", 1000, ago)
		p.add("withings_sleep", "profile=Anna", "end_timestamp_seconds", 1, ago)
		p.add("withings_body", "profile=Anna", "weight_grams", 70000+float64(i)*800, ago)
		p.add("withings_heart", "profile=Anna", "systolic_blood_pressure_mmhg", 120, ago)
		p.add("withings_heart", "profile=Anna", "diastolic_blood_pressure_mmhg", 84+float64((i+1)%2), ago)
	}
	p.add("withings_body", "profile=Anna,position=torso", "weight_grams", 1, 2*aDay)
	p.add("withings_body", "profile=Anna", "body_temperature_celsius", 38, 23*time.Hour)
	p.add("withings_heart", "profile=Anna", "spo2_ratio", 0.91, 2*time.Hour)
	p.add("withings_heart", "profile=Anna", "spo2_ratio", 0.92, time.Hour)
	p.add("withings_heart", "profile=Anna", "ecg_atrial_fibrillation_class", 0, time.Hour)
	p.add("withings_heart", "profile=Anna", "ppg_atrial_fibrillation_class", 11, aDay)
	p.add("withings_device", "profile=Anna,device=AnnaScanWatch,state=low", "battery_state", 1, time.Hour)
	p.add("withings_device", "profile=Ben,device=BenMove,state=low", "battery_state", 1, 4*aDay+time.Hour)
	// Ben's watch is dead, with an empty battery, and he rarely weighs in; he was well.
	p.device("Ben", "Activity Tracker", "Move", daily(80, 4)...)
	p.device("Ben", "Scale", "Body", daily(80, 0)...)
	for _, ago := range daily(80, 5) {
		p.add("withings_activity", "profile=Ben", "steps", 1000, ago)
	}
	p.add("withings_body", "profile=Ben", "weight_grams", 80000, 15*aDay)
	p.add("withings_body", "profile=Ben", "body_temperature_celsius", 39, 25*time.Hour)
	p.add("withings_heart", "profile=Ben", "ecg_atrial_fibrillation_class", 1, 3*aDay)
	p.add("withings_heart", "profile=Ben", "ecg_atrial_fibrillation_class", 9, 2*aDay)
	p.add("withings_heart", "profile=Ben", "spo2_ratio", 0.8, time.Hour)
	p.add("withings_device", "profile=Ben,device=BenBody,state=low", "battery_state", 1, 2*aDay)
	p.add("withings_device", "profile=Ben,device=BenBody,state=low", "battery_state", 0, aDay)
	// Carla's token is lost: nothing of hers arrives any more.
	p.device("Carla", "Activity Tracker", "Move", daily(80, 5)...)
	p.device("Carla", "Sleep Monitor", "Mat", daily(80, 5)...)
	for _, ago := range daily(80, 5) {
		p.add("withings_activity", "profile=Carla", "steps", 1000, ago)
		p.add("withings_sleep", "profile=Carla", "end_timestamp_seconds", 1, ago)
	}
	// Dora only has a scale and a monitor, and has not used them; Eva has left.
	p.device("Dora", "Scale", "Body", 40*aDay, 15*aDay)
	p.device("Dora", "Blood Pressure Monitor", "BPM", 15*aDay)
	p.device("Eva", "Sleep Monitor", "Mat", daily(200, 100)...)
	p.device("Frank", "Sleep Monitor", "Mat", daily(20, 5)...)
	// Gina's devices are in contact, whatever they are, but she is not measured.
	p.device("Gina", "Gateway", "Hub", daily(80, 0)...)
	p.add("withings_heart", "profile=Gina", "systolic_blood_pressure_mmhg", 110, 20*aDay)
	p.add("withings_sleep", "profile=Gina", "end_timestamp_seconds", 1, 5*aDay)
	p.add("withings_activity", "profile=Gina", "steps", 1, 5*aDay)
	post(t, server.URL+"/api/v2/write?"+url.Values{"org": {server.Org}, "bucket": {server.Bucket}, "precision": {"s"}}.Encode(), server.Token, p.String())

	want := map[string][]string{
		"WithingsNothingArrives":     {"Carla"},
		"WithingsWatchSilent":        {"Ben Move"},
		"WithingsMatSilent":          {"Frank Mat"},
		"WithingsScaleSilent":        {"Dora Body"},
		"WithingsMonitorSilent":      {"Dora BPM"},
		"WithingsBatteryLow":         {"Anna"},
		"WithingsNoWeight":           {"Ben"},
		"WithingsNoBloodPressure":    {"Gina"},
		"WithingsNoActivity":         {"Gina"},
		"WithingsNoSleep":            {"Gina"},
		"WithingsFastWeightGain":     {"Anna"},
		"WithingsHighBloodPressure":  {"Anna"},
		"WithingsAtrialFibrillation": {"Anna"},
		"WithingsLowOxygen":          {"Anna"},
		"WithingsFever":              {"Anna"},
	}
	for _, r := range managedRules(t) {
		if got := r.fires(t, server); !slices.Equal(got, want[r.Title]) {
			t.Errorf("%s fires for %q, want %q", r.Title, got, want[r.Title])
		}
		delete(want, r.Title)
	}
	if len(want) > 0 {
		t.Errorf("there are no rules %q", keys(want))
	}
}

// fires evaluates the rule as Grafana does and tells for whom it fires.
func (r managedRule) fires(t *testing.T, server *testserver.InfluxServer) (who []string) {
	t.Helper()
	answers := map[string][]tagged{}
	condition := ""
	for _, d := range r.Data {
		switch {
		case d.Model.Query != "":
			answers[d.RefID] = lastValues(t, server, d.Model.Query)
		case d.Model.Type == "reduce":
			answers[d.RefID] = answers[d.Model.Expression]
		case d.RefID == r.Condition:
			condition = d.Model.Expression
		}
	}
	e, err := parser.ParseExpr(strings.ReplaceAll(condition, "$", ""))
	if err != nil {
		t.Fatalf("%s: %v", r.Title, err)
	}
	for _, one := range answers["A"] {
		if value, ok := evaluate(t, e, one.tags, answers); ok && value != 0 {
			who = append(who, strings.TrimSpace(one.tags["profile"]+" "+one.tags["model"]))
		}
	}
	slices.Sort(who)
	return who
}

// tagged is a number of a series.
type tagged struct {
	tags  map[string]string
	value float64
}

// evaluate computes a condition for one series; not without all that it names.
func evaluate(t *testing.T, e ast.Expr, tags map[string]string, answers map[string][]tagged) (float64, bool) {
	t.Helper()
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		value, err := strconv.ParseFloat(e.Value, 64)
		return value, err == nil
	case *ast.Ident:
		for _, one := range answers[e.Name] {
			if one.tags["profile"] == tags["profile"] && (len(one.tags) < len(tags) || one.tags["device"] == tags["device"]) {
				return one.value, true
			}
		}
		return 0, false
	case *ast.ParenExpr:
		return evaluate(t, e.X, tags, answers)
	case *ast.UnaryExpr:
		value, ok := evaluate(t, e.X, tags, answers)
		return truth(value == 0), ok && e.Op == token.NOT
	case *ast.CallExpr:
		value, ok := evaluate(t, e.Args[0], tags, answers)
		return math.Round(value), ok && e.Fun.(*ast.Ident).Name == "round"
	case *ast.BinaryExpr:
		a, known := evaluate(t, e.X, tags, answers)
		b, ok := evaluate(t, e.Y, tags, answers)
		ok = ok && known
		switch e.Op {
		case token.EQL:
			return truth(a == b), ok
		case token.LSS:
			return truth(a < b), ok
		case token.LEQ:
			return truth(a <= b), ok
		case token.GTR:
			return truth(a > b), ok
		case token.GEQ:
			return truth(a >= b), ok
		case token.LAND:
			return truth(a != 0 && b != 0), ok
		case token.LOR:
			return truth(a != 0 || b != 0), ok
		case token.QUO:
			return a / b, ok
		}
	}
	t.Fatalf("what is %T?", e)
	return 0, false
}

// lastValues is the last number of each series of an answer.
func lastValues(t *testing.T, server *testserver.InfluxServer, query string) (all []tagged) {
	t.Helper()
	var answer struct {
		Results []struct {
			Error  string
			Series []struct {
				Tags   map[string]string
				Values [][]any
			}
		}
	}
	text := post(t, server.URL+"/query?"+url.Values{"db": {server.Database}, "q": {query}}.Encode(), server.Token, "")
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Results) != 1 || answer.Results[0].Error != "" {
		t.Fatalf("%v: %s\n%s", err, text, query)
	}
	for _, s := range answer.Results[0].Series {
		row := s.Values[len(s.Values)-1]
		if value, ok := row[1].(float64); ok {
			all = append(all, tagged{s.Tags, value})
		}
	}
	return all
}

// post sends a request to InfluxDB.
func post(t *testing.T, address, token, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Token "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("%v, %s: %s", err, answer.Status, text)
	}
	return string(text)
}
