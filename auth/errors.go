package auth

import (
	"errors"
	"fmt"
	"strings"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

var (
	// ErrNeedsAuthorization means that only a person can help: the error around it says
	// why and names the command to run.
	ErrNeedsAuthorization = errors.New("authorisation needed")
	// ErrDamaged means the content of a token file cannot be read.
	ErrDamaged = errors.New("token file is damaged")
	// ErrRestored means that a damaged token file was replaced by the token in memory: nothing is left to do.
	ErrRestored = errors.New("the token was restored")
	// ErrOtherApplication means a token file belongs to another client id than
	// the configured one.
	ErrOtherApplication = errors.New("token belongs to another application")
	// ErrForeign means a token file is of another profile or of a newer
	// version of this program.
	ErrForeign = errors.New("token file cannot be used")
	// ErrUnsaved means that a new token could not be saved. It is tried again every few
	// seconds; until then the old one is used while it is valid.
	ErrUnsaved = errors.New("cannot save the new token")
	// ErrRefused means the person did not allow the application on Withings' page.
	ErrRefused = errors.New("not allowed")
	// ErrWrongState means something came back that does not belong to this sign-in.
	ErrWrongState = errors.New("answer to another sign-in")
	// ErrCodeRefused means a code was used before or is older than 30 seconds.
	ErrCodeRefused = errors.New("code refused")
	// ErrApplicationRefused means Withings rejects the application: its client id, its
	// client secret or both.
	ErrApplicationRefused = errors.New("client id or client secret is wrong")
)

// needsAuthorization is an ErrNeedsAuthorization with profile and reason.
type needsAuthorization struct {
	profile string
	reason  string
	cause   error // may be nil
}

func (e *needsAuthorization) Error() string {
	return fmt.Sprintf("profile %q: %s; %s", e.profile, e.why(), e.Hint())
}

func (e *needsAuthorization) why() string {
	switch {
	case e.cause == nil:
		return e.reason
	case errors.Is(e.cause, ErrOtherApplication): // whose advice is that of Hint; the file is not what is wrong
		_, which, _ := strings.Cut(hint.Text(e.cause), ErrOtherApplication.Error())
		return e.reason + which
	}
	return e.reason + ": " + e.cause.Error()
}

// Hint is the command to run. Without --force, auth keeps the token of another application.
func (e *needsAuthorization) Hint() string {
	if errors.Is(e.cause, ErrOtherApplication) {
		return otherApplicationAdvice(e.profile)
	}
	return "run: " + shell.Auth(e.profile)
}

// ClientIDOfBefore is what to do if a token belongs to another application, unless the new one is meant.
const ClientIDOfBefore = "give the client id of before"

// otherApplicationAdvice is both ways on.
func otherApplicationAdvice(profile string) string {
	return ClientIDOfBefore + ", or run: " + shell.Reauth(profile)
}

func (e *needsAuthorization) Is(target error) bool { return target == ErrNeedsAuthorization }

func (e *needsAuthorization) Unwrap() error { return e.cause }

// isRefusal reports whether a refresh failed because Withings rejects what it was sent:
// 503 "Invalid Params", or the family of failed authentication. On a refresh both mean
// the same, and neither is an outage. Most often it is the refresh token; see blame.
func isRefusal(err error) bool {
	var told *envelope.Error
	return !errors.Is(err, ErrApplicationRefused) && errors.As(err, &told) && (told.Status == 503 || told.Class() == envelope.AuthFailed)
}

// hasClass reports whether Withings answered with a status of this family.
func hasClass(err error, class envelope.Class) bool {
	var told *envelope.Error
	return errors.As(err, &told) && told.Class() == class
}
