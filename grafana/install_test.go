package grafana

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func done(steps []Step) string {
	count := map[string]int{}
	for _, s := range steps {
		count[s.What+" "+s.Done]++
	}
	return fmt.Sprint(count)
}

// kinds is how many dashboards there are for each data source.
func kinds(t *testing.T) int {
	t.Helper()
	all, err := Boards(Options{Datasource: Prometheus})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestInstallMakesFolderSourcesAndBoards(t *testing.T) {
	g := newFakeGrafana(t)
	steps := g.install(t, Options{Prometheus: Server{URL: "http://prometheus:9090"},
		InfluxDB: Server{URL: "http://influx:8086", Database: "withings", User: "w", Password: "pw"}})
	if got, want := done(steps), fmt.Sprintf("map[dashboard created:%d data source created:2 folder created:1]", 2*kinds(t)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(g.boards) != 2*kinds(t) || g.folders["withings"] != "Withings" || !g.into["withings"] {
		t.Errorf("%d boards, folders %v", len(g.boards), g.folders)
	}
	if s := g.sources["withings-influxdb"]; s["url"] != "http://influx:8086" || s["user"] != "w" {
		t.Errorf("InfluxDB is %v", s)
	}
}

func TestADataSourceOfInfluxDBAlwaysHasAUserWithItsPassword(t *testing.T) {
	for _, c := range []struct {
		name           string
		server         Server
		user, password any
	}{
		{"a token of InfluxDB 2", Server{Password: "t0ken=="}, "withings", "t0ken=="},
		{"user and password of 1.8", Server{User: "ben", Password: "pw"}, "ben", "pw"},
		{"a user without a password", Server{User: "ben"}, "ben", nil},
		{"a server for everybody", Server{}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newFakeGrafana(t)
			c.server.URL, c.server.Database = "http://influx:8086", "health"
			o := Options{Datasource: InfluxDB, InfluxDB: c.server}
			g.install(t, o)
			if s := g.sources["withings-influxdb"]; s["user"] != c.user || g.secrets["withings-influxdb password"] != c.password {
				t.Errorf("user %v, password %v, want %v and %v", s["user"], g.secrets["withings-influxdb password"], c.user, c.password)
			}
			same := "data source " + unchanged + ":1"
			if c.password != nil {
				same = "data source " + SentAgain + ":1"
			}
			if again := done(g.install(t, o)); !strings.Contains(again, same) {
				t.Errorf("a second run: %s, want %s", again, same)
			}
			// As an older version made it: without a user, or without the password.
			for _, lacks := range []string{"user", "secureJsonFields"} {
				delete(g.sources["withings-influxdb"], lacks)
				want := same
				if lacks == "user" && c.user != nil || lacks == "secureJsonFields" && c.password != nil {
					want = "data source updated:1"
				}
				if again := done(g.install(t, o)); !strings.Contains(again, want) {
					t.Errorf("without %s: %s, want %s", lacks, again, want)
				}
			}
		})
	}
}

func TestInstallLeavesDataSourcesAloneUnlessAServerIsNamed(t *testing.T) {
	g := newFakeGrafana(t)
	g.install(t, Options{})
	if len(g.sources) != 0 {
		t.Errorf("made %v", g.sources)
	}
}

func TestInstallSaysWhichDataSourceGrafanaLacks(t *testing.T) {
	prometheus := map[string]any{"uid": "own", "type": "prometheus"}
	for _, c := range []struct {
		name    string
		sources []map[string]any
		o       Options
		want    string // what is missing, in order
	}{
		{"none at all", nil, Options{}, "prometheus influxdb"},
		{"one of each, made now", nil, Options{Prometheus: Server{URL: "http://p"}, InfluxDB: Server{URL: "http://i", Database: "d"}}, ""},
		{"one that was there", []map[string]any{prometheus}, Options{}, "influxdb"},
		{"of a kind that is not installed", nil, Options{Datasource: InfluxDB}, "influxdb"},
		{"one that was there is enough", []map[string]any{prometheus}, Options{Datasource: Prometheus}, ""},
	} {
		g := newFakeGrafana(t)
		for _, s := range c.sources {
			g.sources[s["uid"].(string)] = s
		}
		for _, run := range []string{"first", "second"} {
			var got []string
			for _, s := range g.install(t, c.o) {
				if s.Done == Missing {
					got = append(got, s.Name)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, %s run: missing %q, want %q", c.name, run, got, c.want)
			}
		}
	}
	g := newFakeGrafana(t)
	g.secretive = true
	if got := done(g.install(t, Options{})); strings.Contains(got, Missing) {
		t.Errorf("a Grafana that does not tell: %s", got)
	}
}

func TestWhatIsKnownIsInstalledAndTheRestIsNamed(t *testing.T) {
	prom, influx := Server{URL: "http://p"}, Server{URL: "http://i", Database: "d"}
	for _, c := range []struct {
		name      string
		there     string // kind of a data source that Grafana has
		secretive bool
		o         Options
		want      string // kinds of dashboards
		rest      string
	}{
		{"nothing", "", false, Options{Datasource: Auto}, "influxdb prometheus", "prometheus missing, influxdb missing"},
		{"the address of InfluxDB", "", false, Options{Datasource: Auto, InfluxDB: influx}, "influxdb", "prometheus left out"},
		{"that of Prometheus", "", false, Options{Datasource: Auto, Prometheus: prom}, "prometheus", "influxdb left out"},
		{"both", "", false, Options{Datasource: Auto, Prometheus: prom, InfluxDB: influx}, "influxdb prometheus", ""},
		{"one that Grafana has", Prometheus, false, Options{Datasource: Auto}, "prometheus", "influxdb left out"},
		{"one that Grafana has, and the address of the other", Prometheus, false, Options{Datasource: Auto, InfluxDB: influx}, "influxdb prometheus", ""},
		{"one of which Grafana tells nothing", Prometheus, true, Options{Datasource: Auto}, "influxdb prometheus", ""},
		{"one address, and the other kind is wanted", "", false, Options{Datasource: Prometheus, InfluxDB: influx}, "prometheus", "prometheus missing"},
	} {
		g := newFakeGrafana(t)
		g.secretive = c.secretive
		if c.there != "" {
			g.sources["own"] = map[string]any{"uid": "own", "type": c.there}
		}
		var rest []string
		for _, s := range g.install(t, c.o) {
			if s.Done == Missing || s.Done == LeftOut || s.Done == Older {
				rest = append(rest, s.Name+" "+s.Done)
			}
		}
		var got []string
		for _, kind := range []string{InfluxDB, Prometheus} {
			if g.boards["withings-body-"+kind] != nil {
				got = append(got, kind)
			}
		}
		if strings.Join(got, " ") != c.want || strings.Join(rest, ", ") != c.rest {
			t.Errorf("%s: installed %q, rest %q; want %q, %q", c.name, got, rest, c.want, c.rest)
		}
	}
}

func TestDashboardsOfAnEarlierRunAreNamed(t *testing.T) {
	g := newFakeGrafana(t)
	g.install(t, Options{})
	for _, datasource := range []string{Prometheus, Auto} {
		steps := g.install(t, Options{Datasource: datasource, Prometheus: Server{URL: "http://p"}})
		if last := steps[len(steps)-1]; last.Done != Older || last.Name != InfluxDB {
			t.Errorf("%s: the last step is %s", datasource, last)
		}
	}
	dir := t.TempDir()
	written(t, dir, Options{})
	if got := Earlier(dir, Options{Datasource: InfluxDB}); !slices.Equal(got, []string{Prometheus}) {
		t.Errorf("the folder has older ones for %q", got)
	}
	if got := Earlier(dir, Options{}); len(got) != 0 {
		t.Errorf("of both, %q are older", got)
	}
}

func TestInstallTakesAFolderOfTheSameName(t *testing.T) {
	g := newFakeGrafana(t)
	g.folders["f1"] = "Withings"
	g.install(t, Options{})
	if len(g.folders) != 1 || !g.into["f1"] || len(g.into) != 1 {
		t.Errorf("folders %v, boards went into %v", g.folders, g.into)
	}
}

func TestInstallingTwiceChangesNothing(t *testing.T) {
	for _, migrating := range []bool{false, true} {
		t.Run(fmt.Sprintf("a Grafana that brings boards into its own form: %v", migrating), func(t *testing.T) {
			g := newFakeGrafana(t)
			g.migrating = migrating
			o := Options{Prometheus: Server{URL: "http://prometheus:9090"}, Datasource: Prometheus}
			g.install(t, o)
			before := g.writes
			steps := g.install(t, o)
			if got, want := done(steps), fmt.Sprintf("map[dashboard unchanged:%d data source unchanged:1 folder unchanged:1]", kinds(t)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if g.writes != before {
				t.Errorf("%d writes", g.writes-before)
			}
		})
	}
}

func TestInstallUpdatesWhatDiffers(t *testing.T) {
	g := newFakeGrafana(t)
	o := Options{Prometheus: Server{URL: "http://prometheus:9090"}, Datasource: Prometheus}
	g.install(t, o)
	g.boards["withings-body-prometheus"]["title"], g.last["withings-body-prometheus"] = "mine", "edited"
	o.Prometheus.URL = "http://elsewhere:9090"
	steps := g.install(t, o)
	if got, want := done(steps), fmt.Sprintf("map[dashboard unchanged:%d dashboard updated:1 data source updated:1 folder unchanged:1]", kinds(t)-1); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if want := `data source "Withings Prometheus": updated; it had url: http://prometheus:9090`; !slices.ContainsFunc(steps, func(s Step) bool { return s.String() == want }) {
		t.Errorf("%v, want %s", steps, want)
	}
	if got := g.boards["withings-body-prometheus"]["title"]; got != "Withings Body" {
		t.Errorf("title is %v", got)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name  string
		token string
		role  int
		want  string
	}{
		{"no token", "", 0, "give --grafana.token-file with the token of a service account"},
		{"a token that is none", "wrong", 0, "write a valid token of a service account of this Grafana into the file of"},
		{"a service account that may only look", "glsa_secret", http.StatusForbidden, "the role Editor"},
		{"a board from provisioning files", "glsa_secret", http.StatusBadRequest, "provisioning files"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newFakeGrafana(t)
			g.role = c.role
			_, err := Install(t.Context(), g.Client(), g.URL, c.token, Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q in it", err, c.want)
			}
			if err != nil && c.token != "" && strings.Contains(err.Error(), c.token) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

// TestAnAccountThatMayNotMakeDataSourcesInstallsTheRest has one with the role Editor: in some versions of Grafana it may not
// even see them.
func TestAnAccountThatMayNotMakeDataSourcesInstallsTheRest(t *testing.T) {
	for _, sees := range []bool{true, false} {
		g := newFakeGrafana(t)
		g.editor, g.secretive = true, !sees
		steps, err := Install(t.Context(), g.Client(), g.URL, g.token, Options{Datasource: Prometheus, Prometheus: Server{URL: "http://p"}})
		if err == nil || !strings.Contains(err.Error(), `install data source "Withings Prometheus"`) || !strings.HasSuffix(err.Error(), "give the service account the role Admin; Grafana takes up to a minute to apply it") {
			t.Errorf("sees them: %t: %v, want the role", sees, err)
		}
		if got, want := done(steps), fmt.Sprintf("dashboard created:%d ", kinds(t)); !strings.Contains(got, want) || strings.Contains(got, Failing) || strings.Contains(got, Missing) {
			t.Errorf("sees them: %t: %s, want %s", sees, got, want)
		}
	}
}

// TestAnEditorInstallsWhatDoesNotExistYet has an account that Grafana forbids to read a folder or a board that is not there.
func TestAnEditorInstallsWhatDoesNotExistYet(t *testing.T) {
	g := newFakeGrafana(t)
	g.editor = true
	for _, want := range []string{"created", "unchanged"} {
		steps := g.install(t, Options{Datasource: Prometheus})
		if got := done(steps); !strings.Contains(got, fmt.Sprintf("dashboard %s:%d", want, kinds(t))) || !strings.Contains(got, "folder "+want) {
			t.Errorf("%s, want all %s", got, want)
		}
	}
	g.shut = true
	_, err := Install(t.Context(), g.Client(), g.URL, g.token, Options{Datasource: Prometheus})
	if err == nil || !strings.HasSuffix(err.Error(), "403 Forbidden; give the service account the role Editor, and the permission Edit of the folder Withings; Grafana takes up to a minute to apply it") {
		t.Errorf("a folder that it may not read: %v", err)
	}
}

func TestAddressesThatAreNoneAreRefused(t *testing.T) {
	for _, address := range []string{"", "localhost:3000", "ftp://grafana", "http://", ":"} {
		if _, err := Install(t.Context(), nil, address, "", Options{}); err == nil || !strings.Contains(err.Error(), "http://localhost:3000") {
			t.Errorf("%q: %v, want an example", address, err)
		}
	}
}

func TestWhatIsNoGrafanaIsCalledThat(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Sign in</html>") }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"another server":           {http.NotFound, "404 Not Found"},
		"a page to sign in on":     {page, "with a web page"},
		"a server of another kind": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[]") }, "in a way that Grafana does not"},
		"a redirect to such a page": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				page(w, r)
				return
			}
			http.Redirect(w, r, "/login", http.StatusFound)
		}, "with a web page"},
	} {
		server := httptest.NewServer(c.answer)
		_, err := Install(t.Context(), server.Client(), strings.Replace(server.URL, "http://", "http://admin:hunter2@", 1)+"/", "", Options{})
		server.Close()
		if err == nil || !strings.Contains(err.Error(), server.URL+" does not look like a Grafana: it answered "+c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnUnreachableGrafanaIsSaidWithoutItsPassword(t *testing.T) {
	g := newFakeGrafana(t)
	address := strings.Replace(g.URL, "http://", "http://admin:hunter2@", 1)
	g.Close()
	_, err := Install(t.Context(), http.DefaultClient, address, "", Options{})
	if err == nil || !strings.Contains(err.Error(), "cannot reach Grafana at "+strings.TrimPrefix(g.URL, "http://")+": connection refused; check whether the server runs") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestAGrafanaThatRepeatsSecretsIsNotQuotedWithThem(t *testing.T) {
	const token, password = "glsa_s3cretOfTheAccount", "hunter2+hunter2"
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, echo := range []string{"Bearer " + token, token, password, url.QueryEscape(password), encode("withings:" + password), encode(token),
		`{\"Authorization\":\"Bearer ` + token + `\"}`} {
		for place, answer := range map[string]http.HandlerFunc{
			"a message": func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprintf(w, `{"message":"refused %s"}`, echo)
			},
			"a success that is none": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, `%q`, echo) },
			"a redirect": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://[::1/"+echo)
				w.WriteHeader(http.StatusFound)
			},
		} {
			server := httptest.NewServer(answer)
			o := Options{Datasource: InfluxDB, InfluxDB: Server{URL: "http://influx:8086", Password: password}}
			_, err := Install(t.Context(), server.Client(), server.URL, token, o)
			server.Close()
			if err == nil {
				t.Fatalf("%s: no error", place)
			}
			for _, trace := range []string{token, "s3cretOf", "hunter2", encode(token)[:8], encode(password)[4:10]} {
				if strings.Contains(err.Error(), trace) {
					t.Errorf("%s with %q: %q is in %v", place, echo, trace, err)
				}
			}
		}
	}
}

func TestPasswordsOfServersAreNeverPrinted(t *testing.T) {
	o := Options{InfluxDB: Server{URL: "http://influx:8086", Password: "hunter2"}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, o); strings.Contains(text, "hunter2") {
			t.Errorf("%s tells the password: %s", format, text)
		}
	}
}

// TestADashboardThatLedToAnotherExporterSaysSo: whoever leaves out the flag that was given once notices.
func TestADashboardThatLedToAnotherExporterSaysSo(t *testing.T) {
	g := newFakeGrafana(t)
	for _, run := range []struct{ exporter, want string }{
		{"https://home.example/withings", "created"},
		{"https://home.example/withings/", "unchanged"},
		{"http://localhost:10054", "updated; it had exporter.url: https://home.example/withings"},
		{"", "unchanged"},
		{"http://anna:hush@nas:10054", "updated; it had exporter.url: http://localhost:10054"},
		{"http://localhost:10054", "updated; it had exporter.url: http://anna:xxxxx@nas:10054"},
	} {
		for _, step := range g.install(t, Options{Datasource: Prometheus, Exporter: run.exporter}) {
			if step.Name == "Withings Heart" && step.String() != `dashboard "Withings Heart": `+run.want {
				t.Errorf("with %s: %s, want %s", run.exporter, step, run.want)
			} else if step.Name != "Withings Heart" && step.Before != "" {
				t.Errorf("with %s: %s", run.exporter, step)
			}
		}
	}
	g.migrating = true
	for _, step := range g.install(t, Options{Datasource: Prometheus, Units: "imperial"}) {
		if step.Before != "" {
			t.Errorf("%s, although its exporter is the same", step)
		}
	}
}
