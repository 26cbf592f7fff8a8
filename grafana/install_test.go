package grafana

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeGrafana keeps folders, data sources and boards as Grafana's API does.
type fakeGrafana struct {
	*httptest.Server
	token     string
	migrating bool // stores boards in a form of its own, as newer ones do
	secretive bool // lists no data sources
	role      int  // status for whoever wants to write, 0 for nobody

	behind http.HandlerFunc // what answers behind a data source; nil: what should

	mu      sync.Mutex
	folders map[string]string // uid to title
	into    map[string]bool   // uids of folders that boards were put into
	sources map[string]map[string]any
	secrets map[string]any // uid and name of a secret of a source to its value
	boards  map[string]map[string]any
	last    map[string]string // message of the newest version
	writes  int
}

func newFakeGrafana(t *testing.T) *fakeGrafana {
	t.Helper()
	g := &fakeGrafana{token: "glsa_secret", folders: map[string]string{}, into: map[string]bool{}, secrets: map[string]any{}, sources: map[string]map[string]any{},
		boards: map[string]map[string]any{}, last: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/folders/{uid}", g.seek(func(uid string) (any, bool) { return map[string]any{}, g.folders[uid] != "" }))
	mux.HandleFunc("GET /api/folders", g.seek(func(string) (any, bool) {
		list := []any{}
		for uid, title := range g.folders {
			list = append(list, map[string]any{"uid": uid, "title": title})
		}
		return list, true
	}))
	mux.HandleFunc("POST /api/folders", g.take(func(in map[string]any) { g.folders[in["uid"].(string)] = in["title"].(string) }))
	mux.HandleFunc("GET /api/datasources", g.seek(func(string) (any, bool) {
		list := []any{}
		for _, s := range g.sources {
			list = append(list, s)
		}
		return list, !g.secretive
	}))
	mux.HandleFunc("GET /api/datasources/uid/{uid}", g.seek(func(uid string) (any, bool) { s, ok := g.sources[uid]; return s, ok }))
	store := g.take(func(in map[string]any) {
		secured := map[string]any{}
		if secrets, ok := in["secureJsonData"].(map[string]any); ok {
			for name, value := range secrets {
				secured[name] = true
				g.secrets[in["uid"].(string)+" "+name] = value
			}
		}
		in["secureJsonFields"] = secured
		delete(in, "secureJsonData")
		g.sources[in["uid"].(string)] = in
	})
	mux.HandleFunc("POST /api/datasources", store)
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", store)
	mux.HandleFunc("GET /api/datasources/proxy/uid/{uid}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		if g.admits(w, r) && g.behind != nil {
			g.behind(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"status":"success","results":[{"statement_id":0}]}`)
	})
	mux.HandleFunc("GET /api/dashboards/uid/{uid}", g.seek(func(uid string) (any, bool) {
		b, ok := g.boards[uid]
		return map[string]any{"dashboard": b}, ok
	}))
	mux.HandleFunc("GET /api/dashboards/uid/{uid}/versions", g.seek(func(uid string) (any, bool) {
		list := []any{map[string]any{"message": g.last[uid]}}
		if g.migrating {
			return map[string]any{"continueToken": "", "versions": list}, true
		}
		return list, true
	}))
	mux.HandleFunc("POST /api/dashboards/db", g.take(func(in map[string]any) {
		b := in["dashboard"].(map[string]any)
		uid := b["uid"].(string)
		b["id"], b["version"] = 7, 3
		if g.migrating {
			b["schemaVersion"], b["preload"] = 42, false
		}
		g.into[fmt.Sprint(in["folderUid"])] = true
		g.boards[uid], g.last[uid] = b, fmt.Sprint(in["message"])
	}))
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	return g
}

func (g *fakeGrafana) admits(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Bearer "+g.token {
		return true
	}
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, `{"message":"Invalid API key"}`)
	return false
}

func (g *fakeGrafana) seek(find func(uid string) (any, bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.admits(w, r) {
			return
		}
		found, ok := find(r.PathValue("uid"))
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(found)
	}
}

func (g *fakeGrafana) take(store func(map[string]any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.admits(w, r) {
			return
		}
		if g.role != 0 {
			w.WriteHeader(g.role)
			return
		}
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		g.writes++
		store(in)
		_, _ = io.WriteString(w, "{}")
	}
}

func (g *fakeGrafana) install(t *testing.T, o Options) []Step {
	t.Helper()
	steps, err := Install(t.Context(), g.Client(), g.URL, g.token+"\n", o)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

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
			if again := done(g.install(t, o)); !strings.Contains(again, "data source unchanged:1") {
				t.Errorf("a second run: %s", again)
			}
			// As an older version made it: without a user, or without the password.
			for _, lacks := range []string{"user", "secureJsonFields"} {
				delete(g.sources["withings-influxdb"], lacks)
				want := "data source unchanged:1"
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
	if got, want := done(g.install(t, o)), fmt.Sprintf("map[dashboard unchanged:%d dashboard updated:1 data source updated:1 folder unchanged:1]", kinds(t)-1); got != want {
		t.Errorf("%s, want %s", got, want)
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
		{"a token that is none", "wrong", 0, "the token of a service account"},
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
			if err != nil && strings.Contains(err.Error(), c.token) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
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
		"another server":       {http.NotFound, "404 Not Found"},
		"a page to sign in on": {page, "not with the JSON of Grafana"},
		"a redirect to such a page": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				page(w, r)
				return
			}
			http.Redirect(w, r, "/login", http.StatusFound)
		}, "not with the JSON of Grafana"},
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
	if err == nil || !strings.Contains(err.Error(), "cannot reach Grafana: connection refused; check whether the server runs") || strings.Contains(err.Error(), "hunter2") {
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
