package authorize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"withings-exporter/auth"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/words"
)

// revoke gives an authorisation back to Withings and removes the token file. As
// long as Withings may still honour the token the file stays, for without it
// nobody could revoke any more.
func (a *authorizer) revoke(ctx context.Context) error {
	name := a.options.Profile
	token, err := a.store.Peek()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("revoke profile %q: no token is stored for it; `withings-exporter auth --list` shows what is", name)
	case errors.Is(err, auth.ErrDamaged):
		return fmt.Errorf("revoke profile %q: %w; nothing was changed: remove the application in the Withings app instead, then delete that file", name, err)
	case err != nil:
		return fmt.Errorf("revoke profile %q: %w; nothing was changed", name, err)
	}
	how := "Withings has ended the authorisation"
	if token.UserID == "" {
		how = "the demo account belongs to nobody, so there was nothing to revoke"
	} else if err := a.cloud.App.Revoke(ctx, token); err != nil {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isOver(err):
			how = "Withings had ended the authorisation already"
		case a.options.Force:
			how = fmt.Sprintf("Withings did not confirm it (%v), remove the application in the Withings app as well", err)
		default:
			return fmt.Errorf("profile %q: %w; the token file stays as it was: try again%s", name, err, revokeAdvice(err))
		}
	}
	if err := a.store.Remove(ctx); err != nil {
		return err
	}
	words.Paragraph(a.out, "", fmt.Sprintf("Profile %q is not authorised any more: %s. Its token file is removed; its latest readings stay in the state directory.", name, how))
	return nil
}

// Statuses of revoke that mean there is nothing left to revoke: no such user,
// not a user of this application, user deactivated. From Withings' older list
// of statuses, see its page "response status".
const (
	statusNoUser      = 247
	statusNotOfApp    = 250
	statusDeactivated = 328
)

// isOver reports whether Withings refused to revoke because the authorisation
// has ended. A refused nonce does not say so: it means a wrong client secret.
func isOver(err error) bool {
	var told *envelope.Error
	if !errors.As(err, &told) || told.Action != "revoke" {
		return false
	}
	switch told.Status {
	case statusNoUser, statusNotOfApp, statusDeactivated:
		return true
	}
	unknown := told.Class() == envelope.InvalidParams && strings.Contains(strings.ToLower(told.Text), "userid")
	return unknown || told.Class() == envelope.AuthFailed
}

// revokeAdvice says what to check when Withings did not revoke.
func revokeAdvice(err error) string {
	var told *envelope.Error
	if errors.As(err, &told) && !told.Class().Transient() && told.Class() != envelope.TooManyRequests {
		return " after checking the client id and the client secret, or add --force to remove the file all the same"
	}
	return " later, or add --force to remove the file all the same"
}
