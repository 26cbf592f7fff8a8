package envelope

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"withings-exporter/exporter/redact"
)

// The outcomes of a request, the label status of withings_api_requests_total. The
// others are numbers: the status of the envelope, "0" for success, and HTTPPrefix
// with a status of HTTP where the answer is not one of the API.
const (
	HTTPPrefix = "http_"
	TimedOut   = "timeout"   // no answer in time
	Network    = "network"   // no connection, or one that broke off
	NotJSON    = "not_json"  // an answer that is not JSON of Withings
	TooLarge   = "too_large" // an answer larger than any of Withings
	Cancelled  = "cancelled" // the program stopped waiting, as at its end
)

// Outcomes lists the words an outcome may be or begin with.
func Outcomes() []string {
	return []string{HTTPPrefix, TimedOut, Network, NotJSON, TooLarge, Cancelled}
}

// Outcome is what became of a request, by the error of [Request.Send].
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

// Limited reports whether an outcome is the rate limit. HTTP status 429 has never
// been seen from Withings; if it comes it means what 601 means.
func Limited(outcome string) bool { return outcome == "601" || outcome == HTTPPrefix+"429" }

// Error is an answer without a body to use: its status is not 0, or it is not an
// answer of Withings at all.
type Error struct {
	// Action is what was asked for, as in "getmeas".
	Action string
	// Status is the number Withings answered with; 0 if the answer has none.
	Status int
	// Text is Withings' own explanation, which may be empty, or what is wrong
	// with an answer that has no status.
	Text string

	advice  string // what to do about an answer without a status
	outcome string // of such an answer
	http    int    // its HTTP status, if that is what is wrong with it
}

// Error is one line naming the action, the status, its family and, if there
// is one, Withings' text as redact.Text leaves it. Whoever knows the secrets of the
// request takes them out of Text before.
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

// Hint is what to do about it; empty where nobody knows.
func (e *Error) Hint() string { return e.advice }

// Class is the family of the status; Unknown if there is none.
func (e *Error) Class() Class {
	if e.Status == 0 {
		return Unknown
	}
	return Classify(e.Status)
}

// httpClasses are the HTTP statuses that say the same as a family of the API.
// A missing scope is reported to be answered with 403.
var httpClasses = map[int]Class{401: AuthFailed, 403: Unauthorized, 429: TooManyRequests}

// Meaning is Class or, of an answer without a status, the family that its HTTP
// status belongs to. A proxy may have sent that: nothing should be given up for it.
func (e *Error) Meaning() Class {
	if class, known := httpClasses[e.http]; known {
		return class
	}
	return e.Class()
}

// Transient reports whether the same request may succeed a little later. Like that
// of Class, it is false for the rate limit.
func (e *Error) Transient() bool {
	if e.Status == 0 {
		return e.http >= 500 || e.http == 408 || e.outcome == NotJSON
	}
	return e.Class().Transient()
}

// httpError is an answer that has a status of HTTP only; where a redirect leads to
// must be fit to be shown.
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
