package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// sleep is one bar for each night, and what happened in it.
func (b build) sleep() board {
	const needs = needsNight
	inBed := days(panel{title: "Time in bed", w: 12, h: 8, needs: needs,
		about: "Time in bed and asleep, the mean of a week, and the goal for the time asleep.",
		asks:  []ask{b.measured("In bed", "sleep_time_in_bed_seconds").paint(awakeColor).as(line), b.measured("Asleep", "sleep_total_seconds").paint(deepColor).as(line), b.average("Asleep, 7-day mean", "sleep_total_seconds", 7).paint(meanColor).as(bold)}})
	return board{
		slug: "sleep", title: "Sleep", from: "now-60d", refresh: "15m", whose: []string{nightEnd},
		about: "Stages, score, regularity, heart rate and breathing of each night.",
		rows: []row{
			{title: "Nights · $profile", whose: []string{nightEnd}, panels: []panel{
				linked(sized(18, 11, b.stages("Nights", needs)), "This night, minute by minute", b.around("minutes")),
				dial(panel{title: "Last score", w: 6, h: 6, needs: needs, min: new(0.0), max: new(100.0),
					about: "Withings' score of the night, 0 to 100.", thresholds: bands(bad, from(50, warning), from(75, good)),
					asks: []ask{b.newest("Score", "sleep_score")}}),
				tile(panel{title: "Efficiency", w: 6, h: 5, needs: needs, under: true, about: "Time asleep as a share of time in bed, last night.",
					thresholds: bands(bad, from(0.75, warning), from(0.85, good)), asks: []ask{b.newest("Efficiency", "sleep_efficiency_ratio")}}),
				sized(16, 10, b.bedtimes(needs)),
				sized(8, 6, b.nightsByWeekday(needs)),
				under(sized(8, 4, b.indebted())),
				days(panel{title: "Score", w: 12, h: 8, needs: needs, about: "Withings' score of each night. " + aboutMeans,
					asks: []ask{b.measured("Night", "sleep_score").paint(purple), b.average("7-day mean", "sleep_score", 7).paint(purple).as(bold)}}),
				b.goalLine(inBed, "goal_sleep_seconds"),
				days(panel{title: "Regularity", w: 12, h: 8, needs: needs, min: new(0.0),
					about: "How far the middle of each night is from that of the night before: the smaller, the more regular. A clock change counts as one hour, once.",
					asks:  []ask{{name: "Shift", text: b.shift(minutes), look: bars, color: breathColor, series: series{row: mustRow(nightStart), scale: minutes}}}}),
				days(panel{title: "Falling asleep and waking up", w: 12, h: 8, needs: needs, min: new(0.0), about: "Time in bed before falling asleep and after waking up, and time awake in between.",
					asks: []ask{b.measured("To fall asleep", "sleep_latency_seconds").paint(blue).as(line),
						b.measured("To get up", "sleep_wakeup_latency_seconds").paint(awakeColor).as(line),
						b.measured("Awake in between", "sleep_awake_after_onset_seconds").paint(rose).as(line)}}),
			}},
			{title: "Heart and breathing · $profile", whose: []string{"sleep_heart_rate_average_beats_per_minute", "sleep_respiratory_rate_average_breaths_per_minute"}, panels: []panel{
				b.span("Heart rate", "Lowest, mean and highest heart rate of each night.", "sleep_heart_rate_%s_beats_per_minute", heartColor, needs),
				b.span("Breathing", "Lowest, mean and highest respiratory rate of each night.", "sleep_respiratory_rate_%s_breaths_per_minute", breathColor, needs),
			}},
			{title: "Night signals · $profile", whose: []string{"sleep_rmssd_start_average_seconds", "sleep_core_body_temperature_average_celsius"}, panels: []panel{
				days(panel{title: "Heart-rate variability", w: 12, h: 8, needs: "Needs a device that measures heart-rate variability", about: "RMSSD at the beginning and at the end of the night, and of the whole night where Withings provides it.",
					asks: []ask{b.measured("Beginning", "sleep_rmssd_start_average_seconds").paint(blue).as(line), b.measured("End", "sleep_rmssd_end_average_seconds").paint(brown).as(line),
						b.measured("Night", "sleep_rmssd_seconds").paint(purple).as(line)}}),
				days(panel{title: "Temperature", w: 12, h: 8, needs: "Needs a watch that measures temperature", about: "Core body temperature of the night, and of the skin where Withings provides it.",
					asks: []ask{b.measured("Core, mean", "sleep_core_body_temperature_average_celsius").paint(temperatureColor).as(line), b.measured("Skin", "sleep_skin_temperature_celsius").paint(sky).as(line)}}),
			}},
			{title: "Snoring and disturbances · $profile", whose: []string{"sleep_snoring_seconds", "sleep_wakeups", "sleep_naps_seconds"}, panels: []panel{
				days(panel{title: "Snoring", w: 12, h: 8, needs: "Needs a sleep mat", min: new(0.0), about: "Time snoring, or with breathing sounds, in each night.",
					asks: []ask{b.measured("Snoring", "sleep_snoring_seconds").paint(brown).as(bars), b.measured("Breathing sounds", "sleep_breathing_sounds_seconds").paint(purple)}}),
				days(panel{title: "Breathing disturbances", w: 12, h: 8, needs: "Needs a sleep mat", min: new(0.0), about: "Withings' score of breathing disturbances, and the apnea-hypopnea index where Withings provides it. Not a diagnosis.",
					asks: []ask{b.measured("Disturbances", "sleep_breathing_disturbances_intensity").paint(rose),
						b.measured("Apnea-hypopnea index", "sleep_apnea_hypopnea_index_events_per_hour").paint(purple).as(line)}}),
				days(panel{title: "Waking up and getting up", w: 12, h: 8, needs: needs, min: new(0.0), about: "How often in each night.",
					asks: []ask{b.measured("Woken up", "sleep_wakeups").paint(awakeColor).as(bars), b.measured("Out of bed", "sleep_out_of_bed").paint(rose)}}),
				days(panel{title: "Naps", w: 12, h: 8, needs: "No naps", min: new(0.0), about: "Sleep outside the night, by day.",
					asks: []ask{b.napping()}}),
			}},
			b.presence(),
			b.rest("sleep"),
		},
	}
}

