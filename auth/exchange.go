package auth

import (
	"errors"
	"fmt"
	"strings"

	"withings-exporter/exporter/envelope"
)

// exchangeFailure is a failed exchange of a code, and what to do.
type exchangeFailure struct {
	cause  error
	advice string
	late   bool // the code was the trouble, not the application
}

func (e *exchangeFailure) Error() string {
	return fmt.Sprintf("exchange the code: %v%s", e.cause, e.advice)
}

func (e *exchangeFailure) Unwrap() error { return e.cause }

func (e *exchangeFailure) Is(target error) bool { return target == ErrCodeRefused && e.late }

// exchangeError adds to a failed exchange what to do about it. Withings answers
// most mistakes with the same status, so its text has to tell them apart;
// where it does not, the advice names all that may be wrong.
func exchangeError(err error) error {
	failure := &exchangeFailure{cause: err}
	var told *envelope.Error
	if !errors.As(err, &told) {
		return failure
	}
	text := strings.ToLower(told.Text)
	names := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(text, word) {
				return true
			}
		}
		return false
	}
	switch class := told.Class(); {
	case class == envelope.AuthFailed, class == envelope.Unauthorized:
		failure.advice = "; check the client id and the client secret, then authorise again"
	case class != envelope.InvalidParams:
		return failure
	case names("client", "secret", "signature", "nonce"):
		failure.advice = "; check the client id, the client secret and that both are of one application, then authorise again"
	case names("redirect"):
		failure.advice = "; register the redirect URL with Withings exactly as it is configured, then authorise again"
	case names("code"):
		failure.late = true
		failure.advice = "; a code is good for 30 seconds and once, so authorise again"
	default:
		failure.advice = "; a code is good for 30 seconds and once, so authorise again; " +
			"if that fails too, check the client id, the client secret and that the redirect URL is registered"
	}
	return failure
}
