package grafana

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// says is a server that gives one answer.
func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// TestADataSourceThatGivesNothingIsNamed has the answers of a real Grafana before real servers.
func TestADataSourceThatGivesNothingIsNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   string
		behind http.HandlerFunc
		want   Trouble
		said   string
	}{
		{"a Prometheus", Prometheus, nil, NoTrouble, ""},
		{"an InfluxDB", InfluxDB, nil, NoTrouble, ""},
		{"an address that only this program reaches", InfluxDB, says(502, ""), Unreachable, ""},
		{"a token that is none", InfluxDB, says(400, "Authentication to data source failed"), Rejected, ""},
		{"a bucket that is none", InfluxDB, says(200, `{"results":[{"statement_id":0,"error":"database not found: nix"}]}`), NoDatabase, "database not found: nix"},
		{"a server that repeats the token", InfluxDB, says(200, `{"results":[{"error":"not found: t0ken-of-the-database"}]}`), NoDatabase, "not found: "},
		{"a VictoriaMetrics", InfluxDB, says(200, `{"results":[{"series":[{"name":"databases","values":[["_internal"]]}]}]}`), Foreign, "that of VictoriaMetrics"},
		{"something else", Prometheus, says(404, ""), Foreign, "404 Not Found"},
		{"a page", Prometheus, says(200, "<html>"), Foreign, "a page or a text, not data"},
		{"a server of another kind", Prometheus, says(200, `{"results":[]}`), Foreign, "something else"},
		{"an account that may not query", InfluxDB, says(403, ""), NoTrouble, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newFakeGrafana(t)
			g.behind = c.behind
			o := Options{Datasource: c.kind, Prometheus: Server{URL: "http://p"}, InfluxDB: Server{URL: "http://i", Database: "a b", Password: "t0ken-of-the-database"}}
			var got Step
			for _, s := range g.install(t, o) {
				if s.Done == Failing {
					got = s
				}
			}
			if got.Trouble != c.want || !strings.HasPrefix(got.Said, c.said) || strings.Contains(got.Said, "t0ken") || c.want != NoTrouble && got.Name != c.kind {
				t.Errorf("%+v, want %v %q", got, c.want, c.said)
			}
		})
	}
}

// TestAPasswordIsSentEachTime: which one Grafana has, it does not tell, and the server may accept the old one still.
func TestAPasswordIsSentEachTime(t *testing.T) {
	g := newFakeGrafana(t)
	o := Options{Datasource: InfluxDB, InfluxDB: Server{URL: "http://i", Database: "health", Password: "old"}}
	for _, c := range []struct{ password, want string }{{"old", created}, {"old", SentAgain}, {"new", SentAgain}} {
		o.InfluxDB.Password = c.password
		if got := done(g.install(t, o)); strings.Contains(got, Failing) || !strings.Contains(got, "data source "+c.want+":1") {
			t.Errorf("%s: %s, want %s", c.password, got, c.want)
		}
		if got := g.secrets["withings-influxdb password"]; got != c.password {
			t.Errorf("Grafana has %q, want %q", got, c.password)
		}
	}
}

// TestAPasswordThatCannotBeSentIsSaid: the boards are installed, and what is said depends on why.
func TestAPasswordThatCannotBeSentIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		hold func(*fakeGrafana)
		want string
	}{
		"from provisioning files": {func(g *fakeGrafana) { g.provisioned = true }, "write dbName: other there, and restart Grafana"},
		"an account that may not": {func(g *fakeGrafana) { g.editor = true }, "give the service account the role Admin"},
	} {
		g := newFakeGrafana(t)
		o := Options{Datasource: InfluxDB, InfluxDB: Server{URL: "http://i", Database: "health", Password: "t0ken"}}
		g.install(t, o)
		c.hold(g)
		var got Step
		for _, s := range g.install(t, o) {
			if s.What == "data source" {
				got = s
			}
		}
		if got.Done != NotSent || got.Provisioned != g.provisioned {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
		o.InfluxDB.Database = "other"
		if _, err := Install(t.Context(), g.Client(), g.URL, g.token, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: another database: %v, want %q", name, err, c.want)
		}
	}
}

// TestARunWithoutATokenLeavesTheOneOfTheDataSource: Grafana keeps a password that is not sent, and needs its user with it.
func TestARunWithoutATokenLeavesTheOneOfTheDataSource(t *testing.T) {
	g := newFakeGrafana(t)
	o := Options{Datasource: InfluxDB, InfluxDB: Server{URL: "http://i", Database: "health", Password: "t0ken"}}
	g.install(t, o)
	o.InfluxDB.Password = ""
	if got := done(g.install(t, o)); strings.Contains(got, updated) || strings.Contains(got, Failing) {
		t.Errorf("the same without a token: %s", got)
	}
	stored := g.sources["withings-influxdb"]
	stored["isDefault"], stored["basicAuth"], stored["basicAuthUser"] = true, true, "proxy"
	o.InfluxDB.Database = "other"
	if got := done(g.install(t, o)); !strings.Contains(got, "data source "+updated) || strings.Contains(got, Failing) {
		t.Errorf("another database without a token: %s", got)
	}
	stored = g.sources["withings-influxdb"]
	if stored["user"] != anyUser || g.secrets["withings-influxdb password"] != "t0ken" ||
		stored["isDefault"] != true || stored["basicAuth"] != true || stored["basicAuthUser"] != "proxy" {
		t.Errorf("what was set in Grafana has not stayed: %v", stored)
	}
}

// TestADataSourceIsTriedAsPanelsAskIt: a password without a user passes through Grafana's proxy and not from its panels.
func TestADataSourceIsTriedAsPanelsAskIt(t *testing.T) {
	g := newFakeGrafana(t)
	o := Options{Datasource: InfluxDB, InfluxDB: Server{URL: "http://i", Database: "health", Password: "t0ken"}}
	g.install(t, o)
	g.sources["withings-influxdb"]["user"] = ""
	without := o
	without.InfluxDB.Password = ""
	for _, s := range g.install(t, without) {
		if s.Done == Failing && s.Trouble == Rejected {
			if got := done(g.install(t, o)); strings.Contains(got, Failing) {
				t.Errorf("with the token once more: %s", got)
			}
			return
		}
	}
	t.Error("nothing is said of a data source whose panels stay empty")
}
