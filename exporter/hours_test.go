package exporter

import (
	"testing"
	"time"
)

// TestHabitsAreForgottenWhateverTheClockWas: data arrived once at four in the morning, and
// from then on at eight for months. The clock was wrong for a while, by years.
func TestHabitsAreForgottenWhateverTheClockWas(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"never": 0, "ahead": 50 * 365 * 24 * time.Hour, "behind": -50 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			var h hours
			at := time.Date(2026, 1, 1, 4, 10, 0, 0, time.UTC)
			h.add(at.Add(wrong))
			for day := range 100 {
				for i := range 12 {
					h.add(time.Date(2026, 1, 2+day, 8, 5*i, 0, 0, time.UTC))
				}
			}
			quiet := h.quiet(time.Date(2026, 4, 12, 0, 0, 0, 0, time.UTC))
			if !quiet[8] || quiet[16] || quiet[17] {
				t.Errorf("four o'clock is quiet: %t; eight: %t, %t; counts are %v", quiet[8], quiet[16], quiet[17], h.Counts)
			}
			if most := uint32(weight * 12 * (weight + 1)); h.Counts[16] > most {
				t.Errorf("eight o'clock counts %d, more than weeks of it do", h.Counts[16])
			}
		})
	}
}
