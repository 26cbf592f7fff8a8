// Package soak plays days and weeks of many simulated people within minutes: the real poller, client and rate
// limit before a simulated Withings, in a synctest bubble and without any network. What it finds out is what the exporter
// costs Withings, and how soon a reading is shown.
//
//	result := soak.Run(t, soak.Plan{People: 6, Days: 3, Switches: soak.Real()})
//	t.Log(result)                              // a table
//	result.Requests["device"]                  // per person and day
//	result.Fresh["sleep"].Within(15*time.Minute) // share
//	result.Sent().Worst                        // of all that devices sent
//	result.Conditions["Anna"]                  // what the status page would show at the end
//
// Time is false, so the figures do not depend on the machine; they differ a little from run to run, since polls are spread by
// chance. A plan begins with a warm-up, in which everybody is polled once and the past is read; it does not count. Nor do
// the days that Plan.Before lets pass, in which what the exporter learns of an account settles.
//
// A reading is a version of a row that the simulated Withings has: a weigh-in, a night, and a day's totals and newest sample
// with every synchronisation. Only the simulator says when it can be read; it shares no code with the
// exporter. It is shown when the state has taken in that version or a later one, which a scrape would show from then on. At
// the end, what the states show is compared with what the simulator has, so that a reading that was taken in is also shown.
package soak
