package profiles

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/spelling"
)

// Named are the profiles named on a command line, or all.
func (h *Set) Named(names []string) ([]*Member, error) {
	all := h.List()
	if len(names) == 0 {
		if len(all) == 0 {
			return nil, hint.Wrap(fmt.Errorf("no profile is configured, and none has a token: %w", command.ErrNeedsAuthorization), "run: "+shell.Auth("PROFILE"))
		}
		return all, nil
	}
	var chosen []*Member
	for _, name := range names {
		i := slices.IndexFunc(all, func(m *Member) bool { return spelling.Of(m.State.Profile()) == spelling.Of(name) })
		switch known := h.Served(); {
		case i < 0 && h.hasToken(name):
			return nil, command.Usagef("add it to "+h.peoplePlace(), "profile %q has a token, but is not configured", name)
		case i < 0 && len(known) == 0:
			return nil, command.Usagef("run: "+shell.Auth(name), "profile %q is not authorised, nor is any other", name)
		case i < 0:
			advice := "choose from " + strings.Join(known, ", ")
			if place := h.peoplePlace(); place != "" {
				advice += ", or add it to " + place
			}
			if near := config.Nearest(name, known); near != "" {
				advice = fmt.Sprintf("did you mean %q?", near)
			}
			return nil, command.Usagef(advice, "unknown profile %q", name)
		}
		if !slices.Contains(chosen, all[i]) {
			chosen = append(chosen, all[i])
		}
	}
	return chosen, nil
}

// Leaving says what may be done about a profile whose authorisation was withdrawn, before the command that authorises it.
func (h *Set) Leaving(name string) string {
	leave := restart
	if place := h.peoplePlace(); place != "" {
		leave = fmt.Sprintf("remove %q from %s, and run `%s`", name, place, h.ReadAgain())
	}
	return "If that is to last, " + leave + ". If not, authorise the profile again:"
}

// Without says how to go on without a profile whose authorisation was withdrawn.
func (h *Set) Without(ctx context.Context, name string) string {
	place := h.peoplePlace()
	if place == "" {
		return restart
	}
	text := fmt.Sprintf("remove %q from %s", name, place)
	if server, err := h.Serving(ctx); err == nil && server != nil {
		h.mu.Lock()
		again := h.readAgain
		h.mu.Unlock()
		text += ", and run: " + again(server.Process)
	}
	return text
}

// restart is how to go on without a profile where nobody is configured.
const restart = "restart the exporter, and it is no longer shown"

// ReadAgain is the command that has this process read its configuration again: "reload" on a page would be taken for the page. It is
// found out at each reading, since a page does not wait for the disk.
func (h *Set) ReadAgain() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ownAgain
}

// hasToken reports whether there is a token of a profile, which is served only if it is configured or nobody is.
func (h *Set) hasToken(name string) bool {
	stored, err := h.Dir.Profiles("token")
	return err == nil && spelling.Stored(stored)[spelling.Of(name)] != ""
}

// peoplePlace is where a person is added to those who are configured, in words; "" if nobody is.
func (h *Set) peoplePlace() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.place
}
