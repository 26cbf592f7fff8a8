package proof

import "slices"

// doctor is what the dashboard For the doctor must show.
func doctor(h asked) []entry {
	return []entry{
		{"Means", "Systolic", h.meansTable(upper, average)},
		{"Means", "Diastolic", h.meansTable(lower, average)},
		{"Means", "Pulse", h.meansTable(pulse, average)},
		{"Means", "Readings", h.meansTable(upper, number)},
		{"Course", "Systolic, 7-day trend", h.mean(upper, 7)},
		{"Course", "Diastolic, 7-day trend", h.mean(lower, 7)},
		{"Course", "Systolic", h.daily(upper)},
		{"Course", "Diastolic", h.daily(lower)},
		{"Range of 30 days", "Lowest", h.spreadTable(1, slices.Min[[]float64])},
		{"Range of 30 days", "Highest", h.spreadTable(1, slices.Max[[]float64])},
		{"Range of 30 days", "SD", h.spreadTable(2, deviation)},
		{"Class of 7 days", "Class", h.classed(7)},
		{"At or above 135/85", "Share", h.reaching(hypertension, 30)},
		{"Last 30 readings", "Systolic", h.lastTable(upper)},
		{"Last 30 readings", "Diastolic", h.lastTable(lower)},
		{"Last 30 readings", "Pulse", h.lastTable(pulse)},
	}
}
