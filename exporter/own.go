package exporter

// OwnMetric is a metric about the exporter itself.
type OwnMetric struct {
	Name    string // without "withings_"
	Counter bool   // a counter, else a gauge
	Labels  []string
	Help    string
}

// Own lists the metrics about the exporter itself, sorted by name.
func Own() []OwnMetric { return own }

var own = []OwnMetric{
	{Name: "api_requests_total", Counter: true, Labels: []string{"service", "status"},
		Help: "Requests to Withings by outcome: the status of the envelope, 0 for success, or http_500 and the like, timeout, network, not_json, too_large, cancelled (given up by the exporter, as when it stops). Token requests have service oauth2."},
	{Name: "authorized", Labels: []string{"profile"},
		Help: "1 while the profile has a token that Withings has not rejected, else 0: run the command auth."},
	{Name: "exporter_build_info", Labels: []string{"branch", "goarch", "goos", "goversion", "revision", "tags", "version"},
		Help: "Version of the exporter, always 1."},
	{Name: "exporter_config_last_reload_success_timestamp_seconds",
		Help: "When the configuration was last read in full: at the start, or at a reload since (SIGHUP, /-/reload)."},
	{Name: "exporter_config_last_reload_successful",
		Help: "1 after the start and after each reload of the configuration that succeeded, 0 after one that did not: the configuration of before is still in use, and the log says what is wrong with the new one."},
	{Name: "influx_lag_seconds", Labels: []string{"profile"},
		Help: "How long InfluxDB has lacked something that the gauges show, at the last poll; 0 when it has everything. Absent without --influx.url."},
	{Name: "influx_points_total", Counter: true, Labels: []string{"result"},
		Help: "Points sent to InfluxDB: written (acknowledged), refused (rejected by name while the server accepts others; tried again every hour), failed (not written now; tried again later)."},
	{Name: "last_success_timestamp_seconds", Labels: []string{"profile", "service"},
		Help: "Up to when everything that Withings has of the profile and service is known: when it last answered in full, or when the last sessions of devices, where they are trusted, last said that nothing is new; absent for a service that is not read."},
	{Name: "measured_timestamp_seconds", Labels: []string{"profile", "metric"},
		Help: "When the value shown was measured. The label metric has its name without the prefix; the other labels are the same. For a day or a night in progress, when it was last added to."},
	{Name: "notifications_active", Labels: []string{"profile"},
		Help: "1 while notifications of Withings take the place of frequent polls, 0 while they are not all subscribed to or have been found missing; absent without --web.external-url."},
	{Name: "notifications_refused_total", Counter: true, Labels: []string{"reason"},
		Help: "Requests below /notify/ that were refused: unknown_path (no such secret), other_user, too_large (over 4 KiB), too_many (over 120 at once and 1 a second, per profile), malformed (also an unknown category), method. Whoever knows the secret is answered with 200 all the same, except too_large and method."},
	{Name: "notifications_total", Counter: true, Labels: []string{"profile", "category"},
		Help: "Notifications from Withings that were accepted, by Withings' number of the category, such as 1 for weight and 44 for sleep."},
	{Name: "rate_limited_total", Counter: true,
		Help: "Answers of Withings with status 601, too many requests."},
	{Name: "skipped_readings_total", Counter: true, Labels: []string{"reason"},
		Help: "Readings left out, counted each time they are read: not_available (Withings itself has no value there and sends -1, null or a heart rate of 0, which is usual, and nothing is lost), ambiguous (may be another person's), inconclusive (Withings says so), category (an objective among measurements, or the reverse), malformed (not as Withings documents it), out_of_range (more digits than a number has), future (dated after tomorrow, or a bed event after now), too_old (a bed event older than a week), unknown (of a kind without a metric; a measure is in withings_unknown_measure as it was sent), too_many (beyond the limit of unknown kinds, or of devices)."},
	{Name: "token_expiry_timestamp_seconds", Labels: []string{"profile"},
		Help: "When the access token expires; it is renewed before that."},
	{Name: "up", Labels: []string{"profile"},
		Help: "1 when every service that the person allowed was read in full when it was last asked, else 0; absent until the first poll has ended."},
}
