package authorize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/words"
)

const (
	// signInLimit is how long a person has at Withings' page unless told otherwise.
	signInLimit = 5 * time.Minute
	// demoProfile is what Withings' demo account is called unless told otherwise.
	demoProfile = "demo"
)

// Options are the flags of auth alone. The profile may be left out with List, with
// Demo, and where one profile is configured.
type Options struct {
	Profile   string        `arg:"" optional:"" name:"PROFILE" help:"A name for the person, such as Anna."`
	NoBrowser bool          `name:"no-browser" env:"WITHINGS_NO_BROWSER" help:"Print the address instead of opening a browser."`
	Paste     bool          `name:"paste" env:"WITHINGS_PASTE" help:"Sign in on another machine and paste the address."`
	Listen    string        `name:"listen" env:"WITHINGS_LISTEN" placeholder:"ADDR" help:"Address to listen on (default: that of --redirect-url)."`
	Force     bool          `name:"force" env:"WITHINGS_FORCE" help:"Replace the token of another person or application."`
	Timeout   time.Duration `name:"timeout" env:"WITHINGS_TIMEOUT" default:"5m" placeholder:"TIME" help:"How long to wait for the sign-in."`
	List      bool          `name:"list" env:"WITHINGS_LIST" help:"List who is authorised, and what to do."`
	Revoke    bool          `name:"revoke" env:"WITHINGS_REVOKE" help:"Revoke the authorisation and delete the token."`
	Demo      bool          `name:"demo" env:"WITHINGS_DEMO" help:"Use Withings' own demo account."`
}

// Command has the flags of auth.
type Command struct {
	Options              `embed:""`
	command.AccountFlags `embed:"" group:"Withings:"`
	command.LogFlags     `embed:"" group:"Log:"`
}

// Run authorises a profile, or lists or revokes stored tokens.
func (c *Command) Run(ctx context.Context, p *command.Program) error {
	settings, err := c.AccountFlags.Settings(p.Now, p.Logger(&c.LogFlags))
	if err != nil {
		return err
	}
	return Authorize(ctx, settings, c.Options, p)
}

