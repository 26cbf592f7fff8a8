package envelope

import "slices"

// Class is a family of statuses. It is all that Withings documents about a failure,
// and all that a client needs to decide what to do next.
type Class int

// The families of Withings' "response status" page, and Unknown for numbers
// that are not on it.
const (
	// Unknown is a status Withings does not list; it is worth a retry.
	Unknown Class = iota
	// OK is success: the body counts.
	OK
	// AuthFailed means the access token is expired, revoked or wrong. On a
	// data call one refresh may help; on a refresh a person has to authorise again.
	AuthFailed
	// Unauthorized means the token is valid but does not allow this.
	Unauthorized
	// InvalidParams is a mistake in the request. It includes 503, which is
	// not "service unavailable" but also how a bad code or refresh token is refused.
	InvalidParams
	// TooManyRequests is the rate limit of the application, for all its users.
	TooManyRequests
	// Timeout is a time limit inside Withings' cloud.
	Timeout
	// BadState is a temporary inconsistency inside Withings' cloud.
	BadState
	// NotImplemented is an action Withings does not know.
	NotImplemented
	// ErrorOccurred is the large family of failures inside Withings' cloud.
	ErrorOccurred
)

var classNames = [...]string{
	Unknown:         "unknown status",
	OK:              "ok",
	AuthFailed:      "authentication failed",
	Unauthorized:    "unauthorized",
	InvalidParams:   "invalid params",
	TooManyRequests: "too many requests",
	Timeout:         "timeout",
	BadState:        "bad state",
	NotImplemented:  "not implemented",
	ErrorOccurred:   "an error occurred",
}

// String is the name of the class in lower case, as in "too many requests".
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return classNames[Unknown]
	}
	return classNames[c]
}

// Transient reports whether the same request may succeed a little later without any
// change. It is false for the rate limit, after which the whole application has to
// pause.
func (c Class) Transient() bool {
	return c == Timeout || c == BadState || c == ErrorOccurred || c == Unknown
}

// Classify returns the family of a status. Numbers that Withings does not list are
// Unknown.
func Classify(status int) Class {
	for class, spans := range ranges {
		if slices.ContainsFunc(spans, func(s span) bool { return s[0] <= status && status <= s[1] }) {
			return class
		}
	}
	return Unknown
}
