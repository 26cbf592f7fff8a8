package authorize

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/words"
)

// widest is the longest name, in characters, beside which there is room for the rest of a line.
const widest = 30

// listPeople prints a table of all who are configured or have a token: who is authorised, and what to do about the others. It
// changes nothing, sends no request and shows no token. What it tells of Withings is what another command has found out.
func listPeople(s command.Settings, dir *statedir.Dir, out io.Writer) error {
	stored, err := dir.Profiles("token")
	if err != nil {
		return hint.Wrap(fmt.Errorf("list the tokens in %s: %w", dir.Path(), err), "check that the folder can be read")
	}
	used := spelling.Stored(stored)
	people, err := profiles.Spelt(dir, s.Profiles...)
	if err != nil {
		return err
	}
	configured := len(people)
	for _, name := range stored {
		if !slices.Contains(people[:configured], name) {
			people = append(people, name)
		}
	}
	if len(people) == 0 {
		if err := s.ValidateApplication(); s.Service != "" && err != nil {
			return err // somebody has one at the service
		}
		words.Paragraph(out, "", fmt.Sprintf("There is no token in %s yet, and no profile is configured. To authorise one, run: %s", dir.Path(), shell.Auth("PROFILE")))
		return nil
	}
	unsigned := slices.DeleteFunc(slices.Clone(people[:configured]), func(name string) bool { return slices.Contains(stored, name) })
	width := 0
	for _, name := range people {
		width = max(width, min(utf8.RuneCountInString(name), widest))
	}
	for i, name := range people {
		text := condition(s, auth.NewStore(dir, name, s.ClientID, s.Now), name)
		switch twice := profiles.Twice(dir, used, name); {
		case twice != "":
			text = twice
		case slices.Contains(unsigned, name):
			if meant := spelling.SameButCase(name, stored); meant != "" {
				text = fmt.Sprintf("not authorised, but %q is", meant)
			}
		case i >= configured && configured > 0:
			if like := spelling.SameButCase(name, unsigned); like != "" {
				text += "; left out, since " + profiles.Miswritten(s, like, name).Error()
			} else {
				text += fmt.Sprintf("; not configured, so it is left out: add it to %s, or run: %s", s.ProfilesPlace(), shell.Revoke(name))
			}
		}
		if utf8.RuneCountInString(name) > width {
			fmt.Fprintln(out, name)
			name = ""
		}
		words.Paragraph(out, name+strings.Repeat(" ", width+2-utf8.RuneCountInString(name)), text)
	}
	where := "Tokens are in " + dir.Path() + "."
	if len(stored) == 0 {
		where = "There is no token in " + dir.Path() + "."
	}
	words.Paragraph(out, "", where)
	return nil
}

// condition says of a token file whose it is and what to do about it.
func condition(s command.Settings, store *auth.Store, name string) string {
	token, err := store.Peek()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if at := store.Withdrawn(); !at.IsZero() {
			return auth.WithdrawnWhen(at) + "; to read the data again, run: " + shell.Auth(name)
		}
		return "not authorised yet; run: " + shell.Auth(name)
	case errors.Is(err, auth.ErrDamaged):
		return err.Error() + "; run: " + shell.Auth(name)
	case err != nil && (s.ClientID != "" || !errors.Is(err, auth.ErrOtherApplication)):
		return err.Error()
	}
	if at, why := store.Ended(); !at.IsZero() {
		return fmt.Sprintf("%s, as Withings said on %s; run: %s", why, moment(at), shell.Auth(name))
	}
	text := "authorised: " + account(token.UserID)
	if !token.Issued.IsZero() {
		text += ", token of " + moment(token.Issued)
	}
	if missing := token.Missing(); len(missing) > 0 {
		text += fmt.Sprintf("; not allowed: %s: to allow it, run: %s", strings.Join(missing, ", "), shell.Auth(name))
	}
	return text
}
