package boards

import (
	"strings"
	"testing"
)

// TestTheLabelOfAReadingComesAfterTheOthers keeps count_values of Prometheus 2.42 from
// losing labels.
func TestTheLabelOfAReadingComesAfterTheOthers(t *testing.T) {
	for label := range strings.SplitSeq(exporterLabels, ", ") {
		if recordTime <= label {
			t.Errorf("%s comes before %s", recordTime, label)
		}
	}
}
