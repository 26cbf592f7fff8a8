package transfer

import (
	"io"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
)

func TestAHistoryWithoutADestinationIsToldOfTheService(t *testing.T) {
	const run = "sudo withings-exporter-service backfill"
	for _, to := range []string{"", "influx"} {
		_, err := (&Options{To: to}).Target(command.Settings{Service: run}, io.Discard)
		if err == nil || !strings.HasSuffix(err.Error(), "; for the service of this machine, run: "+run) {
			t.Errorf("--to=%s: %v", to, err)
		}
	}
}
