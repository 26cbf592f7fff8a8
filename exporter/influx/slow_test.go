package influx

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/internal/rude"
)

// TestASlowLineTakesEverythingInTheEnd has lines on which 5,000 points do not fit
// into the time of a request, and servers that take long over each request.
func TestASlowLineTakesEverythingInTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		line  rude.Behaviour
		limit time.Duration // on the time it may take
	}{
		"20 KB a second":  {rude.SlowRead(20_000, rude.Influx2), 3 * time.Minute},
		"2 KB a second":   {rude.SlowRead(2_000, rude.Influx2), 10 * time.Minute},
		"500 B a second":  {rude.SlowRead(500, rude.Influx2), 20 * time.Minute},
		"120 B a second":  {rude.SlowRead(120, rude.Influx2), 60 * time.Minute},
		"10 s of latency": {rude.After(10*time.Second, rude.Influx2), time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := rude.Pipe(t, c.line)
				client := db.Client()
				client.Timeout = requestTime
				w := quiet(t, db.URL, client)
				const points = 5000
				var lines strings.Builder
				for i := range points {
					fmt.Fprintf(&lines, "withings_body,profile=Anna weight_grams=%d,fat_ratio=0.%d %d\n", 70_000+i*7919%3001, 100+i*104729%300, day(1).Unix()+int64(i)*86_400+int64(i*7919%3600))
				}
				var err error
				began, tries := time.Now(), 1
				for ; ; tries++ {
					if _, err = w.Write(t.Context(), lines.String()); err == nil {
						break
					}
					if time.Since(began) > 2*c.limit {
						break
					}
				}
				t.Logf("%d tries, %v, %d requests, %d KB", tries, time.Since(began), db.Requests(""), db.Bytes("")/1000)
				if n := len(db.Points()); n != 2*points || time.Since(began) > c.limit {
					t.Errorf("%d of %d values are there after %v: %v", n, 2*points, time.Since(began), err)
				}
			})
		})
	}
}
