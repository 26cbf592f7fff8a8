package grafana

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Step is one thing that Install did.
type Step struct {
	What string // folder, data source or dashboard
	Name string
	Done string // created, updated, unchanged, SentAgain, Kept, NotSent, Missing, Failing, LeftOut or Older

	Trouble Trouble // of what is Failing
	Said    string  // what its server answered

	Before string // of what was updated: where it led that is elsewhere, such as "url: http://localhost:9090"

	Provisioned bool // what was NotSent is of a data source from provisioning files, not of an account that may not
}

// String is the step for people: `dashboard "Withings Body": updated`.
func (s Step) String() string {
	text := fmt.Sprintf("%s %q: %s", s.What, s.Name, s.Done)
	if s.Before != "" { // what showed one database, or led to one exporter, now does another
		text += "; it had " + s.Before
	}
	return text
}

const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"

	// SentAgain is said of a data source that is as it should be and has a token or password: which one Grafana has, it does
	// not tell, so that the given one is sent each time.
	SentAgain = "unchanged, its token or password sent again"

	// Kept is said of one that provisioning files lead to where it should.
	Kept = "provisioned from a file, left as it is"

	// NotSent is said of one to which Grafana does not let the token or password be sent again.
	NotSent = "unchanged, its token or password not sent"

	// Missing is said of a kind of data source that the dashboards need and that Grafana does not have: they stay empty.
	Missing = "missing"

	// Failing is said of a kind of data source that Grafana has and from which it gets nothing: the dashboards stay empty.
	Failing = "failing"

	// LeftOut is said of a kind of data source that is not known, so that there are no dashboards for it.
	LeftOut = "left out"

	// Older is said of a kind of data source that was not chosen and of which Grafana has dashboards nevertheless, from an
	// earlier run.
	Older = "older"
)

// Where the boards are in Grafana.
const (
	folderUID   = "withings"
	folderTitle = "Withings"
)

// Install installs boards in the Grafana at an address, and data sources for
// those servers that the options name. The token is a service account's. What
// is there already and the same stays untouched, so that a second run changes
// nothing; only the token or password of a data source, which Grafana does not
// show, is sent again. The steps tell what was done, also when an error ended
// it. An account that may not make data sources installs the boards all the same.
func Install(ctx context.Context, client *http.Client, address, token string, o Options) ([]Step, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	to, err := newAPI(client, address, token)
	if err != nil {
		return nil, err
	}
	to.sent = []string{o.InfluxDB.Password}
	if len(o.dataSources()) > 0 {
		to.role = "Admin" // named at once, not after the account has been made an Editor
	}
	auto := o.Datasource == Auto
	folder, done, err := to.folder(ctx)
	if err != nil {
		return nil, err
	}
	steps := []Step{{What: "folder", Name: folderTitle, Done: done}}
	if auto {
		o = o.Chosen(to.kinds(ctx)...)
	}
	boards, err := Boards(o)
	if err != nil {
		return steps, err
	}
	var made []source // those that Grafana let be made
	var refused error
	var barred []string // kinds whose address is given, so that the error says what is missing
	for _, source := range o.dataSources() {
		step, err := to.dataSource(ctx, &source)
		if other := (*Provisioned)(nil); forbidden(err) || errors.As(err, &other) {
			refused = errors.Join(refused, err)
			barred = append(barred, source.Type)
			continue
		}
		if err != nil {
			return steps, err
		}
		made, steps = append(made, source), append(steps, step)
	}
	fitting, lacking := to.fitting(ctx)
	for _, b := range boards {
		if s, ok := fitting[b.Source]; ok {
			b.opensAt(s)
		}
		step, err := to.board(ctx, b, folder)
		if err != nil {
			return steps, errors.Join(refused, err)
		}
		steps = append(steps, step)
	}
	for _, source := range made {
		if trouble, said := to.probe(ctx, source); trouble != NoTrouble {
			steps = append(steps, Step{What: "data source", Name: source.Type, Done: Failing, Trouble: trouble, Said: said})
		}
	}
	for _, kind := range o.sources() {
		if slices.Contains(lacking, kind) && !slices.Contains(barred, kind) {
			steps = append(steps, Step{What: "data source", Name: kind, Done: Missing})
		}
	}
	for _, kind := range o.Others() {
		switch {
		case to.has(ctx, kind):
			steps = append(steps, Step{What: "dashboards", Name: kind, Done: Older})
		case auto:
			steps = append(steps, Step{What: "dashboards", Name: kind, Done: LeftOut})
		}
	}
	return steps, refused
}

