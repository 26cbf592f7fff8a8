package ecg

import (
	"bytes"
	"fmt"
	"strconv"
)

// CSV is a line for each sample: the time since the first one in seconds, to the
// microsecond, and the voltage in microvolts as it was measured.
func CSV(c Curve) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("seconds,microvolts\n")
	for i, v := range c.Microvolts {
		// Rounded from the whole number of samples, so that errors do not add up.
		at := (int64(i)*2_000_000 + int64(c.Frequency)) / (2 * int64(c.Frequency))
		fmt.Fprintf(&out, "%d.%06d,%s\n", at/1_000_000, at%1_000_000, strconv.FormatInt(v, 10))
	}
	return out.Bytes(), nil
}