// Authorize has a person allow the application for one profile and stores the
// token, or lists or revokes stored tokens. What was stored changes only if it
// succeeds.
func Authorize(ctx context.Context, s command.Settings, o Options, p *command.Program) error {
	a, err := newAuthorizer(s, o, p)
	switch {
	case err != nil:
		return err
	case o.List:
		return listPeople(s, a.dir, p.Out)
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
	validate := s.ValidateSignIn
	if o.Revoke || o.pageless() {
		validate = s.ValidateApplication
	}
	if err := validate(); err != nil && !o.List {
		if s.Service == "" && (s.ClientID == "" || s.ClientSecret == "") {
			fmt.Fprint(p.Err, registration(s))
			// Which it says above.
			err = command.Usagef(strings.TrimSuffix(hint.Of(err), command.ToRegister()), "%s", hint.Text(err))
		}
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = signInLimit
	}
	var err error
	if o.Profile, err = o.name(s.Profiles); err != nil {
		return nil, err
	}
	s.Hurry = true // a code is good for half a minute
	a := &authorizer{settings: s, options: o, in: p.In, out: p.Out, talk: p.Err, terminal: command.IsTerminal(p.In)}
	if a.web = (&command.WebFlags{}); p.Web != nil {
		a.web = p.Web(s.ConfigFile)
	}
	set, err := profiles.Open(s, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	if a.dir, a.set = set.Dir, set; o.List {
		return a, nil
	}
	if o.Profile, err = o.knownAs(s, a.dir); err != nil {
		return nil, err
	}
	if a.settings.Profiles, err = profiles.Spelt(a.dir, s.Profiles...); err != nil {
		return nil, err
	}
	a.options.Profile = o.Profile
	a.store = auth.NewStore(a.dir, o.Profile, s.ClientID, s.Now)
	a.cloud, err = set.NewCloud(s)
	return a, err
}

// knownAs is the profile as its files spell it. A name that differs from a known one in letter case alone is taken for a mistake: no
// two profiles may differ so.
func (o *Options) knownAs(s command.Settings, dir *statedir.Dir) (string, error) {
	like, signedIn, err := profiles.Like(s, dir, o.Profile)
	if err != nil {
		return "", err
	}
	if like != "" {
		advice := "run: " + o.command(like)
		if !o.Revoke {
			advice += ", or choose another name"
		}
		if signedIn && slices.Contains(s.Profiles, o.Profile) {
			return "", profiles.Miswritten(s, o.Profile, like)
		}
		return "", command.Usagef(advice, "profile %q is not known, but %q is: they differ only in letter case", o.Profile, like)
	}
	spelt, err := profiles.Spelt(dir, o.Profile)
	return spelt[0], err
}

// conflict refuses options that do not go together.
func (o *Options) conflict() error {
	if o.Listen != "" {
		if _, _, err := command.ListenAddress("listen", o.Listen); err != nil {
			return err
		}
	}
	switch {
	case o.List && (o.Revoke || o.Demo || o.Paste), o.Revoke && (o.Demo || o.Paste):
		return command.Usagef("give one of them", "--list, --revoke and signing in (--demo, --paste) cannot be combined")
	case o.Paste && o.Listen != "":
		return command.Usagef("leave one of them out", "--listen has no effect with --paste, which listens on no address")
	case o.Timeout < 0:
		return command.Usagef("give a duration such as 5m", "--timeout %s is negative", words.Short(o.Timeout))
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
		return "", command.Usagef("choose one of "+command.Quoted(configured), "auth needs the name of a profile")
	case o.Profile == "" && o.Revoke:
		return "", command.Usagef("to see who is authorised, "+shell.Run("auth --list"), "auth --revoke needs the name of a profile")
	case o.Profile == "":
		return "", command.Usagef("choose a name for the person, for example: "+shell.Auth("Anna"), "auth needs the name of a profile")
	}
	names, err := config.Profiles([]string{o.Profile})
	if err != nil {
		return "", command.Usage(err)
	}
	if len(names) != 1 {
		return "", command.Usagef("run auth once for each", "auth takes one profile, but %d were given: %s", len(names), command.Quoted(names))
	}
	return names[0], nil
}

// registration says what a new user has to do once, before anything else.
func registration(s command.Settings) string {
	return fmt.Sprintf(`The exporter needs a Withings application of your own. Registering one is free,
and one serves all profiles:

1. Sign in to Withings' developer site and create an application: public
   cloud, "Public API integration", target environment "Development".
2. Enter exactly this callback URL (--redirect-url changes it):
     %s
3. If the site asks for scopes, choose:
     %s
4. Give the client id and the client secret that the site shows to the
   exporter%s

Then run this command again.

`, s.RedirectURL, strings.Join(auth.Scopes, ", "), ways(s))
}

// ways are those to give client id and secret. A service reads them where it looks at every start.
func ways(s command.Settings) string {
	if file := config.Unfilled("client-secret"); shell.IsService() && s.ConfigFile != "" && file != "" {
		return fmt.Sprintf(`:
     client id:     as client-id in %s
     client secret: alone in %s`, s.ConfigFile, file)
	}
	return `, in one of these ways:
     flags:       --client-id=ID --client-secret-file=FILE
     environment: WITHINGS_CLIENT_ID, WITHINGS_CLIENT_SECRET
     file:        client-id and client-secret-file in withings.yaml`
}

// authorizer is one run of the auth command for one profile.
type authorizer struct {
	settings command.Settings
	options  Options
	dir      *statedir.Dir
	cloud    *profiles.Cloud
	store    *auth.Store
	in       io.Reader
	out      io.Writer         // results
	talk     io.Writer         // everything else a person should know
	terminal bool              // in is a terminal: a person can be asked again
	web      *command.WebFlags // of the serve that uses the token
	set      *profiles.Set     // of the state directory
	read     *lines            // in, once it is read
	replaced bool              // the token is for another person than the profile was of
}

// signIn obtains a token in the way the options say, and reports what it gives access to.
func (a *authorizer) signIn(ctx context.Context) error {
	if err := a.prepare(); err != nil {
		return err
	}
	defer func() {
		if a.read != nil {
			a.read.stop()
		}
	}()
	if err := a.confirm(ctx); err != nil {
		return err
	}
	switch {
	case a.options.Paste:
		return a.paste(ctx)
	case a.options.pageless():
		return a.demo(ctx)
	}
	return a.browse(ctx)
}

// pageless reports whether the sign-in is that to the demo account which needs no page, so that --account.url does not matter.
func (o Options) pageless() bool { return o.Demo && !o.NoBrowser && !o.Paste }

// prepare finds out what would keep a token from being stored before a person
// is sent to Withings' page, not after.
func (a *authorizer) prepare() error {
	name := a.options.Profile
	_, err := a.store.Peek()
	switch {
	case errors.Is(err, auth.ErrForeign), statedir.Unread(err):
		return fmt.Errorf("authorise profile %q: %w", name, err)
	case errors.Is(err, auth.ErrOtherApplication) && !a.options.Force:
		return fmt.Errorf("authorise profile %q: nothing was changed: %w", name, err)
	case errors.Is(err, auth.ErrDamaged):
		a.say("The token file of profile %q is damaged. It will be renamed once there is a new token.", name)
	}
	return a.probe()
}

// unlisted reports whether profiles are configured, and the one to authorise is not among them.
func (a *authorizer) unlisted() bool {
	return len(a.settings.Profiles) > 0 && !slices.Contains(a.settings.Profiles, a.options.Profile)
}

// confirm says that a profile is not configured, and has a person at a terminal confirm that it is no mistyped one before
// anybody signs in for it.
func (a *authorizer) confirm(ctx context.Context) error {
	if !a.unlisted() {
		return nil
	}
	name, others := a.options.Profile, a.settings.Profiles
	question, instead := "", ""
	if near := config.Nearest(name, others); near != "" {
		question, instead = fmt.Sprintf(" Did you mean %q?", near), "run: "+a.options.command(near)
	}
	a.say("Profile %q is not configured: %s has only %s.%s", name, strings.TrimPrefix(a.settings.ProfilesPlace(), "the profiles in "), command.Quoted(others), question)
	if _, err := a.store.Peek(); !a.terminal || a.options.Force || a.options.Demo || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	fmt.Fprintf(a.talk, "Press Enter to authorise %q as a new profile, or Ctrl-C to stop: ", name)
	answer, err := a.lines().next(ctx, nil)
	if err != nil { // a terminal has ended a line itself
		fmt.Fprintln(a.talk)
	}
	switch answer = strings.ToLower(strings.TrimSpace(answer)); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && (answer == "" || answer == "y" || answer == "yes"):
		return nil
	}
	return hint.Wrap(fmt.Errorf("profile %q was not authorised; nothing was changed", name), instead)
}

// lines is the input, line by line.
func (a *authorizer) lines() *lines {
	if a.read == nil {
		a.read = readLines(a.in)
	}
	return a.read
}

// command is this command for a profile, as it was given but for what is not about whose token it is and how to sign in.
func (o *Options) command(profile string) string {
	var flags []string
	for _, f := range []struct {
		given bool
		flag  string
	}{{o.Revoke, "--revoke"}, {o.Demo, "--demo"}, {o.Paste, "--paste"}, {o.NoBrowser, "--no-browser"}, {o.Force && (o.Revoke || profile == o.Profile), "--force"}} {
		if f.given {
			flags = append(flags, f.flag)
		}
	}
	return shell.AuthBy(profile, flags...)
}

// again is advice to give this command once more.
func (a *authorizer) again() string { return "run: " + a.options.command(a.options.Profile) }

// probe tries whether a token could be saved: on a disk that is full or read-only the
// person would sign in for nothing.
func (a *authorizer) probe() error {
	if err := a.dir.Room(); err != nil {
		return fmt.Errorf("try the state directory before signing in: %w", err)
	}
	return nil
}

// demo signs in to Withings' demo account, which needs no page and no person.
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
	login := a.login()
	callback, err := login.Listen(ctx, a.options.Listen, a.settings.Log)
	if err != nil {
		return err
	}
	// It stays open until the end, since a browser may ask for its page twice.
	defer func() {
		if failed := callback.Close(); err == nil {
			err = failed
		}
	}()
	a.say("Open this address in a browser, sign in to Withings and choose the person for profile %q:", a.options.Profile)
	fmt.Fprintln(a.out, login.URL())
	if !a.options.NoBrowser {
		if err := auth.OpenBrowser(login.URL()); err != nil {
			a.settings.Log.Debug("no browser was opened", "err", err)
		}
	}
	a.say("Waiting on %s for the browser to return, for up to %s. If the browser runs on another machine, press Ctrl-C and use --paste instead.",
		callback.Addr(), words.Short(a.options.Timeout))
	token, err := callback.Wait(ctx, a.options.Timeout, a.accept)
	if err != nil {
		return err
	}
	return a.tell(ctx, token)
}

// login begins a sign-in.
func (a *authorizer) login() *auth.Login {
	login := auth.NewLogin(a.cloud.App, a.options.Profile, a.options.Demo)
	login.Again = a.options.command(a.options.Profile)
	return login
}
