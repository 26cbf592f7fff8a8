package testserver

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

func TestInflux2HoldsTheTruthToTheLastDigit(t *testing.T) {
	t.Parallel()
	points := some(history(t))
	want := tally.Sum(points)
	s := Influx2(t)
	s.Write(points)
	expect(t, "written once", s.Sums().Differences(want))
	s.Write(points)
	expect(t, "written twice", s.Sums().Differences(want))
	s.Stop()
	s.Start()
	expect(t, "after an orderly stop", s.Sums().Differences(want))
	s.Kill()
	s.Start()
	expect(t, "after SIGKILL, point by point", tally.Differences(s.Points(), points))
}

// some returns every eighth point, since this server answers InfluxQL slowly.
func some(points []tally.Point) []tally.Point {
	var picked []tally.Point
	for i := 0; i < len(points); i += 8 {
		picked = append(picked, points[i])
	}
	return picked
}

// post writes lines and returns the answer.
func post(t *testing.T, s *server, path, token, lines string) (status int, body string) {
	t.Helper()
	status, _, body = exchange(t, s, path, token, lines)
	return status, body
}

// recent is a time in seconds inside every retention period.
func recent() time.Time { return time.Now().Add(-time.Minute).Truncate(time.Second) }

func TestInflux2IsChangedWhileItRuns(t *testing.T) {
	t.Parallel()
	s := Influx2(t)
	old := time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Second).UTC()
	week := 7 * 24 * time.Hour
	points := []tally.Point{weight(old, 70_000), weight(recent(), 71_000)}
	lines := linesOf(t, points)

	id := s.CreateBucket("week", week)
	if id == "" || id != s.BucketID("week") {
		t.Errorf("the bucket's ID is %q, then %q", id, s.BucketID("week"))
	}
	to := "/api/v2/write?org=" + s.Org + "&bucket=week"
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusUnprocessableEntity || !strings.Contains(body, "dropped=1") {
		t.Errorf("with an old point the write is answered %d %s", status, body)
	}
	expect(t, "a week is kept", tally.Differences(s.In("week").Points(), points[1:]))

	s.SetRetention("week", 0)
	s.In("week").Write(points)
	expect(t, "everything is kept", tally.Differences(s.In("week").Points(), points))
	expect(t, "another bucket", tally.Differences(s.Points(), nil))

	s.DeleteBucket("week")
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusNotFound {
		t.Errorf("without its bucket the write is answered %d %s", status, body)
	}
	s.CreateBucket("week", 0)
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusNoContent {
		t.Errorf("with a bucket again the write is answered %d %s", status, body)
	}
	expect(t, "made again", tally.Differences(s.In("week").Points(), points))
}

func TestTokensOfInflux2MayDoWhatTheySay(t *testing.T) {
	t.Parallel()
	s := Influx2(t)
	s.CreateBucket("other", 0)
	off := s.CreateToken(MayWrite(s.Bucket))
	s.SetActive(off, false)
	on := s.CreateToken(MayWrite(s.Bucket))
	s.SetActive(on, false)
	s.SetActive(on, true)
	to := "/api/v2/write?org=" + s.Org + "&bucket=" + s.Bucket
	for _, c := range []struct {
		name, token string
		status      int
	}{
		{"all", s.Token, 204},
		{"write only", s.CreateToken(MayWrite(s.Bucket)), 204},
		{"read and write", s.CreateToken(MayRead(s.Bucket), MayWrite(s.Bucket)), 204},
		{"read only", s.CreateToken(MayRead(s.Bucket)), 403},
		{"another bucket", s.CreateToken(MayWrite("other")), 403},
		{"inactive", off, 403},
		{"active again", on, 204},
		{"guessed", "guessed", 401},
	} {
		if status, body := post(t, s.server, to, c.token, "m v=1"); status != c.status {
			t.Errorf("%s: answered %d %s, want %d", c.name, status, body, c.status)
		}
	}
}

// TestServersThatSpeakTLSAreAskedWithTheirCertificate restarts them as well, since a
// start waits for an answer.
func TestServersThatSpeakTLSAreAskedWithTheirCertificate(t *testing.T) {
	t.Parallel()
	points := []tally.Point{weight(recent(), 70_000)}
	t.Run("InfluxDB 1.8", func(t *testing.T) {
		s := Influx(t, TLS())
		s.Write(points)
		s.Stop()
		s.Start()
		expect(t, "written", tally.Differences(s.Points(), points))
		isTLS(t, s.server)
	})
	t.Run("InfluxDB 2.7", func(t *testing.T) {
		s := Influx2(t, TLS())
		s.Write(points)
		s.Stop()
		s.Start()
		expect(t, "written", tally.Differences(s.Points(), points))
		isTLS(t, s.server)
	})
	t.Run("VictoriaMetrics", func(t *testing.T) {
		s := Victoria(t, TLS())
		s.Write(points)
		s.Stop()
		s.Start()
		expect(t, "written", tally.Differences(s.Points(""), each(points, Flat)))
		isTLS(t, s.server)
	})
}

// isTLS tries plain HTTP, and TLS without the certificate.
func isTLS(t *testing.T, s *server) {
	t.Helper()
	answer, err := http.Get("http://" + s.address + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("in the clear /ping is answered %s", answer.Status)
	}
	if answer, err := http.Get(s.URL + "/ping"); err == nil {
		answer.Body.Close()
		t.Error("a stranger trusts its certificate")
	}
}
