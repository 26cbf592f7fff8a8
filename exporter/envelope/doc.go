// Package envelope makes all calls to Withings, for sign-in and for data: it sends a
// form and unwraps the answer.
//
//	{"status": 0, "body": {…}}
//	{"status": 503, "body": {}, "error": "Invalid Params: invalid code"}
//
// The HTTP status is 200 for nearly everything, including an expired token and the
// rate limit, so the integer status is what counts. Withings documents only families
// of numbers and, on purpose, not what each number means. [Classify] returns the
// family, which decides what a client does next.
//
// [Request.Send] limits the size of the answer and the time, follows no redirects, logs
// the request and hides its secrets. [Outcome] returns the word under which a request
// is counted.
//
// The numbers are those of the "response status" page of Withings' API
// reference, https://developer.withings.com/api-reference/.
package envelope
