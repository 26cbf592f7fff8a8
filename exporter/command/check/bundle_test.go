package check

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check/bundle"
)

// Markers stand in every place where something secret or personal can be.
const (
	markSecret  = "S3cr3tOfTheApplication"
	markClient  = "C1ientIdOfTheApplication"
	markAccess  = "acc3ss-T0ken+of/anna=="
	markRefresh = "r3fresh_T0ken\"of\\anna"
	markName    = "Änna Maria Müllerin"
	markOther   = "Zbigniew-from-the-folder"
	markUser    = "31415926"
	markDevice  = "d3v1ce0123456789abcdef0123456789abcdef01"
	markModel   = "device-id-short-77"
	markFirst   = "Annamirlfirstname"
	markEmail   = "anna.private@mail.example"
	markInflux  = "influx-us3r:influx-passw0rd"
	markWebUser = "webuser-alice"
	markWebHash = "$2a$04$pY355xVm8fTX1qy3gfymZen.NeCt4gov2mAQlAApA5tNhoifB14Sq"
	markCode    = "authorisation-c0de-17"
	markWeight  = "72345"
	markPass    = "url-passw0rd"
	markPath    = "n0tify_pAth-0fAnna_n0tify_pAth-0fAnna_abcde"
)

var markers = []string{markSecret, markClient, markAccess, markRefresh, markName, "Müllerin", markOther, markUser, markDevice,
	markModel, markFirst, markEmail, markInflux, "influx-passw0rd", "influx-us3r", markWebUser, markWebHash, markCode, markWeight, markPass, markPath}

// disguises are the ways in which a marker could hide.
func disguises(marker string) map[string]string {
	encoded, _ := json.Marshal(marker)
	var all strings.Builder
	for i := range len(marker) {
		all.WriteString("%" + hex.EncodeToString([]byte{marker[i]}))
	}
	var file strings.Builder // as statedir names files
	for i := range len(marker) {
		switch c := marker[i]; {
		case c >= 'A' && c <= 'Z':
			file.WriteString("+" + string(c-'A'+'a'))
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			file.WriteByte(c)
		default:
			file.WriteString("%" + hex.EncodeToString([]byte{c}))
		}
	}
	return map[string]string{
		"plain": marker, "query": url.QueryEscape(marker), "path": url.PathEscape(marker), "percent": all.String(),
		"json": string(encoded[1 : len(encoded)-1]), "quoted": strings.Trim(strconv.QuoteToASCII(marker), `"`),
		"base64": base64.RawStdEncoding.EncodeToString([]byte(marker)), "hex": hex.EncodeToString([]byte(marker)), "file": file.String(),
	}
}

// unpacked is every text of a bundle, names of parts included.
func unpacked(t *testing.T, path string) map[string]string {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := map[string]string{"comment": r.Comment}
	for _, f := range r.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(part)
		if err := errors.Join(err, part.Close()); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(data)
	}
	return all
}

func wantNoMarkers(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		for _, marker := range markers {
			for how, form := range disguises(marker) {
				if at := strings.Index(strings.ToLower(text), strings.ToLower(form)); at >= 0 {
					t.Errorf("%s has %q (%s): …%s…", name, marker, how, text[max(0, at-60):min(len(text), at+80)])
				}
			}
		}
	}
}

