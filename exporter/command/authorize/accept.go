package authorize

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/statedir"
)

// accept stores a token if it belongs to the right person. Until then nothing is
// changed.
func (a *authorizer) accept(ctx context.Context, t auth.Token) error {
	if !a.options.Force {
		if err := a.rightPerson(t); err != nil {
			return err
		}
	}
	had, known := a.before()
	a.replaced = known && had != t.UserID || !a.stateIsOf(t.UserID)
	// Load sets a damaged file aside and says where it is kept.
	if _, err := a.store.Load(ctx); errors.Is(err, auth.ErrDamaged) {
		a.say("%v.", err)
	}
	return a.store.Save(ctx, t)
}

// rightPerson rejects a token of somebody who is another profile already, or of
// another person than the profile had: one login at Withings can hold a whole
// family, and its page lets one choose any of them.
func (a *authorizer) rightPerson(t auth.Token) error {
	name := a.options.Profile
	had, known := a.before()
	switch {
	case known && had == t.UserID:
		return nil
	case t.UserID != "":
		other, err := a.otherProfile(t.UserID)
		if err != nil {
			return err
		}
		if other != "" {
			return a.wrongPerson("to authorise another person as "+strconv.Quote(name), "to have the same person under both names",
				"%s, who was chosen on Withings' page, is profile %q already; nothing was changed", account(t.UserID), other)
		}
	}
	switch {
	case known:
		return a.wrongPerson("to keep "+account(had), "to give the profile to "+account(t.UserID),
			"profile %q belongs to %s, but %s was chosen; nothing was changed", name, account(had), account(t.UserID))
	case !a.stateIsOf(t.UserID):
		return a.wrongPerson("to keep those readings", "to drop them for "+account(t.UserID),
			"profile %q has readings of another person than %s, who was chosen on Withings' page; nothing was changed", name, account(t.UserID))
	}
	return nil
}

// otherPerson is the error of a sign-in for which somebody else was chosen on Withings' page than the profile is for.
type otherPerson struct {
	error
	right, meant string // to what end somebody else is chosen, or what was chosen is taken
	again, force string // the commands for them
}

func (e *otherPerson) Unwrap() error { return e.error }

// Ways are what the advice says, for a page that has room for it.
func (e *otherPerson) Ways() []auth.Way {
	return []auth.Way{
		{To: e.right + ", run this, and choose that person:", Command: e.again},
		{To: e.meant + ", run:", Command: e.force},
	}
}

// wrongPerson makes an otherPerson, with what to do.
func (a *authorizer) wrongPerson(right, meant, format string, args ...any) error {
	forced := a.options
	forced.Force = true
	again, force := a.options.command(a.options.Profile), forced.command(forced.Profile)
	advice := fmt.Sprintf("%s, choose that person when you %s; %s, run: %s", right, a.again(), meant, force)
	return &otherPerson{hint.Wrap(fmt.Errorf(format, args...), advice), right, meant, again, force}
}

// remains says what is still there of the person whom another one has replaced.
func (a *authorizer) remains() string {
	return fmt.Sprintf("What was read of the person before stays under the name %s in Prometheus and InfluxDB, mixed with what comes now. If that was the wrong person, delete it: the page forget.md of the documentation says how.",
		a.options.Profile)
}

// account names a Withings user; only the demo account has no number.
func account(user string) string {
	if user == "" {
		return "Withings' demo account"
	}
	return "Withings user " + user
}

// before is the Withings user of the profile's token, and whether it has one.
func (a *authorizer) before() (user string, known bool) {
	token, err := a.store.Peek()
	if err != nil && !errors.Is(err, auth.ErrOtherApplication) {
		return "", false
	}
	return token.UserID, true
}

// otherProfile is the name of another profile with a token of the user, if there is
// one. Files that cannot be read are ignored.
func (a *authorizer) otherProfile(user string) (string, error) {
	stored, err := a.dir.Profiles("token")
	if err != nil {
		return "", hint.Wrap(fmt.Errorf("list the stored tokens: %w", err), "check that the state directory can be read")
	}
	for _, name := range stored {
		if name == a.options.Profile {
			continue
		}
		token, err := auth.NewStore(a.dir, name, a.settings.ClientID, a.settings.Now).Peek()
		if (err == nil || errors.Is(err, auth.ErrOtherApplication)) && token.UserID == user {
			return name, nil
		}
	}
	return "", nil
}

// stateIsOf reports whether the profile's stored readings are the user's, as far as
// can be told. They outlive a token that was lost or revoked.
func (a *authorizer) stateIsOf(user string) bool {
	data, err := statedir.Read(a.dir.File(a.options.Profile, "state"), profiles.MaxState)
	if err != nil {
		return true
	}
	state := exporter.NewState(a.options.Profile, nil)
	return state.Restore(data) != nil || state.IsOf(user)
}
