package profiles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// MaxState is more bytes than a state file can have.
const MaxState = 64 << 20

// Member is one profile with everything that belongs to it.
type Member struct {
	exporter.Profile
	of      application
	Source  *auth.Source
	Account *withings.Account
	Viewer  *withings.Account // for who looks at an ECG meanwhile: an account is for one goroutine
	Influx  *influx.Sink      // nil without InfluxDB
	Notes   []string          // problems with its files
	box     *notify.Box       // where notifications arrive; nil without
	saved   *saved
}

// common is what all members share.
type common struct {
	settings command.Settings
	dir      *statedir.Dir
	cloud    *Cloud
	influx   *influx.Writer // nil without InfluxDB
	receiver *notify.Receiver
	counters *prom.Counters
	password bool             // everybody is asked for one where notifications arrive
	meant    map[string]error // why people without a token are likely others, who have one
}

// member loads a profile, or takes over what was known of it before a reload. If
// something is wrong with its files, that is noted and it starts over.
func (w common) member(name string, before *Member) *Member {
	s, c := w.settings, w.cloud
	state, status := exporter.NewState(name, s.Timezone), &exporter.Status{}
	file := &saved{state: state, path: w.dir.File(name, "state"), now: s.Now, log: s.Log}
	var notes []string
	if before != nil {
		state, status, file = before.State, before.Status, before.saved
		state.SetZone(s.Timezone)
	} else if damage := file.load(); damage != nil {
		notes = append(notes, damage.Error())
	}
	var source *auth.Source
	if before != nil && before.of == c.of {
		source = before.Source // it knows which tokens were rejected
	} else {
		source = auth.NewSource(c.App, auth.NewStore(w.dir, name, s.ClientID, s.Now), name)
	}
	account := c.Client.Account(name, &tokens{Source: source, state: state, status: status, log: s.Log})
	choice := func() exporter.Choice { return choose(chosen(s), source.Granted(), s.Callbacks() != "") }
	viewer := c.Client.Account(name, &tokens{Source: source, state: state, status: status, log: slog.New(slog.DiscardHandler)}) // the poller's tells of tokens
	m := &Member{of: c.of, Source: source, Account: account, Viewer: viewer, Notes: notes, saved: file, Profile: exporter.Profile{
		State:   state,
		Status:  status,
		Fetch:   account,
		Choose:  choice,
		Refused: account.Refused,
		Tight:   c.Client.Budget.Tight,
		Save:    file.save,
		Ready: func(context.Context) error {
			if err := file.ready(); err != nil {
				source.Reload() // a pair may wait to be saved
				return err
			}
			err := authorized(source, choice, state, status, s.Log)
			if meant := w.meant[name]; meant != nil && errors.Is(err, auth.ErrNeedsAuthorization) {
				return &denied{text: meant.Error(), advice: hint.Of(meant), person: true}
			}
			return err
		},
	}}
	m.Chosen(choice())
	if w.influx != nil {
		was := status.Condition().Sink // before a reload
		m.Influx = influx.NewSink(influx.SinkOptions{Writer: w.influx, Dir: w.dir, Profile: name, Owner: func() string { return CertainOwner(source) },
			Failed: was != nil && was.Problem.Text != "", Now: s.Now, Log: s.Log})
		m.Sink = m.Influx
	}
	w.notified(m, before)
	return m
}

// tokens gives the client a profile's tokens and translates the errors that the poller
// must understand.
type tokens struct {
	*auth.Source
	state  *exporter.State
	status *exporter.Status
	log    *slog.Logger
	told   string // the problem that was noticed last …
	quiet  bool   // … and was not logged
}

// Token rejects the token of another person than the state belongs to: it arrived
// during a poll, and the next poll starts over with it.
func (t *tokens) Token(ctx context.Context) (string, error) {
	access, err := t.Source.Token(ctx)
	t.tell(err)
	switch {
	case errors.Is(err, auth.ErrNeedsAuthorization):
		return "", deny(t.state.Profile(), err)
	case errors.Is(err, auth.ErrApplicationRefused):
		return "", &marked{err, exporter.ErrNeedsPerson} // until client id or client secret are corrected
	case err == nil && !t.state.IsOf(owner(t.Source)):
		return "", &marked{errors.New("the profile has just been authorised for another person, whom the next poll will read"), exporter.ErrAskAgain}
	}
	return access, err
}

