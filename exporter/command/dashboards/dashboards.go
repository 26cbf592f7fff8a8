// Package dashboards is the command that writes the Grafana dashboards to a folder,
// or installs them.
package dashboards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/shell"
	"withings-exporter/grafana"
)

// Options say where the dashboards go and how they look.
type Options struct {
	Dir           string `name:"dir" env:"WITHINGS_DIR" placeholder:"DIR" help:"Folder to write dashboards and rules to."`
	GrafanaURL    string `name:"grafana.url" env:"WITHINGS_GRAFANA_URL" placeholder:"URL" help:"Grafana to install them in; with --dir, to link to."`
	TokenFile     string `name:"grafana.token-file" env:"WITHINGS_GRAFANA_TOKEN_FILE" placeholder:"FILE" help:"File that holds a service account token."`
	Units         string `name:"units" env:"WITHINGS_UNITS" default:"metric" enum:"metric,imperial,uk" placeholder:"UNITS" help:"Units: metric, imperial or uk."`
	Scheme        string `name:"blood-pressure" env:"WITHINGS_BLOOD_PRESSURE" default:"esc2024" enum:"esc2024,esc2024-office,accaha,accaha-office" placeholder:"SCHEME" help:"Classes: esc2024, accaha, either with -office."`
	WeekStart     string `name:"week-start" env:"WITHINGS_WEEK_START" default:"monday" enum:"monday,sunday" placeholder:"DAY" help:"First day: monday or sunday."`
	Datasource    string `name:"datasource" env:"WITHINGS_DATASOURCE" default:"auto" enum:"auto,prometheus,influxdb,both" placeholder:"KIND" help:"prometheus, influxdb, both or auto: what is known."`
	ExporterURL   string `name:"exporter.url" env:"WITHINGS_EXPORTER_URL" placeholder:"URL" help:"This exporter, for links to ECGs (default: web.external-url, or where it listens)."`
	PrometheusURL string `name:"prometheus.url" env:"WITHINGS_PROMETHEUS_URL" placeholder:"URL" help:"Prometheus, as Grafana reaches it."`

	influx command.Influx // where the readings are
	unread error          // why the token of InfluxDB could not be read, where the files do without
}

// Command has the flags of dashboards.
type Command struct {
	Options             `embed:""`
	command.FileFlags   `embed:""`
	command.InfluxFlags `embed:"" group:"InfluxDB:"`
}

// Run writes the dashboards to a folder or installs them in Grafana.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings := command.Settings{Log: p.Logger(&command.LogFlags{}), Service: c.Service()}
	if c.Datasource != grafana.Prometheus {
		err := c.InfluxFlags.Apply(&settings)
		if c.Dir != "" && unread(err) { // files have no secret
			c.unread, c.InfluxTokenFile = err, ""
			err = c.InfluxFlags.Apply(&settings)
		}
		if err != nil {
			return err
		}
	}
	if p.Web != nil {
		p.Web(c.ConfigFile).Apply(&settings)
	}
	command.WarnExposed(settings.Log, c.TokenFile, "the token of Grafana")
	if err := placed(c.Dir, c.ConfigFile); err != nil {
		return err
	}
	return install(ctx, c.Options, settings, p.Out)
}

// unread reports whether an error is that of a file which only others may read, such as the service, or which is elsewhere.
func unread(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)
}

// install writes dashboards, rules and provisioning files to a folder, or installs
// the dashboards through Grafana's API, with a data source for the database if one is
// configured, and reports what it did. ECGs link to where a serve with the settings is
// opened, unless the options say otherwise.
func install(ctx context.Context, o Options, s command.Settings, out io.Writer) error {
	if o.Dir == "" && o.GrafanaURL == "" {
		return s.ForService(command.Usagef("give --dir DIR to write files, or --grafana.url URL to install them", "no destination is given for the dashboards"))
	}
	look := grafana.Options{Units: o.Units, Scheme: o.Scheme, WeekStart: o.WeekStart, Datasource: o.Datasource}
	if o.ExporterURL == "" {
		var err error
		if look.Exporter, err = s.Home(); err != nil {
			return err
		}
	}
	for _, of := range []struct {
		flag, given string
		address     *string
	}{
		{"exporter.url", o.ExporterURL, &look.Exporter},
		{"prometheus.url", o.PrometheusURL, &look.Prometheus.URL},
		{"grafana.url", o.GrafanaURL, &look.Grafana},
	} {
		if of.given == "" {
			continue
		}
		var err error
		if *of.address, err = config.URL(of.flag, of.given); err != nil {
			return command.Usage(err)
		}
	}
	if s.Influx.URL != "" {
		look.InfluxDB, o.influx = server(s.Influx), s.Influx
	}
	if o.Dir != "" {
		look.Grafana, _ = apart(look.Grafana)
		return o.write(look, out)
	}
	return o.upload(ctx, look, out)
}

