package openmetrics

import (
	"encoding/binary"
	"time"

	"withings-exporter/exporter"
)

// The key of a sample sorts by family, series and time:
//
//	row of the catalogue (2 bytes) · labels as in the file · milliseconds (8 bytes)
//
// The catalogue is sorted by name. Labels are never the beginning of other labels,
// since a brace after a quote ends them, so they sort before what follows.
//
// Its value is when the record was changed, in seconds, and the number as text.
const (
	rowSize     = 2
	timeSize    = 8
	changedSize = 8
)

// rowNumbers are the places of the rows in the catalogue.
var rowNumbers = func() map[*exporter.Metric]uint16 {
	all := map[*exporter.Metric]uint16{}
	for i, m := range exporter.Catalog() {
		all[m] = uint16(i)
	}
	return all
}()

// appendSampleKey appends the key of a sample measured after 1970.
func appendSampleKey(key []byte, profile string, s exporter.Sample) []byte {
	key = binary.BigEndian.AppendUint16(key, rowNumbers[s.Metric])
	key = appendLabels(key, profile, s)
	return binary.BigEndian.AppendUint64(key, uint64(s.Measured.UnixMilli()))
}

// splitSampleKey splits a key into its parts.
func splitSampleKey(key []byte) (m *exporter.Metric, labels []byte, measured time.Time) {
	at := len(key) - timeSize
	m = exporter.Catalog()[binary.BigEndian.Uint16(key)]
	return m, key[rowSize:at], time.UnixMilli(int64(binary.BigEndian.Uint64(key[at:]))).UTC()
}

// appendSampleValue appends the value of a sample of a record that was changed
// at a moment, zero if unknown.
func appendSampleValue(to []byte, value exporter.Decimal, changed time.Time) []byte {
	to = binary.BigEndian.AppendUint64(to, uint64(max(changed.Unix(), 0)))
	return append(to, value.String()...)
}

// changedLast picks the number that counts among the values of one key: that of the
// record changed last or, among several, the one added last.
func changedLast(values [][]byte) []byte {
	last := values[0]
	for _, v := range values[1:] {
		if binary.BigEndian.Uint64(v) >= binary.BigEndian.Uint64(last) {
			last = v
		}
	}
	return last[changedSize:]
}
