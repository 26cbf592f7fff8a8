// Package withings reads the Withings public API: it asks, pages, keeps within
// the rate limit, and turns answers into readings of the catalogue.
//
// The API answers HTTP 200 to nearly everything; what counts is the status in
// the envelope. It is written in PHP and shows it: maps arrive as [], numbers
// as text, null or false, ids as either. Everything here is decoded field by
// field, so that one odd record is skipped and counted and the rest counts. When
// more than half of the rows cannot be read, or there is no body, the service has
// failed: that no error came is no sign that anything was read.
package withings
