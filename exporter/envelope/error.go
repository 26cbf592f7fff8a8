package envelope

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"withings-exporter/exporter/redact"
)

// Outcomes of a request, the label status of withings_api_requests_total. The other
// outcomes are the status of the envelope, "0" for success, and HTTPPrefix with an
// HTTP status if the answer is not from the API.
const (
	HTTPPrefix = "http_"
	TimedOut   = "timeout"   // no answer in time
	Network    = "network"   // no connection, or one that broke off
	NotJSON    = "not_json"  // an answer that is not JSON from Withings
	TooLarge   = "too_large" // an answer larger than any from Withings
	Cancelled  = "cancelled" // the program stopped waiting, for example at its end
)

// Outcomes lists the words that an outcome may be or start with.
func Outcomes() []string {
	return []string{HTTPPrefix, TimedOut, Network, NotJSON, TooLarge, Cancelled}
}

// Outcome returns the outcome of a request from the error of [Request.Send].
func Outcome(err error) string {
	var told *Error
	var slow net.Error
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &told) && told.Status != 0:
		return strconv.Itoa(told.Status)
	case told != nil:
		return told.outcome
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return TimedOut
	case errors.Is(err, context.Canceled):
		return Cancelled
	}
	return Network
}

// Limited reports whether an outcome is the rate limit. HTTP status 429, which has
// never been seen from Withings, means the same as 601.
func Limited(outcome string) bool { return outcome == "601" || outcome == HTTPPrefix+"429" }

// Error is an answer without a usable body: its status is not 0, or it is not from
// Withings.
type Error struct {
	// Action is the requested action, such as "getmeas".
	Action string
	// Status is the number Withings answered with; 0 if the answer has none.
	Status int
	// Text is Withings' own explanation, which may be empty. For an answer without a
	// status it says what is wrong.
	Text string

	advice  string // what to do about an answer without a status
	outcome string // of an answer without a status
	http    int    // its HTTP status, if that is what is wrong with it
}

// Error returns one line with the action, the status, its family and Withings' text,
// if any, through redact.Text. The secrets of the request must have been removed from
// Text before.
func (e *Error) Error() string {
	switch {
	case e.Status == 0 && e.advice != "":
		return e.Action + ": " + e.Text + "; " + e.advice
	case e.Status == 0:
		return e.Action + ": " + e.Text
	}
	s := fmt.Sprintf("%s: status %d (%s)", e.Action, e.Status, e.Class())
	if text := redact.Text(e.Text); text != "" {
		s += ": " + text
	}
	return s
}

// Hint is what to do about it; it may be empty.
func (e *Error) Hint() string { return e.advice }

// Class returns the family of the status; Unknown if there is none.
func (e *Error) Class() Class {
	if e.Status == 0 {
		return Unknown
	}
	return Classify(e.Status)
}

// httpClasses are the HTTP statuses that mean the same as a family of the API. A
// missing scope is reported to be answered with 403.
var httpClasses = map[int]Class{401: AuthFailed, 403: Unauthorized, 429: TooManyRequests}

// Meaning is Class or, for an answer without a status, the family of its HTTP status.
// That may come from a proxy, so nothing should be given up because of it.
func (e *Error) Meaning() Class {
	if class, known := httpClasses[e.http]; known {
		return class
	}
	return e.Class()
}

// Transient reports whether the same request may succeed a little later. As for
// Class, it is false for the rate limit.
func (e *Error) Transient() bool {
	if e.Status == 0 {
		return e.http >= 500 || e.http == 408 || e.outcome == NotJSON
	}
	return e.Class().Transient()
}

// httpError returns the error for an answer that only has an HTTP status; the location
// of a redirect must be redacted.
func httpError(action string, status int, location string) *Error {
	e := &Error{Action: action, Text: fmt.Sprintf("HTTP status %d", status), outcome: HTTPPrefix + strconv.Itoa(status), http: status}
	switch class := e.Meaning(); {
	case class != Unknown:
		e.Text += " (" + class.String() + ")"
		return e
	case e.Transient():
		e.Text += ", which is a fault of Withings or of a proxy in between"
		return e
	case status >= 300 && status < 400 && location != "":
		e.Text += ", a redirect to " + location
	case status >= 300 && status < 400:
		e.Text += ", a redirect"
	}
	e.advice = checkProxy
	return e
}

const (
	checkURL   = "check --api.url"
	checkProxy = checkURL + " and any proxy in between"
)

func notJSON(action, detail string) *Error {
	return &Error{Action: action, Text: "the answer is not JSON from Withings (" + detail + ")", advice: checkProxy, outcome: NotJSON}
}

func tooLarge(action, than string) *Error {
	return &Error{Action: action, Text: "the answer " + than, advice: checkURL, outcome: TooLarge}
}
