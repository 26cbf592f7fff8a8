package testserver

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
)

// InfluxServer is an InfluxDB 1.8 that requires a name and a password. It answers
// InfluxQL, not Flux. Its v2 write path uses Org, Bucket and Token.
type InfluxServer struct {
	influxQL
	Org, Bucket, Token string
	Database           string
}

const (
	influxUser     = "exporter"
	influxPassword = "secret"
	influxDatabase = "withings"
)

// Influx starts an InfluxDB with an empty database. Its retention policy autogen keeps
// everything unless a [Retention] is given.
func Influx(t testing.TB, all ...Option) *InfluxServer {
	t.Helper()
	dir, o := t.TempDir(), chosen(all)
	certificate, key := o.certified(t)
	s := &InfluxServer{
		Org: "any", Bucket: influxDatabase + "/autogen", Token: influxUser + ":" + influxPassword, Database: influxDatabase,
	}
	s.influxQL = influxQL{database: influxDatabase, server: launch(t, testrun.Influx1, "/ping", certificate, func(address string) []string {
		config := filepath.Join(dir, "influxdb.conf")
		if err := os.WriteFile(config, influxConfig(dir, address, certificate, key), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"-config", config}
	})}
	s.authorization = "Token " + s.Token
	// Without a user, the only allowed statement is the one that creates the first.
	s.Query(fmt.Sprintf("CREATE USER %s WITH PASSWORD '%s' WITH ALL PRIVILEGES", influxUser, influxPassword))
	s.CreateDatabase()
	if o.retention > 0 {
		s.AlterPolicy("autogen", o.retention)
	}
	return s
}

func influxConfig(dir, address, certificate, key string) []byte {
	// Flux would make every start three seconds slower.
	return fmt.Appendf(nil, `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
  query-log-enabled = false
[retention]
  check-interval = "1s"
[http]
  bind-address = %q
  auth-enabled = true
  flux-enabled = false
  log-enabled = false
  https-enabled = %t
  https-certificate = %q
  https-private-key = %q
`, filepath.Join(dir, "meta"), filepath.Join(dir, "data"), filepath.Join(dir, "wal"), address, certificate != "", certificate, key)
}

// CreateDatabase creates the database again after [InfluxServer.DropDatabase].
func (s *InfluxServer) CreateDatabase() {
	s.t.Helper()
	s.Query("CREATE DATABASE " + s.Database)
}

// DropDatabase deletes the database and all its data.
func (s *InfluxServer) DropDatabase() {
	s.t.Helper()
	s.Query("DROP DATABASE " + s.Database)
}

// CreatePolicy creates a retention policy besides autogen, for the bucket
// database/name. It keeps what is written for a time, 0 forever.
func (s *InfluxServer) CreatePolicy(name string, keeps time.Duration) {
	s.t.Helper()
	s.Query(fmt.Sprintf("CREATE RETENTION POLICY %q ON %s DURATION %s REPLICATION 1 SHARD DURATION %s", name, s.Database, influxDuration(keeps), influxDuration(shards(keeps))))
}

// AlterPolicy changes how long a retention policy keeps what is written, 0 forever.
func (s *InfluxServer) AlterPolicy(name string, keeps time.Duration) {
	s.t.Helper()
	s.Query(fmt.Sprintf("ALTER RETENTION POLICY %q ON %s DURATION %s SHARD DURATION %s", name, s.Database, influxDuration(keeps), influxDuration(shards(keeps))))
}

// shards returns the shard duration for a retention period. With one day, the default
// for short periods, the years of a long one would be thousands of files.
func shards(keeps time.Duration) time.Duration {
	const week = 7 * 24 * time.Hour
	if keeps == 0 {
		return week
	}
	return min(keeps, week)
}

func influxDuration(d time.Duration) string {
	if d == 0 {
		return "INF"
	}
	return fmt.Sprintf("%ds", int64(d.Seconds()))
}

// CreateUser creates a user that may READ or WRITE, or do nothing if the privilege is
// "", and returns the token for it.
func (s *InfluxServer) CreateUser(name, password, privilege string) string {
	s.t.Helper()
	s.Query(fmt.Sprintf("CREATE USER %s WITH PASSWORD '%s'", name, strings.ReplaceAll(password, "'", `\'`)))
	if privilege != "" {
		s.Query(fmt.Sprintf("GRANT %s ON %s TO %s", privilege, s.Database, name))
	}
	return name + ":" + password
}

// Write posts points to the v2 write path.
func (s *InfluxServer) Write(points []tally.Point) {
	s.t.Helper()
	s.write("/api/v2/write?"+url.Values{"org": {s.Org}, "bucket": {s.Bucket}, "precision": {"ns"}}.Encode(), points)
}
