// Package profiles is the set of profiles that are configured or have a token, and
// what belongs to each: its token, its account at Withings, its state file and its
// place in InfluxDB. A profile with damaged files is reported and starts over; it
// does not affect the others.
package profiles
