package boards

import (
	"math"
	"slices"
	"testing"
	"time"
)

// singleCase is a question with one number for an answer; no number is NaN.
type singleCase struct {
	query string
	want  float64
}

// TestInfluxDBKnowsHowThingsAreNow puts each question with one answer to servers.
func TestInfluxDBKnowsHowThingsAreNow(t *testing.T) {
	servers(t, func(t *testing.T, s influx) {
		for i, zone := range zones {
			p := newPast(t, string(rune('A'+i)), zone, "2026-08-20")
			s.write(t, p)
			t.Run(zone, func(t *testing.T) {
				for name, c := range p.singleCases(influxQL{}) {
					t.Run(name, func(t *testing.T) {
						got := math.NaN()
						p.each(t, s.ask(p.filled(t, c.query)), func(_ time.Time, value float64) {
							if !math.IsNaN(got) {
								t.Errorf("two answers")
							}
							got = value
						})
						if math.IsNaN(got) != math.IsNaN(c.want) || math.Abs(got-c.want) > 1e-6*max(1, math.Abs(c.want)) {
							t.Errorf("%v, want %v", got, c.want)
						}
					})
				}
			})
		}
	})
}

func (p *past) singleCases(q language) map[string]singleCase {
	row := func(name string) series { return series{row: mustRow(name)} }
	value := func(of func(int) (float64, bool), day int) float64 { v, _ := of(day); return v }
	week := func(of func(int) (float64, bool), day int) float64 { return value(over(of, 7, true), day) }
	fortnight := func(of func(int) (float64, bool), day int) float64 { return value(over(of, 14, true), day) }
	rate := (fortnight(grams, 0) - fortnight(grams, -28)) / 28
	all := map[string]singleCase{
		"weight":            {q.latest(row(weight)), value(grams, 0)},
		"weight weighed at": {q.age(mustRow(weight)), float64(p.at(0, 7, 0).UnixMilli())},
		"score":             {q.latest(row("sleep_score")), 70},
		"slept until":       {q.age(mustRow("sleep_score")), float64(p.at(0, 7, 0).UnixMilli())},
		"steps":             {q.latest(row("activity_steps")), 700},
		"steps today":       {q.today(row("activity_steps")), 700},
		"goal":              {q.constant(row("goal_weight_grams")), 70500},
		"BMI":               {q.bmi(), value(grams, 0) / 1000 / 1.8 / 1.8},
		"change of weight":  {q.moved(row(weight)), week(grams, 0) - week(grams, -shownDays)},
		"change of steps":   {q.moved(row("activity_steps")), week(steps, -1) - week(steps, -shownDays)},
		"change of nights":  {q.moved(row("sleep_total_seconds")), week(slept, 0) - week(slept, -shownDays)},
		"rate of nights":    {q.rate(row("sleep_total_seconds")), (fortnight(slept, 0) - fortnight(slept, -28)) / 28},
		"rate of weight":    {q.rate(row(weight)), rate},
		"rate of steps":     {q.rate(row("activity_steps")), (fortnight(steps, -1) - fortnight(steps, -29)) / 28},
		"forecast":          {q.forecast(row(weight), row("objective_weight_grams")), float64(p.now.UnixMilli()) + (81000-fortnight(grams, 0))/rate*86400000},
		"nothing to expect": {q.forecast(row(weight), row("goal_weight_grams")), math.NaN()},
	}
	for name, where := range map[string]readings{
		"": {}, ", a week": {days: 7}, ", mornings": {part: morning}, ", evenings": {part: evening},
		", mornings of a week": {days: 7, part: morning}, ", evenings of a week": {days: 7, part: evening}, ", this morning": {days: 1, part: morning}, ", this evening": {days: 1, part: evening},
	} {
		found := p.found(where)
		for statistic, of := range map[statistic]func([]float64) float64{averageOf: mean, countOf: count, highestOf: slices.Max[[]float64], lowestOf: slices.Min[[]float64], deviationOf: deviation} {
			want := math.NaN()
			if len(found) > 1 || len(found) == 1 && statistic != deviationOf {
				want = of(found)
			}
			all[string(statistic)+name] = singleCase{q.readings(statistic, row(systolic), where), want}
		}
		high := 0.0
		for _, value := range found {
			if value >= 126 {
				high++
			}
		}
		if len(found) == 0 {
			high = math.NaN()
		}
		all["class"+name] = singleCase{q.classified(class{systolic: 126, diastolic: 80}, where), high}
	}
	return all
}

// found are the readings that count.
func (p *past) found(where readings) []float64 {
	var all []float64
	for day := -shownDays; day <= 0; day++ {
		mornings, evenings := pressuresOf(day)
		switch {
		case where.days > 0 && day <= -where.days:
			continue
		case where.days == 0 && day == -shownDays: // what is shown begins at half past twelve
			mornings, evenings = nil, evenings[min(1, len(evenings)):]
		}
		if where.part != evening {
			all = append(all, mornings...)
		}
		if where.part != morning {
			all = append(all, evenings...)
		}
	}
	return all
}

func count(all []float64) float64 { return float64(len(all)) }

func mean(all []float64) float64 {
	sum := 0.0
	for _, value := range all {
		sum += value
	}
	return sum / count(all)
}

func deviation(all []float64) float64 {
	squares, middle := 0.0, mean(all)
	for _, value := range all {
		squares += (value - middle) * (value - middle)
	}
	return math.Sqrt(squares / (count(all) - 1))
}