// napping asks for the naps of days that have some.
func (b build) napping() ask {
	s := b.series("sleep_naps_seconds")
	return ask{series: s, name: "Naps", text: b.naps(s), color: lightColor, look: bars}
}

// stages are the bars of nights.
func (b build) stages(title, needs string) panel {
	return stacked(bars, panel{title: title, needs: needs, min: new(0.0),
		about: "Stages of each night, on the day of waking up. " + aboutLong,
		asks: []ask{
			b.bar("Deep", "sleep_deep_seconds").paint(deepColor),
			b.bar("REM", "sleep_rem_seconds").paint(remColor),
			b.bar("Light", "sleep_light_seconds").paint(lightColor),
			b.bar("Awake", "sleep_wakeup_seconds").paint(awakeColor),
		}})
}

// span is lowest, mean and highest of each night.
func (b build) span(title, about, row, color, needs string) panel {
	low, mean, high := b.measured("Lowest", spanRow(row, "min")), b.measured("Mean", spanRow(row, "average")), b.measured("Highest", spanRow(row, "max"))
	high.below = "Lowest"
	return days(panel{title: title, w: 12, h: 8, needs: needs, about: about,
		asks: []ask{low.as(line).paint(color), high.as(line).paint(color), mean.as(bold).paint(meanColor)}, colors: dashboard.FieldColorModeIdFixed})
}

// spanRow is one of three rows that differ in one word.
func spanRow(row, word string) string { return fmt.Sprintf(row, word) }
