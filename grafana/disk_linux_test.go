package grafana

import (
	"fmt"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

func TestAFullDiskTakesNoBoardsAndIsNamed(t *testing.T) {
	disk := testrun.SmallDisk(t, 256<<10, 100)
	disk.Fill()
	_, err := Write(disk.Path, Options{Datasource: "prometheus"})
	if got := fmt.Sprint(err); !strings.HasSuffix(got, "no space left on device; free some space on that disk") {
		t.Errorf("got %s, want advice about space", got)
	}
}
