// Package profiles is everybody whose data is read: whose tokens the state directory
// has, and for each of them what belongs to a profile of package exporter - its
// token, its account at Withings, its state file and its place in InfluxDB. A
// profile whose files are damaged is noted and starts over; it keeps no other from
// being served.
package profiles