// write writes files.
func (o *Options) write(look grafana.Options, out io.Writer) error {
	look = look.Chosen()
	files, err := grafana.Write(o.Dir, look)
	if err != nil {
		return fmt.Errorf("write the dashboards: %w", err)
	}
	for _, file := range files {
		fmt.Fprintln(out, file)
	}
	at := shell.Place(o.Dir)
	fmt.Fprintf(out, "%s written\nNext: copy what is in %s to /etc/grafana/provisioning and restart Grafana.\n", english.Plural(len(files), "file", ""), filepath.Join(at, "provisioning"))
	fmt.Fprint(out, elsewhere(o.Dir))
	fmt.Fprintln(out, otherWay(look.Datasource))
	if look.Datasource != grafana.InfluxDB && look.Prometheus.URL == "" {
		fmt.Fprintln(out, "Grafana asks Prometheus at http://localhost:9090, or at a --prometheus.url.")
	}
	if look.Datasource != grafana.Prometheus && look.InfluxDB.URL == "" {
		fmt.Fprintln(out, "Grafana asks InfluxDB at http://localhost:8086, or at an --influx.url.")
	}
	fmt.Fprintln(out, o.linked(look))
	if look.Datasource != grafana.Prometheus {
		fmt.Fprintln(out, "Grafana takes the token or password of InfluxDB from its own environment:\nset WITHINGS_INFLUX_PASSWORD there (Debian: in /etc/default/grafana-server).")
	}
	if o.unread != nil {
		fmt.Fprintf(out, "The files do without the token of InfluxDB, which could not be read:\n%s.\n"+
			"If it is user:password, as for InfluxDB 1.8, write that user into\n%s.\n", o.unread, filepath.Join(at, "provisioning", "datasources", "withings-influxdb.yaml"))
	}
	if look.Datasource != grafana.InfluxDB {
		fmt.Fprintf(out, "Rules for Prometheus are in %s: name them in its rule_files.\n", filepath.Join(at, "alerts"))
		if look.Grafana == "" {
			fmt.Fprintln(out, "Links in alerts lead to http://localhost:3000, or to a --grafana.url.")
		} else {
			fmt.Fprintf(out, "Links in alerts lead to %s.\n", look.Grafana)
		}
	}
	earlier := grafana.Earlier(o.Dir, look)
	for _, kind := range look.Others() {
		switch {
		case slices.Contains(earlier, kind):
			fmt.Fprintf(out, "%s also has dashboards for %s from an earlier run, which stay as\nthey were. Delete them, or update them with --datasource=both.\n", o.Dir, named[kind])
		case o.Datasource == grafana.Auto:
			fmt.Fprintf(out, "What is for %s is left out, since no address of it is given.\nWith --datasource=both it is written, too.\n", named[kind])
		}
	}
	return nil
}

// linked says where ECGs on the dashboards link to.
func (o *Options) linked(look grafana.Options) string {
	public, _ := apart(look.Exporter)
	text := "Links to ECGs lead to " + public
	if o.ExporterURL != "" {
		return text + "."
	}
	return text + ",\nor to an --exporter.url."
}

// otherWay says what of the files is needed by those who install the dashboards through Grafana's API: doing both leaves
// Grafana with files that it does not let the API change.
func otherWay(datasource string) string {
	rest := "copy nothing to Grafana"
	if datasource != grafana.Prometheus {
		rest = "copy only the folder alerting"
	}
	return "That is one way. If you install the dashboards with --grafana.url instead,\n" + rest + "."
}

// named are the kinds of data sources as people call them.
var named = map[string]string{grafana.Prometheus: "Prometheus", grafana.InfluxDB: "InfluxDB"}

// upload installs the dashboards in Grafana.
func (o *Options) upload(ctx context.Context, look grafana.Options, out io.Writer) error {
	token := ""
	if o.TokenFile != "" {
		var err error
		if token, err = config.Secret("", o.TokenFile, "grafana.token"); err != nil {
			return command.Usage(err)
		}
	}
	steps, err := grafana.Install(ctx, &http.Client{Timeout: 30 * time.Second}, look.Grafana, token, look)
	for _, step := range steps {
		fmt.Fprintln(out, o.told(step))
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, o.linked(look))
	public, _ := apart(look.Grafana)
	fmt.Fprintf(out, "Next: open %s/dashboards and choose the folder Withings\n", public)
	return nil
}

