package auth

import (
	"errors"
	"net/url"
	"strings"

	"withings-exporter/exporter/hint"
)

// shortestCode is the fewest characters of a code pasted alone; real ones have 40.
const shortestCode = 8

// Pasted takes the code out of what a person copied: the whole address at which the
// browser ended, its query, or only the code. The state of an address is compared. The
// errors are those of a returning browser (ErrRefused, ErrWrongState), or say what to
// copy instead; none quotes the text.
func (l *Login) Pasted(text string) (code string, err error) {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	switch {
	case text == "":
		return "", hint.Wrap(errors.New("nothing was pasted"), "copy the whole address that the browser shows at the end")
	case !strings.ContainsAny(text, "?=&/"):
		if len(text) < shortestCode || !isSecret(text) {
			return "", hint.Wrap(errors.New("that is neither an address nor a code"), "copy the whole address that the browser shows at the end")
		}
		return text, nil
	}
	query, err := pastedQuery(text)
	switch {
	case err != nil:
		return "", err
	case !query.Has("code") && !query.Has("error") && !query.Has("state"):
		return "", hint.Wrap(errors.New("that address has no code"), "copy the one that the browser shows after you press Allow")
	case !query.Has("state"):
		return "", hint.Wrap(errors.New("that is only part of the address"), "copy all of it, from http to the end")
	}
	return l.read(query)
}

// pastedQuery is the query of an address, or of the part of one that has it.
func pastedQuery(text string) (url.Values, error) {
	_, query, found := strings.Cut(text, "?")
	if !found {
		query = text
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	switch {
	case err != nil: // its text quotes the query
		return nil, hint.Wrap(errors.New("that address cannot be read"), "copy all of it, from http to the end")
	case strings.Contains(text, authorizePath+"?"):
		return nil, hint.Wrap(errors.New("that is the address to open"), "copy the one that the browser shows after you press Allow")
	}
	return values, nil
}
