package ecg

import (
	"errors"
	"fmt"
	"time"
)

// Limits of what is written. Withings' devices record 20 or 30 seconds at 500 or 300
// samples a second, which is at most 10,000 samples.
const (
	MostSamples     = 200_000
	LowestFrequency = 50
	MostFrequency   = 5000
	Longest         = 10 * time.Minute
)

// Curve is the voltage between two electrodes over time.
type Curve struct {
	Microvolts []int64
	Frequency  int // samples a second
}

// Duration is how long it is, from the first sample to the end of the last.
func (c Curve) Duration() time.Duration {
	return time.Duration(len(c.Microvolts)) * time.Second / time.Duration(c.Frequency)
}

// Check says why a curve cannot be written; nil if it can.
func (c Curve) Check() error {
	switch n := len(c.Microvolts); {
	case n == 0:
		return errors.New("the recording has no samples")
	case n > MostSamples:
		return fmt.Errorf("the recording has %d samples; at most %d can be written", n, MostSamples)
	case c.Frequency < LowestFrequency || c.Frequency > MostFrequency:
		return fmt.Errorf("the recording has %d samples a second; from %d to %d can be written", c.Frequency, LowestFrequency, MostFrequency)
	case c.Duration() > Longest:
		return fmt.Errorf("the recording is %s long; at most %s can be written", c.Duration().Round(time.Second), Longest)
	}
	return nil
}
