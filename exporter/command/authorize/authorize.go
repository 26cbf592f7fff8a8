package authorize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/statedir"
)

const (
	// signInLimit is how long a person has at Withings' page unless told otherwise.
	signInLimit = 5 * time.Minute
	// demoProfile is what Withings' demo account is called unless told otherwise.
	demoProfile = "demo"
)

// Options is what the auth command is asked to do. The profile may be
// left out for List, for Demo, and where one profile is configured.
type Options struct {
	Profile   string        `arg:"" optional:"" name:"PROFILE" help:"A name for the person, such as Anna."`
	NoBrowser bool          `name:"no-browser" env:"WITHINGS_NO_BROWSER" help:"Only print the address to open."`
	Paste     bool          `name:"paste" env:"WITHINGS_PASTE" help:"Paste the answer: no browser here."`
	Listen    string        `name:"listen" env:"WITHINGS_LISTEN" placeholder:"ADDR" help:"Else where --redirect-url points."`
	Force     bool          `name:"force" env:"WITHINGS_FORCE" help:"Also for another person or application."`
	Timeout   time.Duration `name:"timeout" env:"WITHINGS_TIMEOUT" default:"5m" placeholder:"TIME" help:"How long to wait for the person."`
	List      bool          `name:"list" env:"WITHINGS_LIST" help:"Tell what is stored; never the token."`
	Revoke    bool          `name:"revoke" env:"WITHINGS_REVOKE" help:"End it at Withings, remove the token."`
	Demo      bool          `name:"demo" env:"WITHINGS_DEMO" help:"Withings' own demo account."`
}

