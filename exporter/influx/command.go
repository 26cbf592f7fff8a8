package influx

import (
	"cmp"
	"fmt"
	"net"
	"strings"

	"withings-exporter/exporter/shell"
)

// Commands of InfluxDB's own program, influx, for a person who is an administrator there. It asks http://localhost:8086 unless told
// otherwise.

// execute is the command that has InfluxDB 1 execute a statement about what has these names.
func (w *Writer) execute(statement string, names ...string) string {
	identifiers := make([]any, len(names))
	for i, name := range names {
		identifiers[i] = quote(name, `"`)
	}
	command := []string{"influx"}
	if host := w.base.Hostname(); !usualHost(host) {
		command = append(command, "-host", shell.Quote(host))
	}
	if port := cmp.Or(w.base.Port(), map[string]string{"https": "443"}[w.base.Scheme], "80"); port != usualPort {
		command = append(command, "-port", port)
	}
	if w.base.Scheme == "https" {
		command = append(command, "-ssl")
	}
	if path := strings.Trim(w.base.Path, "/"); path != "" {
		command = append(command, "-path-prefix", shell.Quote(path))
	}
	if strings.Contains(w.token, ":") { // where it asks for a password; the user who writes is hardly an administrator
		command = append(command, "-username ADMIN -password ''")
	}
	return strings.Join(append(command, "-execute", shell.Quote(fmt.Sprintf(statement, identifiers...))), " ")
}

// manage is the command of InfluxDB 2 with some arguments that need no quotes; of those that follow, each second one is a value.
func (w *Writer) manage(arguments string, given ...string) string {
	command := []string{"influx", arguments}
	if !usualHost(w.base.Hostname()) || w.base.Port() != usualPort || w.base.Scheme != "http" || w.base.Path != "/" {
		command = append(command, "--host", shell.Quote(w.base.Scheme+"://"+w.base.Host+strings.TrimSuffix(w.base.Path, "/")))
	}
	for i := 0; i+1 < len(given); i += 2 {
		command = append(command, given[i], shell.Quote(given[i+1]))
	}
	return strings.Join(command, " ")
}

// usualPort is that of InfluxDB.
const usualPort = "8086"

// usualHost reports whether influx asks a host unless told otherwise.
func usualHost(host string) bool {
	return host == "localhost" || net.ParseIP(host).Equal(net.IPv4(127, 0, 0, 1))
}

// old reports whether the settings are those of InfluxDB 1.
func (w *Writer) old() bool {
	return w.org == "" || strings.Contains(w.bucket, "/") || strings.Contains(w.token, ":")
}

// database is that of InfluxDB 1 in which the bucket is.
func (w *Writer) database() string {
	database, _, _ := strings.Cut(w.bucket, "/")
	return database
}

// makeBucket is the command that makes the bucket. Shards of a year keep decades in few files.
func (w *Writer) makeBucket() string {
	return w.manage("bucket create", "--name", w.bucket, "--org", w.org) + " --shard-group-duration 52w"
}

// makeDatabase is makeBucket of InfluxDB 1.
func (w *Writer) makeDatabase() string {
	return w.execute("CREATE DATABASE %s WITH DURATION INF SHARD DURATION 52w", w.database())
}

// keepAll is the command that has the bucket keep points of any age.
func (w *Writer) keepAll() string {
	if w.old() {
		_, policy, found := strings.Cut(w.bucket, "/")
		if !found {
			policy = "autogen"
		}
		return w.execute("ALTER RETENTION POLICY %s ON %s DURATION INF SHARD DURATION 52w", policy, w.database())
	}
	id := w.manage("bucket list", "--name", w.bucket, "--org", w.org) + " --hide-headers | cut -f 1"
	return w.manage("bucket update") + ` --id "$(` + id + `)" --retention 0 --shard-group-duration 52w`
}

// grant is the command that lets the user of InfluxDB 1 read and write the database.
func (w *Writer) grant() string {
	user, _, found := strings.Cut(w.token, ":")
	if !found { // it is all secret
		user = "USER"
	}
	return w.execute("GRANT ALL ON %s TO %s", w.database(), user)
}