// folder makes sure that there is the folder, and returns its uid: one of the
// same name, from provisioning files say, is taken as it is. An account with the role Editor is
// forbidden to read one that does not exist, and may make it.
func (a *api) folder(ctx context.Context) (uid, result string, err error) {
	const doing = "ask Grafana for the folder of the dashboards"
	var there map[string]any // a page to sign in on is none
	err = a.call(ctx, doing, http.MethodGet, "/api/folders/"+folderUID, nil, &there)
	if !missing(err) && !forbidden(err) {
		return folderUID, unchanged, err
	}
	unread := err
	var all []struct{ UID, Title string }
	if err := a.call(ctx, "list folders", http.MethodGet, "/api/folders?limit=1000", nil, &all); missing(err) { // every Grafana has a list
		return "", "", fmt.Errorf("%s: %w", doing, a.notGrafana("404 Not Found"))
	} else if err != nil && !forbidden(err) {
		return "", "", err
	}
	for _, f := range all {
		if f.Title == folderTitle {
			return f.UID, unchanged, nil
		}
	}
	err = a.call(ctx, "make the folder", http.MethodPost, "/api/folders", map[string]any{"uid": folderUID, "title": folderTitle}, nil)
	if refused := (*Refused)(nil); taken(err) && forbidden(unread) && errors.As(unread, &refused) && a.role == "" {
		refused.Role = "Editor, and the permission Edit of the folder " + folderTitle // there is one, which it may not read
		return "", "", unread
	}
	return folderUID, created, err
}

// board makes sure that a board is there as it should be. One that is the same
// stays in whichever folder somebody moved it to.
func (a *api) board(ctx context.Context, b Board, folder string) (Step, error) {
	var there struct {
		Dashboard map[string]any `json:"dashboard"`
	}
	step := Step{What: "dashboard", Name: b.Title(), Done: updated}
	doing := fmt.Sprintf("install dashboard %q", b.Title())
	mark, err := b.mark()
	if err != nil {
		return step, err
	}
	switch err := a.call(ctx, doing, http.MethodGet, "/api/dashboards/uid/"+b.UID(), nil, &there); {
	case missing(err), forbidden(err): // as to an Editor, of one that does not exist
		step.Done = created
	case err != nil:
		return step, err
	case same(there.Dashboard, b.JSON) || a.marked(ctx, b.UID(), mark):
		step.Done = unchanged
		return step, nil
	}
	if had := (Board{JSON: there.Dashboard}).exporter(); had != "" && had != b.exporter() {
		step.Before = "exporter.url: " + plain(had)
	}
	return step, a.call(ctx, doing, http.MethodPost, "/api/dashboards/db", map[string]any{
		"dashboard": b.JSON, "folderUid": folder, "overwrite": true, "message": mark}, nil)
}

// mark names the contents of a board. It is the message of the version that
// Install saves, since a newer Grafana may convert a board to another form.
func (b Board) mark() (string, error) {
	text, err := json.Marshal(b.JSON)
	if err != nil {
		return "", fmt.Errorf("write dashboard %s: %w", b.Name, err)
	}
	sum := sha256.Sum256(text)
	return "withings-exporter " + hex.EncodeToString(sum[:8]), nil
}

// marked reports whether the newest version of a board is one that Install
// saved, with these contents. A Grafana that does not tell is no reason to stop.
func (a *api) marked(ctx context.Context, uid, mark string) bool {
	var answer json.RawMessage
	if err := a.call(ctx, "read versions", http.MethodGet, "/api/dashboards/uid/"+uid+"/versions?limit=1", nil, &answer); err != nil {
		return false
	}
	type version struct {
		Message string `json:"message"`
	}
	var list []version
	if json.Unmarshal(answer, &list) != nil { // newer ones put the list into an object
		var page struct {
			Versions []version `json:"versions"`
		}
		if json.Unmarshal(answer, &page) != nil {
			return false
		}
		list = page.Versions
	}
	return len(list) > 0 && list[0].Message == mark
}

// same reports whether a stored board is the one to be installed; Grafana gives
// it a number and counts its versions.
func same(stored, wanted map[string]any) bool {
	if len(stored) != len(wanted) {
		return false
	}
	for key, value := range wanted {
		if key != "id" && key != "version" && !reflect.DeepEqual(stored[key], value) {
			return false
		}
	}
	return true
}

// source is a data source as Grafana's API writes it.
type source struct {
	UID            string            `json:"uid"`
	Name           string            `json:"name"`
	Type           string            `json:"type"`
	Access         string            `json:"access"`
	URL            string            `json:"url"`
	User           string            `json:"user,omitempty"`
	JSONData       map[string]any    `json:"jsonData"`
	SecureJSONData map[string]string `json:"secureJsonData,omitempty"`
	Secured        map[string]bool   `json:"secureJsonFields,omitempty"` // told by Grafana: which of these there are
	ReadOnly       bool              `json:"readOnly,omitempty"`         // told by Grafana: it comes from provisioning files

	// What somebody set in Grafana, and no option does.
	IsDefault       bool   `json:"isDefault,omitempty"`
	BasicAuth       bool   `json:"basicAuth,omitempty"`
	BasicAuthUser   string `json:"basicAuthUser,omitempty"`
	WithCredentials bool   `json:"withCredentials,omitempty"`
}

