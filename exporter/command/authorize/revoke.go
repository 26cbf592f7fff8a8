package authorize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/words"
)

// revoke ends an authorisation at Withings and removes the token file. As long as
// Withings may still accept the token the file stays, since revoking needs it.
func (a *authorizer) revoke(ctx context.Context) error {
	name := a.options.Profile
	token, err := a.store.Peek()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		lacks := "it has no token"
		if at := a.store.Withdrawn(); !at.IsZero() {
			lacks += ": the authorisation was " + auth.WithdrawnWhen(at)
		}
		return hint.Wrap(fmt.Errorf("revoke profile %q: %s", name, lacks), a.whoHas(name))
	case errors.Is(err, auth.ErrDamaged):
		return hint.Wrap(fmt.Errorf("revoke profile %q: nothing was changed: %w", name, err),
			"remove the application in the Withings app instead, then delete that file")
	case err != nil:
		return fmt.Errorf("revoke profile %q: nothing was changed: %w", name, err)
	}
	a.endNotifications(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	how := "Withings has ended the authorisation"
	if token.UserID == "" {
		how = "Withings' demo account needs no revoking"
	} else if err := a.cloud.App.Revoke(ctx, token); err != nil {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isOver(err):
			how = "Withings had already ended the authorisation"
		case a.options.Force:
			how = fmt.Sprintf("Withings did not confirm it (%s), so remove the application in the Withings app as well", hint.Text(err))
		default:
			return hint.Wrap(fmt.Errorf("profile %q: %w; the token file was kept", name, err), revokeAdvice(err))
		}
	}
	if err := errors.Join(a.store.Withdraw(ctx), a.secret().Remove(ctx)); err != nil {
		return err
	}
	words.Paragraph(a.out, "", fmt.Sprintf("Profile %q is no longer authorised: %s. Its token file was deleted; its latest readings stay in the state directory.", name, how))
	for i, step := range a.afterRevoking(ctx) {
		indent := "      "
		if i == 0 {
			indent = "Next: "
		}
		words.Paragraph(a.out, indent, step)
	}
	return nil
}

// whoHas is advice on a name that has no token: who has one, and whom a name that nobody knows is like.
func (a *authorizer) whoHas(name string) string {
	list := shell.Run("auth --list") // which says what is wrong with the folder, too
	if have, err := a.dir.Profiles("token"); err == nil && !slices.Contains(a.settings.Profiles, name) && a.store.Withdrawn().IsZero() {
		if near := config.Nearest(name, have); near != "" {
			return fmt.Sprintf("did you mean %q? To see who is authorised, %s", near, list)
		}
	}
	return "to see who is authorised, " + list
}

// afterRevoking is what may be done once a profile has no token, each a paragraph.
func (a *authorizer) afterRevoking(ctx context.Context) []string {
	name := a.options.Profile
	leave := shell.Restart() + ", so that it no longer shows this profile."
	if slices.Contains(a.settings.Profiles, name) {
		leave = fmt.Sprintf("remove %q from %s; if serve is running, then run: %s", name, a.settings.ProfilesPlace(), a.reload(ctx))
	}
	return []string{
		leave,
		fmt.Sprintf("To forget this person, then run: %s; Prometheus and InfluxDB keep what they have, and the page forget.md of the documentation says how to delete it.", shell.Delete(a.dir.Files(name))),
		"To read the data again, run: " + shell.Auth(name),
	}
}

// notifyTime is how long ending the notifications may take: a second for each of over ten categories, and the answers.
const notifyTime = time.Minute

// endNotifications ends the subscriptions of the profile. Withings does so, too, when it ends the authorisation; so a failure is
// told and stops nothing.
func (a *authorizer) endNotifications(ctx context.Context) {
	secret := a.secret().Peek()
	if secret == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTime)
	defer cancel()
	name := a.options.Profile
	a.say("Ending the notifications of profile %q, one a second.", name)
	account := a.cloud.Client.Account(name, auth.NewSource(a.cloud.App, a.store, name))
	if _, err := notify.End(ctx, account, secret, a.settings.Wait); err != nil {
		a.say("Not all notifications of profile %q were ended: %s.", name, hint.Text(err))
	}
}

// secret is the file with the profile's secret address for notifications.
func (a *authorizer) secret() notify.File {
	return notify.File{Dir: a.dir, Profile: a.options.Profile, Now: a.settings.Now}
}

// Statuses that mean there is nothing left to revoke: no such user, not a user of
// this application, user deactivated. They are from Withings' older list, see its
// page "response status".
const (
	statusNoUser      = 247
	statusNotOfApp    = 250
	statusDeactivated = 328
)

// isOver reports whether Withings refused to revoke because the authorisation
// has already ended. A refused nonce is not that: it means a wrong client secret.
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
	if errors.Is(err, auth.ErrApplicationRefused) { // which says what to check
		return "or add --force to delete the file anyway"
	}
	if errors.As(err, &told) && !told.Class().Transient() && told.Class() != envelope.TooManyRequests {
		return "check client id and client secret, or add --force to delete the file anyway"
	}
	return "try again later, or add --force to delete the file anyway"
}
