package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Unread says what does not work because the bucket can be written, but not read, and
// what to do; "" if it can, or if the server does not tell. The last write must have
// been acknowledged.
func (w *Writer) Unread(ctx context.Context) string {
	name, give := w.barred(ctx)
	switch {
	case give != "":
		return fmt.Sprintf("the token may write to bucket %q, but not read it: serve and backfill do not notice when the bucket is emptied, "+
			"and Grafana shows nothing with this token; %s", w.bucket, give)
	case name != "" && name != w.bucket:
		return fmt.Sprintf("bucket %q is written to by its ID, but can be read only by its name: serve and backfill do not notice when it is "+
			"emptied, and Grafana shows nothing; set influx.bucket to %q", w.bucket, name)
	}
	return ""
}

// barred is how to let the token read the bucket, and the name that InfluxDB 2 has for
// it; "" if it may read, and if that is not known.
func (w *Writer) barred(ctx context.Context) (name, give string) {
	// InfluxDB 1 says whether it may. InfluxDB 2 answers for names of buckets, but not
	// for IDs, and says of a bucket that may not be read that it is not there.
	got, err := w.influxql(ctx, fmt.Sprintf("SELECT count(*) FROM %q WHERE time = 0s", probe))
	if err != nil {
		return "", ""
	}
	_, may := got.rows()
	switch {
	case may:
		return "", ""
	case got.status == http.StatusForbidden && json.Valid(got.body) && strings.Contains(got.message(), "not authorized to execute"):
		return "", "to let it, run: " + w.grant()
	}
	// InfluxDB 2 lists the buckets that may be read. It says "not found" or "invalid"
	// if an ID is asked for as a name, or the other way round.
	for _, query := range []url.Values{
		{"id": {w.bucket}}, {"name": {w.bucket}, "orgID": {w.org}}, {"name": {w.bucket}, "org": {w.org}},
	} {
		got, err := w.ask(ctx, "api/v2/buckets", query, nil)
		if err != nil {
			return "", ""
		}
		var list struct{ Buckets *[]struct{ Name string } }
		if got.status != http.StatusOK || json.Unmarshal(got.body, &list) != nil || list.Buckets == nil {
			continue
		}
		if len(*list.Buckets) > 0 {
			return (*list.Buckets)[0].Name, ""
		}
		return "", "to let it, " + w.replace()
	}
	return "", ""
}