// told is a step and, where there is something to do about it, what.
func (o *Options) told(step grafana.Step) string {
	switch step.Done {
	case grafana.LeftOut:
		return "Dashboards for " + named[step.Name] + " are left out: no address of it is given,\n" +
			"and Grafana has no data source for it. With --datasource=both they are\ninstalled, too."
	case grafana.Older:
		return "Grafana also has dashboards for " + named[step.Name] + " from an earlier run, which stay\n" +
			"as they were. Delete them there, or update them with --datasource=both."
	case grafana.Missing:
		return o.missing(step.Name)
	case grafana.Failing:
		return o.failing(step)
	case grafana.NotSent:
		return step.String() + ".\n" + notSent(step)
	}
	return step.String()
}

// missing says what to do about a data source that Grafana lacks.
func (o *Options) missing(kind string) string {
	text := "Grafana has no data source for " + named[kind] + ", so its dashboards stay empty.\nRun this again with "
	give, other := "--prometheus.url=URL, its address as Grafana reaches it", grafana.InfluxDB
	if kind == grafana.InfluxDB {
		give, other = "--influx.url, --influx.bucket and --influx.token-file,\nor with the influx block of withings.yaml", grafana.Prometheus
	}
	text += give
	if o.Datasource != kind {
		text += ",\nor with --datasource=" + other + " if you have none"
	}
	return text + "."
}

// notSent says what to do if the token or password that Grafana does not take is a new one.
func notSent(step grafana.Step) string {
	if step.Provisioned {
		return "If it is new, change it where Grafana's provisioning files have it from, which\n" +
			"is WITHINGS_INFLUX_PASSWORD for those of dashboards --dir, and restart Grafana."
	}
	return "If it is new, give the service account of --grafana.token-file the role Admin,\n" +
		"and run this again a minute later."
}

// failing says why Grafana gets nothing from the server of a data source, and what to do.
func (o *Options) failing(step grafana.Step) string {
	name, address, token := "Prometheus", "--prometheus.url", "Give another address: this one asks for a password."
	if step.Name == grafana.InfluxDB {
		name, address, token = "InfluxDB", "--influx.url", o.correctToken()
	}
	var why, advice string
	switch step.Trouble {
	case grafana.Unreachable:
		why, advice = "it cannot reach the address.", "Check that "+name+" runs, and the address and port of "+address+". In a\ncontainer, Grafana may need another one than this program."
	case grafana.Rejected:
		why, advice = name+" rejects the token or the password.", token
	case grafana.NoDatabase:
		why, advice = name+" says: "+step.Said+".", "Check --influx.bucket, and that the token may read it. An InfluxDB 2 before 2.7\nmay lack a DBRP mapping: influx v1 dbrp create --help"
	default:
		why, advice = "the answer is "+step.Said+".", "Give the address of "+name+" as "+address+"."
		if step.Name == grafana.InfluxDB {
			advice = "Give the address of an InfluxDB. For a VictoriaMetrics that scrapes the\nexporter, give --datasource=prometheus and its address as --prometheus.url."
		}
	}
	return "Grafana gets nothing from " + name + ", so its dashboards stay empty:\n" + why + "\n" + advice
}

// correctToken says what to do with a token that InfluxDB rejects.
func (o *Options) correctToken() string {
	switch {
	case o.influx.TokenFile != "":
		return "Write a token that may read into\n" + o.influx.TokenFile + ",\nand run this again."
	case o.influx.TokenFrom != "":
		return "Correct the token, which is from\n" + o.influx.TokenFrom + ",\nand run this again."
	}
	return "Give --influx.token-file with a token that may read."
}

// server is InfluxDB as Grafana queries it in InfluxQL: the bucket is a database, and
// a token with a colon is user and password. Those two are taken out of the address,
// since Grafana keeps them secret elsewhere.
func server(i command.Influx) grafana.Server {
	s := grafana.Server{URL: i.URL, Password: i.Token}
	s.Database, _, _ = strings.Cut(i.Bucket, "/")
	if user, password, ok := strings.Cut(i.Token, ":"); ok {
		s.User, s.Password = user, password
	}
	var inside *url.Userinfo
	if s.URL, inside = apart(i.URL); inside != nil && i.Token == "" {
		s.User = inside.Username()
		s.Password, _ = inside.Password()
	}
	return s
}

// apart is an address without the user and the password in it, and those.
func apart(address string) (string, *url.Userinfo) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address, nil
	}
	user := u.User
	u.User = nil
	return u.String(), user
}
