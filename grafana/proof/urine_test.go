package proof

// urineTests are two a week, on some days two, often without anything found. The last
// is of this morning.
func (h *history) urineTests() {
	for back := 98; back >= 0; back-- {
		if back%7 != 0 && back%7 != 4 {
			continue
		}
		h.urineTest(back, 6, 45)
		if back%21 == 4 {
			h.urineTest(back, 21, 15)
		}
	}
}

func (h *history) urineTest(back, hour, minute int) {
	n := back*24 + hour
	some := func(span int, by float64) float64 { return float64(max(0, n%span-span/2)) / by } // mostly 0
	h.measured(h.day(-back, hour, minute),
		value{row: "urine_ph", number: float64(45+n%36) / 10},
		value{row: "urine_specific_gravity", number: float64(1003+n%29) / 1000},
		value{row: "urine_nitrites_micromoles_per_liter", number: some(11, 1)},
		value{row: "urine_ketones_millimoles_per_liter", number: some(7, 2)},
		value{row: "urine_vitamin_c_millimoles_per_liter", number: some(5, 10)},
		value{row: "urine_calcium_millimoles_per_liter", number: float64(10+n%61) / 10},
		value{row: "urine_creatinine_millimoles_per_liter", number: float64(30+n%130) / 10},
		value{row: "urine_calcium_creatinine_ratio", number: float64(5+n%120) / 100})
}

// urine are the values of urine tests on the dashboard Body.
func urine(h asked) []entry {
	var all []entry
	for title, row := range map[string]string{
		"pH": "urine_ph", "Specific gravity": "urine_specific_gravity", "Ketones": "urine_ketones_millimoles_per_liter",
		"Nitrites": "urine_nitrites_micromoles_per_liter", "Vitamin C": "urine_vitamin_c_millimoles_per_liter",
		"Calcium": "urine_calcium_millimoles_per_liter", "Creatinine": "urine_creatinine_millimoles_per_liter",
		"Calcium to creatinine": "urine_calcium_creatinine_ratio",
	} {
		all = append(all, entry{title, "Test", h.daily(row)}, entry{title, "30-day mean", h.mean(row, 30)})
	}
	return all
}
