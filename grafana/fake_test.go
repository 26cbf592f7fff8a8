package grafana

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fakeGrafana keeps folders, data sources and boards as Grafana's API does.
type fakeGrafana struct {
	*httptest.Server
	token       string
	migrating   bool // stores boards in a form of its own, as newer ones do
	secretive   bool // lists no data sources
	editor      bool // the account may do nothing to data sources, and is forbidden to read what does not exist
	provisioned bool // data sources are from provisioning files
	shut        bool // nobody may read the folder
	role        int  // status for whoever wants to write, 0 for nobody

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
	mux.HandleFunc("GET /api/folders/{uid}", g.seek(func(uid string) (any, bool) { return map[string]any{}, g.folders[uid] != "" && !g.shut }))
	mux.HandleFunc("GET /api/folders", g.seek(func(string) (any, bool) {
		list := []any{}
		for uid, title := range g.folders {
			if g.shut {
				continue
			}
			list = append(list, map[string]any{"uid": uid, "title": title})
		}
		return list, !g.editor || len(list) > 0
	}))
	mux.HandleFunc("POST /api/folders", func(w http.ResponseWriter, r *http.Request) {
		if g.shut {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		g.take(func(in map[string]any) { g.folders[in["uid"].(string)] = in["title"].(string) })(w, r)
	})
	mux.HandleFunc("GET /api/datasources", g.seek(func(string) (any, bool) {
		list := []any{}
		for _, s := range g.sources {
			list = append(list, s)
		}
		return list, !g.secretive
	}))
	store := g.take(func(in map[string]any) {
		uid, secured := in["uid"].(string), map[string]any{}
		if secrets, ok := in["secureJsonData"].(map[string]any); ok {
			for name, value := range secrets {
				g.secrets[uid+" "+name] = value
			}
		}
		if g.secrets[uid+" password"] != nil { // one that is not sent again stays
			secured["password"] = true
		}
		in["secureJsonFields"] = secured
		delete(in, "secureJsonData")
		g.sources[uid] = in
	})
	ofAdmins := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if (g.editor || g.provisioned) && (r.Method != http.MethodGet || g.secretive) {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next(w, r)
		}
	}
	mux.HandleFunc("GET /api/datasources/uid/{uid}", ofAdmins(g.seek(func(uid string) (any, bool) {
		s, ok := g.sources[uid]
		if ok {
			s["readOnly"] = g.provisioned
		}
		return s, ok
	})))
	mux.HandleFunc("POST /api/datasources", ofAdmins(store))
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", ofAdmins(store))
	mux.HandleFunc("GET /api/datasources/proxy/uid/{uid}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		if g.admits(w, r) && g.behind != nil {
			g.behind(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"status":"success","results":[{"statement_id":0}]}`)
	})
	mux.HandleFunc("POST /api/ds/query", g.query)
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

// query asks as for a panel: of InfluxDB with a password only where there is a user.
func (g *fakeGrafana) query(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var in struct {
		Queries []struct{ Datasource struct{ UID string } }
	}
	if !g.admits(w, r) {
		return
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Queries) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	uid := in.Queries[0].Datasource.UID
	if user, _ := g.sources[uid]["user"].(string); g.secrets[uid+" password"] != nil && user == "" {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"message":"An error occurred within the plugin"}`)
		return
	}
	_, _ = io.WriteString(w, `{"results":{"A":{"status":200,"frames":[]}}}`)
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
		switch {
		case !ok && g.editor && !strings.HasPrefix(r.URL.Path, "/api/datasources"):
			w.WriteHeader(http.StatusForbidden)
			return
		case !ok:
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
