// Package withings reads the Withings public API: it sends requests, page by page
// and within the rate limit, and turns answers into readings of the catalogue.
//
// Nearly every answer has HTTP status 200; what counts is the status in the
// envelope. The API is written in PHP and shows it: maps arrive as [], numbers as
// text, null or false, ids as either. So everything is decoded field by field: one
// bad record is skipped and counted, and the others are used. When more than half of
// the rows cannot be read, or there is no body, the service has failed, even though
// the request succeeded.
package withings