// markedWorld is a folder, a configuration and a Withings full of markers.
func markedWorld(t *testing.T, mistake string) (command.Settings, Flags) {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	quote := func(s string) string { q, _ := json.Marshal(s); return string(q) }
	token := `{"version":1,"profile":` + quote(markName) + `,"client_id":"` + markClient + `","user_id":"` + markUser +
		`","scope":"user.info,user.metrics,` + markFirst + `","access_token":` + quote(markAccess) + `,"refresh_token":` + quote(markRefresh) +
		`,"first_name":"` + markFirst + `","email":"` + markEmail + `","issued":"2026-07-15T08:00:00Z","expiry":"2099-07-15T11:00:00Z"}`
	state := `{"version":1,"profile":` + quote(markName) + `,"user":"` + markUser + `","catalog":"x","timezone":"Europe/Vienna","services":{
		"measure":{"updated":"2026-07-15T08:00:00Z","records":[{"id":"` + markDevice + `","start":"2026-07-15T06:00:00Z","end":"2026-07-15T06:00:00Z",
			"readings":[{"metric":"weight_grams","value":"` + markWeight + `"}]}]},
		"device":{"records":[{"id":"` + markModel + `","start":"2026-07-15T06:00:00Z","end":"2026-07-15T06:00:00Z",
			"readings":[{"metric":"device_info","labels":["` + markDevice + `","` + markFirst + `"],"value":"1"}]}]}}}`
	switch mistake {
	case "damaged":
		token, state = token[:len(token)-40], state[:len(state)/2]
	case "foreign":
		token = strings.Replace(token, `"version":1`, `"version":9`, 1)
	}
	put("state/%c3%84nna%20+maria%20+m%c3%bcllerin.notify.json", `{"version":1,"profile":`+quote(markName)+`,"user":"`+markUser+`","secret":"`+markPath+`"}`)
	put("state/%c3%84nna%20+maria%20+m%c3%bcllerin.token.json", token) // as statedir escapes the name
	put("state/%c3%84nna%20+maria%20+m%c3%bcllerin.state.json", state)
	put("state/+zbigniew-from-the-folder.token.json.damaged-20260101T000000Z", markRefresh)
	put("state/"+markFirst+".txt", markSecret)
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"status":`+map[bool]string{true: "503", false: "0"}[strings.Contains(r.URL.Path, "oauth2")]+
			`,"error":"`+markCode+` `+markEmail+`","body":{"timezone":"Europe/Vienna","nonce":"`+markCode+`","`+markFirst+`":1,
			"devices":[{"deviceid":"`+markDevice+`","model":"Body+","type":"Scale","first":"`+markFirst+`"}],
			"measuregrps":[{"grpid":1,"attrib":1,"category":1,"date":1784000000,"deviceid":"`+markDevice+`",
				"measures":[{"type":1,"value":`+markWeight+`,"unit":-3},{"type":`+markUser+`,"value":1,"unit":0}]}]}}`)
	}))
	t.Cleanup(cloud.Close)
	serve := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "# HELP x "+markFirst+"\nwithings_weight_grams{profile=\""+markOther+"\"} "+markWeight+
			"\nwithings_up{profile=\""+markName+"\"} 1\nwithings_device_info{device=\""+markDevice+"\",model=\""+markFirst+"\"} 1\n"+markFirst+" 7\n")
	}))
	t.Cleanup(serve.Close)
	s := command.Settings{
		StateDir: filepath.Join(dir, "state"), ClientID: markClient, ClientSecret: markSecret, RateLimit: 100_000, PollInterval: time.Minute,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: cloud.URL, AccountURL: cloud.URL, Profiles: []string{markName},
		Influx: command.Influx{URL: strings.Replace(cloud.URL, "http://", "http://someone:"+markPass+"@", 1), Bucket: markFirst, Token: markInflux},
		Log:    slog.New(slog.DiscardHandler), Now: time.Now,
	}
	f := Flags{Bundle: filepath.Join(dir, "b.zip"), values: []bundle.Flag{
		flag("config.file", "flag", put("w.yaml", "client-id: "+markClient+" # "+markFirst+"\nclient_secret: \""+markSecret+"\n"+markFirst+": [x\n\tprofiles:\n - "+markName+"\n")),
		flag("client-id", "file", markClient), flag("client-secret", "environment", markSecret),
		flag("client-secret-file", "flag", put("secret.txt", markSecret+"\n")),
		flag("influx.token-file", "file", put("influx.txt", markInflux+"\n")),
		flag("influx.url", "flag", s.Influx.URL+"?token="+markPass), flag("influx.bucket", "flag", markFirst),
		flag("web.external-url", "flag", "https://u:"+markPass+"@anna.example/x?"+markCode), flag("profiles", "file", []string{markName}),
		flag("web.config.file", "flag", put("web.yml", "basic_auth_users:\n  "+markWebUser+": "+markWebHash+"\n")),
		flag("web.listen-address", "default", []string{strings.TrimPrefix(serve.URL, "http://")}), flag("web.telemetry-path", "default", "/metrics"),
		flag("state.dir", "flag", s.StateDir), flag("unheard.of", "flag", markFirst),
	}}
	return s, f
}

func flag(name, source string, value any) bundle.Flag {
	return bundle.Flag{Name: name, Source: source, Value: value}
}

func TestNoBundleHoldsASecretOrTellsWhoSomebodyIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		world  string
		change func(*command.Settings, *Flags) error
		want   map[string]string // of parts: what a maintainer finds there
	}{
		{"everything is there", "", nil, map[string]string{
			"files.json":         `"weight_grams"`,
			"configuration.json": `"   2  client_secret: \"…"`,
			"withings.json":      `"measuregrps[].attrib": {`,
			"metrics.json":       `"withings_weight_grams"`,
			"check.txt":          "profile 1",
			"program.json":       `"go": "go1.`,
		}},
		{"files are damaged", "damaged", nil, map[string]string{"files.json": "damaged: not JSON from byte", "check.txt": "AUTH"}},
		{"files of a newer version", "foreign", nil, map[string]string{"files.json": `"version": 9`}},
		{"something else answers for Withings", "", func(s *command.Settings, _ *Flags) error {
			s.HTTP = &http.Client{Transport: otherServer{}}
			return nil
		}, map[string]string{"withings.json": "not JSON: a web page", "check.txt": "FAIL"}},
		{"the configuration is wrong", "", func(*command.Settings, *Flags) error {
			return command.Usagef("", "w.yaml:3: unknown key %q", markCode)
		}, map[string]string{"check.txt": `w.yaml:3: unknown key "[text]"`, "withings.json": `"answers": null`}},
		{"there is no state directory", "", func(s *command.Settings, f *Flags) error {
			s.StateDir = filepath.Join(s.StateDir, "nowhere")
			return nil
		}, map[string]string{"files.json": "no such file", "check.txt": "AUTH"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f := markedWorld(t, c.world)
			var broken error
			if c.change != nil {
				broken = c.change(&s, &f)
			}
			var out, talk bytes.Buffer
			result := checkAndBundle(t.Context(), s, broken, f, &command.Program{Out: &out, Err: &talk})
			if broken == nil && result == nil || broken != nil && !errors.Is(result, broken) {
				t.Errorf("the result is %v, want that of the check (%v)", result, broken)
			}
			texts := unpacked(t, f.Bundle)
			wantNoMarkers(t, texts)
			for part, want := range c.want {
				if !strings.Contains(texts[part], want) {
					t.Errorf("%s is\n%s\nwant %q in it", part, texts[part], want)
				}
			}
			if info, err := os.Stat(f.Bundle); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the bundle is %v, %v, want mode 0600", info.Mode(), err)
			}
		})
	}
}

