package withings

import "testing"

// TestARecordingReadRowByRowSaysTheSame: a long answer is never in memory as a tree.
func TestARecordingReadRowByRowSaysTheSame(t *testing.T) {
	split := 0
	for _, r := range recordings(t) {
		whole, err := hear(r.service, r.answer, false)
		byRow, errByRow := hearByRow(r.service, r.answer, false)
		if (err == nil) != (errByRow == nil) || whole.String() != byRow.String() {
			t.Errorf("%s: read row by row it is\n%v %s\nand at once\n%v %s", r.service, errByRow, byRow, err, whole)
		}
		if byRow.decoder.split.Has() {
			split++
		}
	}
	if split < 10 {
		t.Errorf("only %d recordings are read row by row", split)
	}
}
