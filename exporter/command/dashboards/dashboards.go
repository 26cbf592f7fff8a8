// Package dashboards is the command that writes the Grafana dashboards to a folder,
// or installs them.
package dashboards

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/grafana"
)

// Options say where the dashboards go and how they look.
type Options struct {
	Dir           string `name:"dir" env:"WITHINGS_DIR" placeholder:"DIR" help:"Folder to write dashboards and rules to."`
	GrafanaURL    string `name:"grafana.url" env:"WITHINGS_GRAFANA_URL" placeholder:"URL" help:"Grafana to install the dashboards in."`
	TokenFile     string `name:"grafana.token-file" env:"WITHINGS_GRAFANA_TOKEN_FILE" placeholder:"FILE" help:"File that holds a service account token."`
	Units         string `name:"units" env:"WITHINGS_UNITS" default:"metric" enum:"metric,imperial,uk" placeholder:"UNITS" help:"Units: metric, imperial or uk."`
	Scheme        string `name:"blood-pressure" env:"WITHINGS_BLOOD_PRESSURE" default:"esc2024" enum:"esc2024,esc2024-office,accaha,accaha-office" placeholder:"SCHEME" help:"Classes: esc2024, accaha, either with -office."`
	WeekStart     string `name:"week-start" env:"WITHINGS_WEEK_START" default:"monday" enum:"monday,sunday" placeholder:"DAY" help:"First day: monday or sunday."`
	Datasource    string `name:"datasource" env:"WITHINGS_DATASOURCE" default:"both" enum:"prometheus,influxdb,both" placeholder:"KIND" help:"prometheus, influxdb or both."`
	ExporterURL   string `name:"exporter.url" env:"WITHINGS_EXPORTER_URL" placeholder:"URL" help:"This exporter, as a browser reaches it, for links to ECGs."`
	PrometheusURL string `name:"prometheus.url" env:"WITHINGS_PROMETHEUS_URL" placeholder:"URL" help:"Prometheus, as Grafana reaches it."`
}

// Command has the flags of dashboards.
type Command struct {
	Options             `embed:""`
	command.InfluxFlags `embed:"" group:"InfluxDB:"`
}

// Run writes the dashboards to a folder or installs them in Grafana.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	var settings command.Settings
	if err := c.InfluxFlags.Apply(&settings); err != nil {
		return err
	}
	return install(ctx, c.Options, settings.Influx, p.Out)
}

// install writes dashboards, rules and provisioning files to a folder, or installs
// the dashboards through Grafana's API, with a data source for the database if one is
// configured, and reports what it did.
func install(ctx context.Context, o Options, database command.Influx, out io.Writer) error {
	if o.Dir == "" && o.GrafanaURL == "" {
		return command.Usagef("give --dir DIR to write files, or --grafana.url URL to install them", "no destination is given for the dashboards")
	}
	look := grafana.Options{Units: o.Units, Scheme: o.Scheme, WeekStart: o.WeekStart, Datasource: o.Datasource}
	look.Prometheus.URL = o.PrometheusURL
	if o.ExporterURL != "" {
		address, err := config.URL("exporter.url", o.ExporterURL)
		if err != nil {
			return command.Usage(err)
		}
		look.Exporter = address
	}
	if database.URL != "" {
		look.InfluxDB = server(database)
	}
	if o.Dir != "" {
		files, err := grafana.Write(o.Dir, look)
		if err != nil {
			return fmt.Errorf("write the dashboards: %w", err)
		}
		for _, file := range files {
			fmt.Fprintln(out, file)
		}
		fmt.Fprintf(out, "%s written\nNext: copy what is in %s to /etc/grafana/provisioning and restart Grafana.\n", english.Plural(len(files), "file", ""), filepath.Join(o.Dir, "provisioning"))
		if o.Datasource != grafana.InfluxDB {
			fmt.Fprintf(out, "Rules for Prometheus are in %s: name them in its rule_files.\n", filepath.Join(o.Dir, "alerts"))
		}
	}
	if o.GrafanaURL == "" {
		return nil
	}
	return o.upload(ctx, look, out)
}

// upload installs the dashboards in Grafana.
func (o *Options) upload(ctx context.Context, look grafana.Options, out io.Writer) error {
	address, err := config.URL("grafana.url", o.GrafanaURL)
	if err != nil {
		return command.Usage(err)
	}
	token := ""
	if o.TokenFile != "" {
		if token, err = config.Secret("", o.TokenFile, "grafana.token"); err != nil {
			return command.Usage(err)
		}
	}
	steps, err := grafana.Install(ctx, &http.Client{Timeout: 30 * time.Second}, address, token, look)
	for _, step := range steps {
		fmt.Fprintln(out, o.told(step))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Next: open %s/dashboards and choose the folder Withings\n", address)
	return nil
}

// told is a step and, where a data source is missing, what to do about that.
func (o *Options) told(step grafana.Step) string {
	if step.Done != grafana.Missing {
		return step.String()
	}
	text := "Grafana has no data source for Prometheus, so its dashboards stay empty.\n" +
		"Run this again with --prometheus.url=URL, its address as Grafana reaches it"
	if step.Name == grafana.InfluxDB {
		text = "Grafana has no data source for InfluxDB, so its dashboards stay empty.\n" +
			"Run this again with --influx.url, --influx.bucket and --influx.token-file\n" +
			"(those of withings.yaml are not used: Grafana may need others)"
	}
	if o.Datasource != step.Name {
		other := map[string]string{grafana.Prometheus: grafana.InfluxDB, grafana.InfluxDB: grafana.Prometheus}[step.Name]
		text += ",\nor with --datasource=" + other + " if you have none"
	}
	return text + "."
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
	if u, err := url.Parse(i.URL); err == nil && u.User != nil {
		if i.Token == "" {
			s.User = u.User.Username()
			s.Password, _ = u.User.Password()
		}
		u.User = nil
		s.URL = u.String()
	}
	return s
}