// TestAServeThatWantsAPasswordIsSaidToBeOne, and not to have given its metrics.
func TestAServeThatWantsAPasswordIsSaidToBeOne(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer server.Close()
	g := &gathering{flags: Flags{values: []bundle.Flag{flag("web.listen-address", "flag", server.Listener.Addr().String()), flag("web.telemetry-path", "default", "/metrics")}}}
	if facts, err := g.metrics(t.Context()); facts != nil || err == nil || !strings.Contains(err.Error(), "wants a password, which check does not have") {
		t.Errorf("it says %v, %v", facts, err)
	}
}

// otherServer answers everything with the page of somebody's router.
type otherServer struct{}

func (otherServer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"text/html; charset=" + markFirst}},
		Body: io.NopCloser(strings.NewReader("<html>" + markEmail)), Request: r,
	}, nil
}

func TestABundleReplacesABundleAndNothingElse(t *testing.T) {
	s, f := markedWorld(t, "damaged")
	broken := command.Usagef("", "something")
	for range 2 {
		if err := checkAndBundle(t.Context(), s, broken, f, &command.Program{Out: io.Discard, Err: io.Discard}); err == nil || err.Error() != broken.Error() {
			t.Fatalf("the result is %v, want %v", err, broken)
		}
	}
	if err := os.WriteFile(f.Bundle, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := checkAndBundle(t.Context(), s, nil, f, &command.Program{Out: io.Discard, Err: io.Discard})
	if !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("the error is %v, want one that says the file is left alone", err)
	}
	if got, _ := os.ReadFile(f.Bundle); string(got) != "a letter" {
		t.Errorf("the file is %q now", got)
	}
}