// Command has the flags of auth.
type Command struct {
	Options              `embed:""`
	command.AccountFlags `embed:"" group:"Withings:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

// Run authorises a profile, or lists or revokes what is stored.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.AccountFlags.Settings(p.Now, c.LogFlags.Logger(p.Err))
	if err != nil {
		return err
	}
	return Authorize(ctx, settings, c.Options, p)
}

// Authorize has a person allow the application for one profile and stores the
// token, or lists or revokes what is stored. Nothing that was stored is changed
// unless it succeeds.
func Authorize(ctx context.Context, s command.Settings, o Options, p *command.Program) error {
	a, err := newAuthorizer(s, o, p)
	switch {
	case err != nil:
		return err
	case o.List:
		return listTokens(s, a.dir, p.Out)
	case o.Revoke:
		return a.revoke(ctx)
	}
	return a.signIn(ctx)
}

// newAuthorizer checks what was asked for, before anything is touched.
func newAuthorizer(s command.Settings, o Options, p *command.Program) (*authorizer, error) {
	if err := o.conflict(); err != nil {
		return nil, err
	}
	if !o.List && (s.ClientID == "" || s.ClientSecret == "") {
		fmt.Fprint(p.Err, registration(s.RedirectURL))
		return nil, command.Usagef("no Withings application is configured: %s", unconfigured(s))
	}
	if o.Timeout == 0 {
		o.Timeout = signInLimit
	}
	var err error
	if o.Profile, err = o.name(s.Profiles); err != nil {
		return nil, err
	}
	a := &authorizer{settings: s, options: o, in: p.In, out: p.Out, talk: p.Err, terminal: command.IsTerminal(p.In)}
	set, err := profiles.Open(s, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	if a.dir = set.Dir; o.List {
		return a, nil
	}
	a.store = auth.NewStore(a.dir, o.Profile, s.ClientID, s.Now)
	a.cloud, err = set.NewCloud(s)
	return a, err
}

// conflict refuses options that do not go together.
func (o *Options) conflict() error {
	switch {
	case o.List && (o.Revoke || o.Demo || o.Paste), o.Revoke && (o.Demo || o.Paste):
		return command.Usagef("--list, --revoke and signing in are three different things; give one of them")
	case o.Paste && o.Listen != "":
		return command.Usagef("--paste waits for no browser, so it goes without --listen")
	case o.Timeout < 0:
		return command.Usagef("--timeout %s: give a time such as 5m", o.Timeout)
	}
	return nil
}

// name is the one profile that is meant; a list needs none.
func (o *Options) name(configured []string) (string, error) {
	switch {
	case o.List:
		return "", nil
	case o.Profile == "" && o.Demo:
		return demoProfile, nil
	case o.Profile == "" && len(configured) == 1:
		return configured[0], nil
	case o.Profile == "" && len(configured) > 1:
		return "", command.Usagef("say which profile, one at a time; configured are %s", command.Quoted(configured))
	case o.Profile == "":
		return "", command.Usagef("say which profile: a name of your choice for the person, as in: withings-exporter auth Anna")
	}
	names, err := config.Profiles([]string{o.Profile})
	if err != nil {
		return "", command.Usagef("%v", err)
	}
	if len(names) != 1 {
		return "", command.Usagef("say which profile, one at a time; %s are %d", command.Quoted(names), len(names))
	}
	return names[0], nil
}

// unconfigured says which half of an application is missing, and how to give it.
func unconfigured(s command.Settings) string {
	switch {
	case s.ClientID == "" && s.ClientSecret == "":
		return "give --client-id and --client-secret-file"
	case s.ClientID == "":
		return "the client id is missing, give --client-id"
	}
	return "the client secret is missing, give --client-secret-file"
}

// registration says what a new user has to do once, before anything else.
func registration(redirectURL string) string {
	return fmt.Sprintf(`The exporter reads Withings as an application of your own. Register one,
once for all people, free of charge:

1. Sign in as a developer on Withings' developer site and create an
   application: public cloud, "Public API integration", and as target
   environment "Development".
2. As callback URL enter exactly this (--redirect-url changes it):
     %s
3. If it asks for scopes, choose:
     %s
4. Tell the exporter the two values it shows, by flags, environment or file:
     --client-id ID --client-secret-file FILE
     WITHINGS_CLIENT_ID, WITHINGS_CLIENT_SECRET
     client-id and client-secret-file in withings.yaml

Then run this command again.

`, redirectURL, strings.Join(auth.Scopes, ", "))
}

// authorizer is one run of the auth command for one profile.
type authorizer struct {
	settings command.Settings
	options  Options
	dir      *statedir.Dir
	cloud    *profiles.Cloud
	store    *auth.Store
	in       io.Reader
	out      io.Writer // results
	talk     io.Writer // everything else a person should know
	terminal bool      // a person sits at in, who can be asked again
}

// signIn obtains a token, the way the options say, and tells what it opens.
func (a *authorizer) signIn(ctx context.Context) error {
	if err := a.prepare(); err != nil {
		return err
	}
	switch {
	case a.options.Paste:
		return a.paste(ctx)
	case a.options.Demo && !a.options.NoBrowser:
		return a.demo(ctx)
	}
	return a.browse(ctx)
}

// prepare finds out what would keep a token from being stored before a person
// is sent to Withings' page, not after.
func (a *authorizer) prepare() error {
	name := a.options.Profile
	_, err := a.store.Peek()
	switch {
	case errors.Is(err, auth.ErrForeign):
		return fmt.Errorf("profile %q cannot be authorised: %w", name, err)
	case errors.Is(err, auth.ErrOtherApplication) && !a.options.Force:
		return fmt.Errorf("profile %q is authorised already, for another application: %w; nothing was changed", name, err)
	case errors.Is(err, auth.ErrDamaged):
		a.say("The token file of profile %q is damaged. It will be kept under another name as soon as there is a new token.", name)
	}
	if others := a.settings.Profiles; len(others) > 0 && !slices.Contains(others, name) {
		a.say("Profile %q is not configured (%s are). If it is not a typo, add it to --profiles.", name, command.Quoted(others))
	}
	return a.probe()
}

// probe writes a file and removes it: a disk that is full or read-only would
// cost the person the way to Withings' page for nothing.
func (a *authorizer) probe() error {
	path := a.store.Path() + ".probe"
	err := statedir.Write(path, make([]byte, 4096))
	if removed := os.Remove(path); err == nil {
		err = removed
	}
	if err != nil {
		return fmt.Errorf("no token could be stored, so nobody was sent to Withings: %w", err)
	}
	return nil
}

// demo obtains Withings' demo account, which needs no page and no person.
func (a *authorizer) demo(ctx context.Context) error {
	token, err := a.cloud.App.Demo(ctx)
	if err != nil {
		return err
	}
	if err := a.accept(ctx, token); err != nil {
		return err
	}
	return a.tell(ctx, token)
}

// browse sends a browser to Withings' page and waits for it to come back.
func (a *authorizer) browse(ctx context.Context) (err error) {
	login := auth.NewLogin(a.cloud.App, a.options.Profile, a.options.Demo)
	callback, err := login.Listen(ctx, a.options.Listen, a.settings.Log)
	if err != nil {
		return err
	}
	// It stays until everything is told, for a browser may ask for its page twice.
	defer func() {
		if failed := callback.Close(); err == nil {
			err = failed
		}
	}()
	a.say("Open this address in a browser, sign in at Withings and choose the person for profile %q:", a.options.Profile)
	fmt.Fprintln(a.out, login.URL())
	if !a.options.NoBrowser {
		if err := auth.OpenBrowser(login.URL()); err != nil {
			a.settings.Log.Debug("no browser was opened", "err", err)
		}
	}
	a.say("Waiting on %s for the browser to come back, %s at most. If it runs on another machine, use --paste instead.",
		callback.Addr(), a.options.Timeout)
	token, err := callback.Wait(ctx, a.options.Timeout, a.accept)
	if err != nil {
		return err
	}
	return a.tell(ctx, token)
}
