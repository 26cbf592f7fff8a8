// Package web is the exporter's face to the network: it opens the listeners,
// answers health questions, tells Prometheus where to scrape, shows people a
// page about the condition of every profile, and stops in good order.
//
// It does not know what its handlers show. The metrics handler comes ready-made,
// and the page is drawn from a [Status] which the caller takes from memory; but for
// ECGs, no request served here reaches Withings or waits for a poll.
//
// The paths are:
//
//	/            the status page: HTML for browsers, plain text for everything else
//	/metrics     the metrics handler, or wherever Options.TelemetryPath says
//	/-/healthy   200 as long as the process answers
//	/-/ready     503 until Options.Ready says true, then 200
//	/-/reload    POST reads the configuration again
//	/ecg/ID.svg  an ECG, drawn on millimetre paper
//	/sd          Prometheus HTTP service discovery: this exporter as a target
//	/notify/…    what Withings sends, see Options.Notifications
//	/favicon.ico and /favicon.svg
//
// With an external URL such as https://home.example/withings every path also
// answers below /withings, so a reverse proxy may strip that prefix or keep it. With a
// route prefix they answer below that alone; only notifications are taken in both places.
package web
