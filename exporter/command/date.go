package command

import "time"

// Dates is advice on a flag for a date or a moment.
const Dates = "give a date such as 2019-03-31, or a moment such as 2019-03-31T22:00:00+01:00"

// Instant reads a moment, or a date, which is its first moment in the zone.
func Instant(text string, zone *time.Location) (at time.Time, date bool, err error) {
	if at, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return at, true, nil
	}
	at, err = time.Parse(time.RFC3339, text)
	return at, false, err
}
