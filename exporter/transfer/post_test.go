package transfer_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/transfer"
)

// TestAHistoryThatIsPostedStaysUntilItIsAcknowledged posts to servers that
// acknowledge nothing: the next run must still have everything.
func TestAHistoryThatIsPostedStaysUntilItIsAcknowledged(t *testing.T) {
	s := stage.NewOf(t, simulator.Options{People: 1, Years: 1, Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: simulator.Unlimited}}})
	s.Settings.Profiles = []string{"Anna"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	peer := rude.Server(t, rude.Login)
	post := func() (string, error) {
		var out, talk strings.Builder
		to := "openmetrics=" + strings.Replace(peer.URL, "http://", "http://anna:s3cret@", 1) + "/api/v1/import/prometheus"
		err := transfer.Run(t.Context(), s.Settings, transfer.Options{To: to}, &out, &talk)
		return out.String() + talk.String(), err
	}
	for name, b := range map[string]rude.Behaviour{
		"a sign-in page": rude.Login, "accepted, perhaps": rude.Status(http.StatusAccepted), "a redirect": rude.Redirect(http.StatusTemporaryRedirect, "/elsewhere"),
		"a closed connection": rude.Slam, "a wrong path": rude.Status(http.StatusNotFound),
	} {
		peer.Set(b)
		if told, err := post(); err == nil || strings.Contains(told, "samples") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %s, %v", name, told, err)
		}
	}
	var first string
	peer.Set(func(c *rude.Call) {
		text, _ := c.Body()
		first = string(text)
		rude.Status(http.StatusNoContent)(c)
	})
	before := s.Sim.Count("getmeas", 0, 0)
	if told, err := post(); err != nil || !strings.Contains(told, "samples") {
		t.Fatalf("%s, %v", told, err)
	}
	if !strings.Contains(first, `withings_weight_grams{profile="Anna"}`) || !strings.HasSuffix(first, "# EOF\n") {
		t.Errorf("posted is %.200s", first)
	}
	if after := s.Sim.Count("getmeas", 0, 0); after != before {
		t.Errorf("Withings is asked for the history %d times more", after-before)
	}
	entries, err := os.ReadDir(s.Settings.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "openmetrics") && !strings.HasSuffix(e.Name(), ".lock") {
			t.Errorf("%s is still there after the acknowledgement", e.Name())
		}
	}
}