// keep takes over from a stored data source what was not given. A password stays where none is sent, and its user with it:
// for a password without a user Grafana's panels send no credentials.
func (s *source) keep(stored source) {
	if s.User == "" && s.SecureJSONData["password"] == "" {
		s.User = stored.User
	}
	s.IsDefault, s.WithCredentials = stored.IsDefault, stored.WithCredentials
	s.BasicAuth, s.BasicAuthUser = stored.BasicAuth, stored.BasicAuthUser
}

// dataSources are those that the options name a server for.
func (o Options) dataSources() []source {
	var all []source
	for _, kind := range o.sources() {
		switch {
		case kind == Prometheus && o.Prometheus.URL != "":
			all = append(all, source{UID: "withings-prometheus", Name: "Withings Prometheus", Type: Prometheus, Access: "proxy",
				URL: o.Prometheus.URL, JSONData: map[string]any{"httpMethod": "POST", "timeInterval": "1m"}})
		case kind == InfluxDB && o.InfluxDB.URL != "":
			s := source{UID: "withings-influxdb", Name: "Withings InfluxDB", Type: InfluxDB, Access: "proxy",
				URL: o.InfluxDB.URL, User: o.InfluxDB.user(), JSONData: map[string]any{"dbName": o.InfluxDB.Database, "httpMode": "GET"}}
			if o.InfluxDB.Password != "" {
				s.SecureJSONData = map[string]string{"password": o.InfluxDB.Password}
			}
			all = append(all, s)
		}
	}
	return all
}

// kinds are those of the data sources that Grafana has, as far as it tells.
func (a *api) kinds(ctx context.Context) (kinds []string) {
	all, err := a.sources(ctx)
	if err != nil {
		return nil
	}
	for _, s := range all {
		kinds = append(kinds, s.Type)
	}
	return kinds
}

// sources lists the data sources of Grafana.
func (a *api) sources(ctx context.Context) (all []source, err error) {
	return all, a.call(ctx, "list data sources", http.MethodGet, "/api/datasources", nil, &all)
}

// has reports whether Grafana has the overview for a kind of data source: that is among the boards of every version.
func (a *api) has(ctx context.Context, kind string) bool {
	var there map[string]any
	return a.call(ctx, "look for dashboards", http.MethodGet, "/api/dashboards/uid/withings-overview-"+kind, nil, &there) == nil
}

// fitting are the data sources that dashboards open at, by kind, where theirs is not in
// Grafana and there is one of its kind; lacking are the kinds of which Grafana has none. Who may not list them still
// installs dashboards, which then open at the first one of the kind.
func (a *api) fitting(ctx context.Context) (fit map[string]source, lacking []string) {
	all, err := a.sources(ctx)
	if err != nil {
		return nil, nil
	}
	fit = map[string]source{}
	for _, kind := range []string{Prometheus, InfluxDB} {
		of := slices.DeleteFunc(slices.Clone(all), func(s source) bool { return s.Type != kind })
		if len(of) == 1 && of[0].UID != "withings-"+kind {
			fit[kind] = of[0]
		}
		if len(of) == 0 {
			lacking = append(lacking, kind)
		}
	}
	return fit, lacking
}

// dataSource makes sure that a data source is there. Whether a password has changed Grafana does not tell, and the server may
// still accept the old one: a password that is given is sent in any case.
func (a *api) dataSource(ctx context.Context, s *source) (Step, error) {
	step := Step{What: "data source", Name: s.Name}
	doing := fmt.Sprintf("install data source %q", s.Name)
	var there source
	path := "/api/datasources/uid/" + s.UID
	err := a.call(ctx, doing, http.MethodGet, path, nil, &there)
	switch {
	case missing(err):
		step.Done, err = created, a.call(ctx, doing, http.MethodPost, "/api/datasources", s, nil)
		return step, err
	case err != nil:
		return step, err
	}
	s.keep(there)
	if there.ReadOnly {
		return s.readOnly(there)
	}
	step.Done = updated
	step.Before, _ = s.instead(there)
	if s.same(there) {
		step.Done = SentAgain
		if s.SecureJSONData["password"] == "" {
			step.Done = unchanged
			return step, nil
		}
	}
	err = a.call(ctx, doing, http.MethodPut, path, s, nil)
	if step.Done == SentAgain && forbidden(err) {
		step.Done = NotSent
		return step, nil
	}
	return step, err
}

// same reports whether a stored data source is the one to be installed, as far as Grafana tells.
func (s *source) same(stored source) bool {
	if s.SecureJSONData["password"] != "" && !stored.Secured["password"] { // Grafana tells that much
		return false
	}
	return stored.Type == s.Type && strings.TrimSuffix(stored.URL, "/") == strings.TrimSuffix(s.URL, "/") &&
		stored.User == s.User && reflect.DeepEqual(stored.JSONData, s.JSONData)
}
