package simulator

import (
	"net/http"
	"net/url"
	"time"
)

// refusal is an answer with a status other than 0. Nearly all of them travel with HTTP 200.
type refusal struct {
	status int
	text   string
	http   int // 0 means 200
}

// The refusals whose text is recorded in the reference, and those whose text is invented there.
var (
	errInvalidToken     = &refusal{status: 401, text: "XRequestID: Not provided invalid_token: The access token provided is invalid"}
	errTooMany          = &refusal{status: 601, text: "Too Many Requests"}
	errUnknownAction    = &refusal{status: 2554, text: "Unknown action"}
	errInvalidParams    = &refusal{status: 503, text: "Invalid Params"}
	errInvalidCode      = &refusal{status: 503, text: "Invalid Params: invalid code"}
	errInvalidRefresh   = &refusal{status: 503, text: "Invalid Params: invalid refresh_token"}
	errFutureUpdate     = &refusal{status: 503, text: "Invalid Params: lastupdate is too high"}
	errCallback         = &refusal{status: 293, text: "The callback URL is either unknown or invalid"}
	errNoSubscription   = &refusal{status: 286, text: "No such subscription was found"}
	errNotRemoved       = &refusal{status: 294, text: "Subscription could not be deleted"}
	errTooQuick         = &refusal{status: 2556, text: "An error occurred"}
	errTooManyCallbacks = &refusal{status: 305, text: "Too many notifications are already set"}
	errComment          = &refusal{status: 304, text: "The comment is either absent or invalid"}
)

// invalidParam is the refusal of one named parameter.
//
//go:noinline
func invalidParam(name string) *refusal {
	return &refusal{status: 503, text: "Invalid Params: " + name}
}

// call is one API request after its parameters have been merged.
type call struct {
	service string
	action  string
	form    url.Values
	now     time.Time // simulated
	unix    int64     // now in UNIX seconds
	person  *person   // nil on calls without a bearer token
	scopes  []string  // of the token
}

// answer is what goes to the wire unless a fault changes it.
type answer struct {
	http   int
	status int
	tree   Fields // the whole envelope
}

// envelope wraps the result of a handler. An error carries an empty body object, as recorded.
func envelope(body any, refused *refusal) answer {
	if refused == nil {
		return answer{http: http.StatusOK, tree: Fields{{"status", 0}, {"body", body}}}
	}
	return answer{
		http:   orDefault(refused.http, http.StatusOK),
		status: refused.status,
		tree:   Fields{{"status", refused.status}, {"body", Fields{}}, {"error", refused.text}},
	}
}
