package authorize

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/words"
)

// listTokens lists the stored tokens and whether they can be used. It changes
// nothing, sends no request and shows no token.
func listTokens(s command.Settings, dir *statedir.Dir, out io.Writer) error {
	stored, err := dir.Profiles("token")
	if err != nil {
		return hint.Wrap(fmt.Errorf("list the tokens in %s: %w", dir.Path(), err), "check that the folder can be read")
	}
	if len(stored) == 0 {
		words.Paragraph(out, "", fmt.Sprintf("There is no token in %s yet. To authorise a profile, run: withings-exporter auth PROFILE", dir.Path()))
		return nil
	}
	for _, name := range stored {
		store := auth.NewStore(dir, name, s.ClientID, s.Now)
		fmt.Fprintln(out, name)
		for _, row := range tokenRows(s, store) {
			words.Paragraph(out, fmt.Sprintf("  %-15s", row[0]), row[1])
		}
	}
	return nil
}

// tokenRows describes one token file.
func tokenRows(s command.Settings, store *auth.Store) [][2]string {
	token, err := store.Peek()
	foreign := errors.Is(err, auth.ErrOtherApplication)
	if err != nil && !foreign {
		return [][2]string{{"Unusable:", err.Error()}}
	}
	rows := [][2]string{{"Account:", account(token.UserID)}}
	switch {
	case foreign && s.ClientID != "":
		rows = append(rows, [2]string{"Unusable:", err.Error()})
	case token.ValidAt(s.Now()):
		rows = append(rows, [2]string{"Access token:", "valid until " + moment(token.Expiry) + ", renewed before that"})
	default:
		rows = append(rows, [2]string{"Access token:", "expired " + moment(token.Expiry) + ", renewed when needed"})
	}
	if missing := token.Missing(); len(missing) > 0 {
		rows = append(rows, [2]string{"Not allowed:", strings.Join(missing, ", ")})
	}
	return append(rows, [2]string{"File:", store.Path()})
}
