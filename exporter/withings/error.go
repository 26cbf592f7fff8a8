package withings

import (
	"errors"
	"fmt"
	"slices"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/shell"
)

// tokenError is a failure to get a token. Trying the data call again does not help,
// and a status in it is that of the token request, not of the data call.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// Unanswered reports whether a request failed without any answer.
func Unanswered(err error) bool {
	var failed *reach.Error
	return errors.As(err, &failed)
}

// refusal is the error that Withings sent instead of data; nil for other failures.
func refusal(err error) *envelope.Error {
	var token *tokenError
	var told *envelope.Error
	if errors.As(err, &token) || !errors.As(err, &told) {
		return nil
	}
	return told
}

// transient reports whether the same request may succeed later.
func transient(err error) bool {
	if told := refusal(err); told != nil {
		return told.Transient()
	}
	var token *tokenError
	return err != nil && !errors.As(err, &token)
}

// hasClass reports whether Withings rejected a data call with a status of the class.
func hasClass(err error, class envelope.Class) bool {
	told := refusal(err)
	return told != nil && told.Meaning() == class
}

// away reports whether nobody answers for Withings: there is no answer, or that of a proxy or of a fault.
func away(err error) bool {
	var told *envelope.Error
	return Unanswered(err) || errors.As(err, &told) && told.Status == 0 && told.Transient()
}

// advised adds a hint to a failure that will not pass, and says of all whether Withings is there.
func advised(service exporter.Service, profile string, err error) error {
	if err == nil {
		return nil
	}
	if away(err) {
		return &kind{err, []error{exporter.ErrUnreachable}}
	}
	advice := hinted(service, profile, err)
	if told := refusal(err); told != nil && told.Status != 0 {
		return &kind{advice, []error{exporter.ErrAnswered}}
	}
	return advice
}

// hinted adds what to do to a failure that will not pass.
func hinted(service exporter.Service, profile string, err error) error {
	switch {
	case hasClass(err, envelope.AuthFailed):
		return &kind{hint.Wrap(fmt.Errorf("%w: Withings rejects the token for this service", err),
			"if this lasts, run: "+shell.Auth(profile)), []error{exporter.ErrTokenRefused}}
	case hasClass(err, envelope.Unauthorized):
		return &kind{hint.Wrap(fmt.Errorf("%w: access to this data is not allowed", err),
			"to allow it, run: "+shell.Auth(profile)), []error{exporter.ErrNotAllowed, exporter.ErrNeedsPerson}}
	case hasClass(err, envelope.InvalidParams), hasClass(err, envelope.NotImplemented):
		return &kind{hint.Wrap(fmt.Errorf("%w: Withings does not accept this request for %s", err, service), "please report it"),
			[]error{exporter.ErrNeedsPerson}}
	}
	if told := refusal(err); told != nil && told.Status == 0 && !told.Transient() && !errors.Is(err, exporter.ErrNotAuthorized) {
		return &kind{err, []error{exporter.ErrNeedsPerson}}
	}
	return err
}

// kind is an error that errors.Is finds to be others as well, such as
// exporter.ErrNeedsPerson.
type kind struct {
	error
	of []error
}

func (e *kind) Unwrap() error        { return e.error }
func (e *kind) Is(target error) bool { return slices.Contains(e.of, target) }
