package auth

import (
	"errors"
	"fmt"

	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
)

// once is what to do about a code that Withings rejects.
const once = "a code is good for 30 seconds and once, so authorise again"

// exchangeError adds to a failed exchange what to do about it. Withings answers most
// mistakes with the same status, so they are told apart by its text; if that does not
// help, the advice names all that may be wrong.
func exchangeError(err error) error {
	var told *envelope.Error
	if !errors.As(err, &told) || errors.Is(err, ErrApplicationRefused) { // which says what to do
		return fmt.Errorf("exchange the code: %w", err)
	}
	advice := ""
	switch class := told.Class(); {
	case class == envelope.AuthFailed, class == envelope.Unauthorized:
		advice = "check the client id and the client secret, then authorise again"
	case class != envelope.InvalidParams:
	case names(err, "client", "secret", "signature", "nonce"):
		advice = "check the client id, the client secret and that both are of one application, then authorise again"
	case names(err, "redirect"):
		advice = "register the redirect URL with Withings exactly as it is configured, then authorise again"
	case names(err, "code"):
		return hint.Wrap(fmt.Errorf("exchange the code: %w: %w", ErrCodeRefused, err), once)
	default:
		advice = once + "; if that fails too, check the client id, the client secret and that the redirect URL is registered"
	}
	return hint.Wrap(fmt.Errorf("exchange the code: %w", err), advice)
}