// tell logs once that a token cannot be renewed or saved, and once that it works again. What fails without a token says so itself.
func (t *tokens) tell(failed error) {
	problem, warn, info := "", slog.LevelWarn, slog.LevelInfo
	if err := t.LastError(); err != nil && !errors.Is(err, auth.ErrRestored) { // which was told when it was
		problem = err.Error()
	}
	if t.Authorized() != nil { // the poller tells that
		t.told = ""
		return
	}
	common := errors.Is(t.LastError(), auth.ErrApplicationRefused) // which is told once for everybody
	if common || withings.Unanswered(failed) || t.status.Condition().Unreachable {
		warn = slog.LevelDebug
	}
	if t.quiet {
		info = slog.LevelDebug
	}
	ctx := context.Background()
	switch {
	case problem == t.told:
		return
	case errors.Is(t.LastError(), auth.ErrUnsaved):
		t.log.Error("token cannot be saved", "profile", t.state.Profile(), "err", problem)
	case problem != "":
		t.log.Log(ctx, warn, "token not renewed", "profile", t.state.Profile(), "err", problem)
	default:
		t.log.Log(ctx, info, "token renewed again", "profile", t.state.Profile())
	}
	t.told, t.quiet = problem, problem != "" && warn == slog.LevelDebug
}

// authorized checks memory and token file only. Readings of another person than the
// token's are dropped. The profile is polled at once if it is another person's now, if it
// had no valid token when it was polled, or if a new token allows other
// services.
func authorized(source *auth.Source, choice func() exporter.Choice, state *exporter.State, status *exporter.Status, log *slog.Logger) error {
	renewed := source.Reload()
	switch err := source.Authorized(); {
	case errors.Is(err, auth.ErrApplicationRefused): // no sign-in would help; the poll reports it
		return err
	case err != nil:
		return deny(state.Profile(), err)
	}
	c := choice()
	if len(c.Asked)+len(c.Told) == 0 {
		advice := "run: " + shell.Auth(state.Profile())
		return &denied{text: fmt.Sprintf("none of the chosen services is allowed (%s); %s", Listed(c.Barred), advice), advice: advice, person: true}
	}
	is := status.Condition()
	switch {
	case state.Bind(owner(source)):
		log.Warn("profile authorised for another person: the program starts over, but Prometheus and InfluxDB keep the readings of the person before under this name; forget.md of the documentation says how to delete them", "profile", state.Profile())
	case !renewed, is.Polled.IsZero(), is.Up && slices.Equal(c.Asked, is.Asked) && slices.Equal(c.Told, is.Told):
		return nil
	}
	return exporter.ErrAskAgain
}

// Explained is an error of Withings for a person: if the token is what is wrong, it says
// that the profile needs authorisation.
func (m *Member) Explained(ctx context.Context, err error) error {
	refused := errors.Is(err, exporter.ErrTokenRefused)
	if refused {
		m.Refused()
	}
	if refused || errors.Is(err, exporter.ErrNotAuthorized) {
		if denied := m.Ready(ctx); denied != nil {
			return denied
		}
	}
	return err
}

// Listed joins services, as in "sleep, workout".
func Listed(services []exporter.Service) string {
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// owner is the Withings user of a token. Withings' demo account has no number, but its
// readings must not stay under the next person either.
func owner(source *auth.Source) string { return cmp.Or(source.UserID(), demoAccount) }

// demoAccount is the owner of a token without a number.
const demoAccount = "demo account"

// CertainOwner is owner, or "" without a valid token.
func CertainOwner(source *auth.Source) string {
	if source.Authorized() != nil {
		return ""
	}
	return owner(source)
}

// marked is an error that errors.Is finds to be another as well, of which its text says nothing.
type marked struct {
	error
	as error
}

func (m *marked) Unwrap() error { return m.error }

func (m *marked) Is(target error) bool { return target == m.as }

// denied is exporter.ErrNotAuthorized with the text of the token source.
type denied struct {
	text, advice string
	person       bool // that somebody signs in helps
	answered     bool // by Withings, which rejects the token
}

// deny is why a profile is not asked. It is shown next to the name of the profile,
// which it does not repeat.
func deny(profile string, err error) error {
	told, answered := errors.AsType[*envelope.Error](err)
	return &denied{
		answered: answered && told.Status != 0,
		text:     strings.TrimPrefix(err.Error(), fmt.Sprintf("profile %q: ", profile)), advice: hint.Of(err),
		person: errors.Is(err, auth.ErrNeedsAuthorization),
	}
}

func (d *denied) Error() string { return d.text }

// Hint is what to do, with which the text ends.
func (d *denied) Hint() string { return d.advice }

func (d *denied) Is(target error) bool {
	return target == exporter.ErrNotAuthorized || d.answered && target == exporter.ErrAnswered || !d.person && target == exporter.ErrFile || d.person && target == auth.ErrNeedsAuthorization
}

// Damaged reports whether the token file of the profile is damaged, so that only who has the token in memory can restore it.
func (m *Member) Damaged() bool { return errors.Is(m.Source.Authorized(), auth.ErrDamaged) }

// shown is the member as /metrics shows it.
func (m *Member) shown() prom.Profile {
	return prom.Profile{State: m.State, Status: m.Status, TokenExpiry: m.Source.Expiry}
}
