package withings

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
)

// answerError says why something came back that is no answer of the API.
type answerError struct {
	label     string // one of a small set, fit for the status label of a metric
	text      string
	class     envelope.Class // what the HTTP status means, where the API has a family for it; else Unknown
	transient bool
}

func (e *answerError) Error() string { return e.text }

// httpClasses are the HTTP statuses that say the same as a family of the API.
// A missing scope is reported to be answered with 403.
var httpClasses = map[int]envelope.Class{
	401: envelope.AuthFailed,
	403: envelope.Unauthorized,
	429: envelope.TooManyRequests,
}

// httpError is an answer with a status other than 200; where a redirect leads to
// must be fit to be shown.
func httpError(status int, location string) *answerError {
	e := &answerError{
		label:     "http_" + strconv.Itoa(status),
		class:     httpClasses[status],
		transient: status >= 500 || status == 408,
	}
	switch {
	case e.class != envelope.Unknown:
		e.text = fmt.Sprintf("HTTP status %d (%s)", status, e.class)
	case e.transient:
		e.text = fmt.Sprintf("HTTP status %d, which is a fault of Withings or of a proxy in between", status)
	case status >= 300 && status < 400 && location != "":
		e.text = fmt.Sprintf("HTTP status %d, a redirect to %s; check --api.url and any proxy in between", status, location)
	case status >= 300 && status < 400:
		e.text = fmt.Sprintf("HTTP status %d, a redirect; check --api.url and any proxy in between", status)
	default:
		e.text = fmt.Sprintf("HTTP status %d; check --api.url and any proxy in between", status)
	}
	return e
}

func notJSON(detail string) *answerError {
	return &answerError{label: "not_json", transient: true,
		text: "the answer is not JSON of Withings (" + detail + "); check --api.url and any proxy in between"}
}

// tokenError is a failure to get a token. No retry of the data call helps,
// and a status inside it tells of the token request, not of the data call.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// label names the outcome of a data call for a metric.
func label(err error) string {
	var answer *answerError
	var status *envelope.Error
	var timeout net.Error
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &status):
		return strconv.Itoa(status.Status)
	case errors.As(err, &answer):
		return answer.label
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return timedOut
	}
	return "network"
}

// timedOut is the label of a request that was not answered in time.
const timedOut = "timeout"

// unanswered reports whether a request failed without an answer of anybody.
func unanswered(err error) bool {
	var failed *reach.Error
	return errors.As(err, &failed)
}

// transient reports whether the same request may succeed a little later.
func transient(err error) bool {
	var token *tokenError
	var answer *answerError
	var status *envelope.Error
	switch {
	case errors.As(err, &token):
		return false
	case errors.As(err, &status):
		return status.Class().Transient()
	case errors.As(err, &answer):
		return answer.transient
	}
	return err != nil
}

// hasClass reports whether Withings refused a data call for a reason of the class.
func hasClass(err error, class envelope.Class) bool {
	var token *tokenError
	var answer *answerError
	var status *envelope.Error
	switch {
	case errors.As(err, &token):
		return false
	case errors.As(err, &status):
		return status.Class() == class
	case errors.As(err, &answer):
		return answer.class == class && class != envelope.Unknown
	}
	return false
}

// advised adds what the operator can do to a failure that will not pass.
func advised(service exporter.Service, profile string, err error) error {
	switch {
	case hasClass(err, envelope.AuthFailed):
		return &kind{fmt.Errorf("%w: Withings refuses the token for this service; if this lasts, run: %s",
			err, shell.Auth(profile)), []error{exporter.ErrTokenRefused}}
	case hasClass(err, envelope.Unauthorized):
		return &kind{fmt.Errorf("%w: this data is not allowed; to allow it run: %s",
			err, shell.Auth(profile)), []error{exporter.ErrNotAllowed, exporter.ErrNeedsPerson}}
	case hasClass(err, envelope.InvalidParams), hasClass(err, envelope.NotImplemented):
		return &kind{fmt.Errorf("%w: Withings does not take this request for %s; please report it", err, service), []error{exporter.ErrNeedsPerson}}
	}
	if answer := (*answerError)(nil); errors.As(err, &answer) && !answer.transient && !errors.Is(err, exporter.ErrNotAuthorized) {
		return &kind{err, []error{exporter.ErrNeedsPerson}}
	}
	return err
}

// kind is an error of certain kinds: one that lasts until somebody does something
// is exporter.ErrNeedsPerson, for example.
type kind struct {
	error
	of []error
}

func (e *kind) Unwrap() error        { return e.error }
func (e *kind) Is(target error) bool { return slices.Contains(e.of, target) }
