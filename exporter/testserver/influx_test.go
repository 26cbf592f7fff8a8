package testserver

import (
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

func TestInfluxHoldsTheTruthToTheLastDigit(t *testing.T) {
	t.Parallel()
	points := history(t)
	want := tally.Sum(points)
	s := Influx(t)
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

func TestSumsOfInfluxTellAMissingPointAndAWrongDigit(t *testing.T) {
	t.Parallel()
	points := history(t)[:500]
	want := tally.Sum(points)
	s := Influx(t)
	s.Write(points[1:])
	if got := s.Sums().Differences(want); len(got) != 1 {
		t.Errorf("without %v the differences are %q, want one", points[0], got)
	}
	wrong := points[0]
	wrong.Value = new(big.Rat).Add(wrong.Value, big.NewRat(1, 1000))
	s.Write([]tally.Point{wrong})
	if got := s.Sums().Differences(want); len(got) != 1 {
		t.Errorf("with %v a thousandth too high the differences are %q, want one", points[0], got)
	}
	s.Write(points[:1])
	expect(t, "corrected", s.Sums().Differences(want))
}

func TestInfluxIsChangedWhileItRuns(t *testing.T) {
	t.Parallel()
	s := Influx(t)
	old := time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Second).UTC()
	points := []tally.Point{weight(old, 70_000), weight(recent(), 71_000)}
	lines := linesOf(t, points)

	s.CreatePolicy("week", 7*24*time.Hour)
	to := "/api/v2/write?bucket=" + s.Database + "/week"
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusBadRequest || !strings.Contains(body, "dropped=1") {
		t.Errorf("with an old point the write is answered %d %s", status, body)
	}
	s.AlterPolicy("week", 0)
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusNoContent {
		t.Errorf("kept for ever, the write is answered %d %s", status, body)
	}
	s.AlterPolicy("autogen", 24*time.Hour)
	if status, body := post(t, s.server, "/api/v2/write?bucket="+s.Database, s.Token, lines); status != http.StatusBadRequest {
		t.Errorf("kept for a day, the write is answered %d %s", status, body)
	}
	s.DropDatabase()
	if status, body := post(t, s.server, to, s.Token, lines); status != http.StatusNotFound {
		t.Errorf("without a database the write is answered %d %s", status, body)
	}
	s.CreateDatabase()
	s.Write(points)
	expect(t, "made again", tally.Differences(s.Points(), points))
}

func TestARetentionPeriodCanBeThereFromTheStart(t *testing.T) {
	t.Parallel()
	old := time.Now().Add(-30 * 24 * time.Hour).Truncate(time.Second).UTC()
	points := []tally.Point{weight(old, 70_000), weight(recent(), 71_000)}
	lines, week := linesOf(t, points), Retention(7*24*time.Hour)

	one := Influx(t, week)
	if status, body := post(t, one.server, "/api/v2/write?bucket="+one.Bucket, one.Token, lines); status != http.StatusBadRequest {
		t.Errorf("InfluxDB 1.8 answers %d %s", status, body)
	}
	expect(t, "InfluxDB 1.8", tally.Differences(one.Points(), points[1:]))

	two := Influx2(t, week)
	if status, body := post(t, two.server, "/api/v2/write?org="+two.Org+"&bucket="+two.Bucket, two.Token, lines); status != http.StatusUnprocessableEntity {
		t.Errorf("InfluxDB 2.7 answers %d %s", status, body)
	}
	expect(t, "InfluxDB 2.7", tally.Differences(two.Points(), points[1:]))

	victoria := Victoria(t, week)
	if status, body := post(t, victoria.server, "/api/v2/write", "", lines); status != http.StatusNoContent {
		t.Errorf("VictoriaMetrics answers %d %s", status, body)
	}
	expect(t, "VictoriaMetrics", tally.Differences(victoria.Points(""), each(points[1:], Flat)))
}

func TestUsersOfInfluxMayDoWhatTheySay(t *testing.T) {
	t.Parallel()
	s := Influx(t)
	to := "/api/v2/write?bucket=" + s.Bucket
	for _, c := range []struct {
		name, token string
		status      int
	}{
		{"write only", s.CreateUser("writer", "it's", "WRITE"), 204},
		{"everything", s.CreateUser("owner", "secret", "ALL"), 204},
		{"read only", s.CreateUser("reader", "secret", "READ"), 403},
		{"nothing", s.CreateUser("nobody", "secret", ""), 403},
		{"guessed", "writer:guessed", 401},
	} {
		if status, body := post(t, s.server, to, c.token, "m v=1"); status != c.status {
			t.Errorf("%s: answered %d %s, want %d", c.name, status, body, c.status)
		}
	}
}
