package testserver

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
)

// Influx2Server is an InfluxDB 2.7 without Flux: it accepts writes and deletes, and
// answers InfluxQL for the name of a bucket. Like a release, it serves a web page at
// every path outside its API.
type Influx2Server struct {
	influxQL
	Org, Bucket, Token string // the token may do everything
	OrgID              string
}

const (
	influx2Org    = "home"
	influx2Bucket = "withings"
	influx2Token  = "exporter-token"
)

// Influx2 starts an InfluxDB 2.7 with an organisation and an empty bucket, which
// keeps everything unless a [Retention] is given.
func Influx2(t testing.TB, all ...Option) *Influx2Server {
	t.Helper()
	dir, o := t.TempDir(), chosen(all)
	certificate, key := o.certified(t)
	s := &Influx2Server{Org: influx2Org, Bucket: influx2Bucket, Token: influx2Token}
	assets := filepath.Join(filepath.Dir(testrun.Influx2.Path(t)), "assets") // beside one of .ci/servers; others have theirs inside
	if _, err := os.Stat(assets); err != nil {
		assets = ""
	}
	s.influxQL = influxQL{database: influx2Bucket, server: launch(t, testrun.Influx2, "/health", certificate, func(address string) []string {
		args := []string{
			"--http-bind-address", address, "--reporting-disabled",
			"--bolt-path", filepath.Join(dir, "bolt"), "--sqlite-path", filepath.Join(dir, "sqlite"),
			"--engine-path", filepath.Join(dir, "engine"), "--storage-retention-check-interval", "1s",
		}
		if assets != "" {
			args = append(args, "--assets-path", assets)
		}
		if o.tls {
			args = append(args, "--tls-cert", certificate, "--tls-key", key)
		}
		return args
	})}
	var made struct{ Org struct{ ID string } }
	s.call(http.MethodPost, "/api/v2/setup", map[string]any{
		"username": "admin", "password": "admin-password", "org": s.Org, "bucket": s.Bucket, "token": s.Token,
		"retentionPeriodSeconds": int64(o.retention.Seconds()),
	}, &made)
	s.OrgID = made.Org.ID
	s.authorization = "Token " + s.Token
	return s
}

// CreateBucket creates a bucket that keeps what is written for a time, at least an
// hour, or 0 forever, and returns its ID.
func (s *Influx2Server) CreateBucket(name string, keeps time.Duration) string {
	s.t.Helper()
	var made struct{ ID string }
	s.call(http.MethodPost, "/api/v2/buckets", map[string]any{
		"orgID": s.OrgID, "name": name, "retentionRules": retentionRules(keeps),
	}, &made)
	return made.ID
}

// SetRetention changes how long a bucket keeps what is written, 0 forever.
func (s *Influx2Server) SetRetention(name string, keeps time.Duration) {
	s.t.Helper()
	s.call(http.MethodPatch, "/api/v2/buckets/"+s.BucketID(name), map[string]any{"retentionRules": retentionRules(keeps)}, nil)
}

func retentionRules(keeps time.Duration) []map[string]any {
	return []map[string]any{{
		"type": "expire", "everySeconds": int64(keeps.Seconds()), "shardGroupDurationSeconds": int64(shards(keeps).Seconds()),
	}}
}

// DeleteBucket deletes a bucket and all its data.
func (s *Influx2Server) DeleteBucket(name string) {
	s.t.Helper()
	s.call(http.MethodDelete, "/api/v2/buckets/"+s.BucketID(name), nil, nil)
}

// BucketID returns the ID of a bucket, which can be used instead of its name.
func (s *Influx2Server) BucketID(name string) string {
	s.t.Helper()
	var found struct{ Buckets []struct{ ID string } }
	s.call(http.MethodGet, "/api/v2/buckets?"+url.Values{"name": {name}, "orgID": {s.OrgID}}.Encode(), nil, &found)
	if len(found.Buckets) != 1 {
		s.t.Fatalf("%d buckets are named %q", len(found.Buckets), name)
	}
	return found.Buckets[0].ID
}

// Permission is something a token may do.
type Permission struct{ Action, Bucket string }

// MayRead and MayWrite are permissions for a bucket, by its name.
func MayRead(bucket string) Permission  { return Permission{"read", bucket} }
func MayWrite(bucket string) Permission { return Permission{"write", bucket} }

// CreateToken creates a token with these permissions and no others.
func (s *Influx2Server) CreateToken(may ...Permission) string {
	s.t.Helper()
	var permissions []map[string]any
	for _, p := range may {
		permissions = append(permissions, map[string]any{
			"action":   p.Action,
			"resource": map[string]any{"type": "buckets", "id": s.BucketID(p.Bucket), "orgID": s.OrgID},
		})
	}
	var made struct{ Token string }
	s.call(http.MethodPost, "/api/v2/authorizations", map[string]any{"orgID": s.OrgID, "permissions": permissions}, &made)
	return made.Token
}

// SetActive activates or deactivates a token.
func (s *Influx2Server) SetActive(token string, active bool) {
	s.t.Helper()
	var found struct{ Authorizations []struct{ ID, Token string } }
	s.call(http.MethodGet, "/api/v2/authorizations", nil, &found)
	for _, one := range found.Authorizations {
		if one.Token == token {
			status := map[bool]string{true: "active", false: "inactive"}[active]
			s.call(http.MethodPatch, "/api/v2/authorizations/"+one.ID, map[string]any{"status": status}, nil)
			return
		}
	}
	s.t.Fatal("the server has no such token")
}

// In returns the same server with another bucket for Query, Points, Sums and Write.
func (s *Influx2Server) In(bucket string) *Influx2Server {
	other := *s
	other.Bucket, other.database = bucket, bucket
	return &other
}

// Write posts points.
func (s *Influx2Server) Write(points []tally.Point) {
	s.t.Helper()
	s.write("/api/v2/write?"+url.Values{"org": {s.Org}, "bucket": {s.Bucket}, "precision": {"ns"}}.Encode(), points)
}
