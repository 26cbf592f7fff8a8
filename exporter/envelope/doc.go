// Package envelope is the one way to call Withings, to sign in and for data: it
// sends a form, and takes the answer out of what Withings wraps it in.
//
//	{"status": 0, "body": {…}}
//	{"status": 503, "body": {}, "error": "Invalid Params: invalid code"}
//
// The HTTP status is 200 for nearly everything, an expired token and the rate
// limit included, so the integer status is what counts. Withings publishes
// only families of numbers and, on purpose, not what each number means; the
// family decides what a client does next, and [Classify] tells the family.
//
// [Request.Send] caps the answer and the time, follows no redirect, logs the request
// and hides its secrets; [Outcome] gives the word under which it is counted.
//
// The numbers are those of the "response status" page of Withings' API
// reference, https://developer.withings.com/api-reference/.
package envelope
