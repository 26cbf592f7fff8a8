package profiles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// Set is all profiles that are served, and their poller.
type Set struct {
	counters *prom.Counters
	Dir      *statedir.Dir
	Receiver *notify.Receiver // of the notifications of all profiles
	Budget   *withings.Budget // one for the process, across reloads
	Reported bool             // what Load notes is reported elsewhere and not logged
	loaded   chan struct{}    // has room for one: whom it serves may have changed

	mu        sync.Mutex // guards what follows
	members   []*Member
	Cloud     *Cloud
	Influx    *influx.Writer // nil without InfluxDB
	Notes     []string
	untried   bool                     // client id or secret have changed, and Withings has not been asked whether they are right
	unloaded  string                   // that the last reload failed, and when; "" if it did not
	unread    string                   // which file of a secret cannot be read again, and what to do; "" if all can
	place     string                   // where a profile is added to the configured ones, in words; "" if nobody is configured
	readAgain func(process int) string // the command that has a process read the configuration again
	ownAgain  string                   // the one for this process, as it was when the configuration was read
	pace      pace                     // at which the profiles are polled
	now       func() time.Time         // nil before Load
	latest    forecast                 // what they take, where they are many
	rival     string                   // who else serves from the state directory, and what to do; "" for nobody
	stop      context.CancelFunc
	polling   sync.WaitGroup
}

// Open opens the state directory of the settings, without any profiles yet, and
// registers the counters, which start at 0.
func Open(s command.Settings, r prometheus.Registerer) (*Set, error) {
	if _, err := os.Stat(s.StateDir); s.Service != "" && errors.Is(err, fs.ErrNotExist) {
		if err := s.ValidateApplication(); err != nil {
			return nil, err // before a second installation is begun
		}
	}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		return nil, err
	}
	counters := prom.NewCounters(r, prom.Starts{Skipped: withings.Reasons(), Points: influx.Results(), Refused: notify.Refusals()})
	return &Set{counters: counters, Dir: dir, Receiver: notify.NewReceiver(counters, s.Now), Budget: newBudget(s, dir),
		readAgain: s.ReadAgain, ownAgain: s.ReadAgain(os.Getpid()), loaded: make(chan struct{}, 1)}, nil
}

// Loaded opens the state directory and loads the profiles, for a command that asks
// once: what it counts is not shown.
func Loaded(s command.Settings) (*Set, error) {
	set, err := Open(s, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	return set, set.Load(s)
}

// Load loads the profiles of the settings. The poller must not be running.
func (h *Set) Load(s command.Settings) error {
	cloud, err := h.NewCloud(s)
	if err != nil {
		return err
	}
	every := pace{interval: s.PollInterval, rateLimit: s.RateLimit}
	writer, err := s.Influx.Writer(s.Log, h.counters.Points)
	if err != nil {
		return command.Usage(err)
	}
	h.Budget.Allow(s.RateLimit)
	names, meant, notes, err := h.names(s)
	if err != nil {
		return err
	}
	for _, note := range notes {
		if !h.Reported {
			s.Log.Warn("profile ignored", "err", note)
		}
	}
	kept, before := among(names), map[string]*Member{}
	for _, m := range h.List() {
		before[m.State.Profile()] = m
	}
	with := common{settings: s, dir: h.Dir, cloud: cloud, influx: writer, receiver: h.Receiver, counters: h.counters, password: s.AsksPassword(), meant: meant}
	members := make([]*Member, len(names))
	sideBySide(len(names), func(i int) { members[i] = with.member(names[i], before[names[i]]) })
	if every != h.pace { // what they took until now says nothing
		for _, name := range names {
			h.Budget.Forget(name)
		}
	}
	if crowded := h.crowd(members, every, s.Now()).remark(); crowded != "" && !h.Reported {
		s.Log.Warn("too many profiles for poll interval and rate limit", "err", crowded)
	}
	for name := range before {
		if !kept[name] {
			h.counters.Forget(name)
			h.Budget.Forget(name)
		}
	}
	h.Receiver.Serve(boxes(members))
	for name, m := range before {
		if !kept[name] { // nobody else saves what has come for it meanwhile
			h.saveTold(s.Log, m)
		}
	}
	place := ""
	if len(s.Profiles) > 0 {
		place = s.ProfilesPlace()
	}
	ownAgain := s.ReadAgain(os.Getpid())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.untried = h.untried || h.Cloud != nil && h.Cloud.of != cloud.of || othersOf(members) > 0
	h.members, h.Cloud, h.Influx, h.Notes, h.place, h.readAgain, h.ownAgain, h.pace, h.now =
		members, cloud, writer, notes, place, s.ReadAgain, ownAgain, every, s.Now
	select {
	case h.loaded <- struct{}{}:
	default:
	}
	return nil
}

// loaders is how many profiles are loaded at a time: some wait for the disk while others are decoded.
const loaders = 8

// sideBySide does something for every number below n, for several at a time, and returns when all is done.
func sideBySide(n int, do func(i int)) {
	room := make(chan struct{}, loaders)
	var working sync.WaitGroup
	for i := range n {
		room <- struct{}{}
		working.Go(func() {
			defer func() { <-room }()
			do(i)
		})
	}
	working.Wait()
}

// names are the configured profiles, or else all that have a token. A token that is not used is noted. meant
// is why somebody without a token is likely somebody else who has one.
func (h *Set) names(s command.Settings) (names []string, meant map[string]error, notes []string, err error) {
	files, err := spellingsIn(h.Dir)
	if err != nil {
		return nil, nil, nil, err
	}
	used := files.tokens
	for _, name := range files.listed {
		if twice := Twice(h.Dir, used, name); twice != "" {
			notes = append(notes, twice)
		}
	}
	if len(s.Profiles) == 0 { // also one that has lost its token since
		for _, name := range h.Served() {
			used[spelling.Of(name)] = cmp.Or(used[spelling.Of(name)], name)
		}
		for _, name := range used {
			names = append(names, name)
		}
		slices.Sort(names)
		return names, nil, notes, nil
	}
	names = make([]string, len(s.Profiles))
	for i, name := range s.Profiles {
		names[i] = files.of(name)
	}
	meant = map[string]error{}
	configured, signedIn := among(names), among(files.listed)
	unsigned := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return signedIn[name] })
	for _, name := range files.listed {
		if name != used.Of(name) || configured[name] {
			continue
		}
		note := h.unconfigured(s, name)
		if like := spelling.SameButCase(name, unsigned); like != "" {
			wrong := Miswritten(s, like, name)
			note = wrong.Error()
			meant[like] = hint.Wrap(fmt.Errorf("not authorised, but %q is, which differs only in letter case", name), hint.Of(wrong))
		}
		notes = append(notes, note)
	}
	return names, meant, notes, nil
}

// unconfigured says of a token that it is not of a configured profile, and what to do.
func (h *Set) unconfigured(s command.Settings, name string) string {
	advice := "end its authorisation: " + shell.Revoke(name)                                      // without a token, the permission stays at Withings
	if s.Callbacks() != "" && (notify.File{Dir: h.Dir, Profile: name, Now: s.Now}).Peek() != "" { // another exporter may want them
		advice = "end its authorisation and the notifications that Withings still sends: " + shell.Revoke(name)
	}
	return fmt.Sprintf("there is a token of profile %q, which is not configured and therefore ignored; "+
		"add it to %s, or %s", name, s.ProfilesPlace(), advice)
}

// among is a set of names: looking for each of thousands in a list of as many would take seconds.
func among(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// Newcomers reports whether the state directory has tokens of profiles that are not
// served yet, if the settings name none.
func (h *Set) Newcomers(s command.Settings) bool {
	if len(s.Profiles) > 0 {
		return false
	}
	tokens, err := h.Dir.Profiles("token")
	if err != nil {
		return false // the next reload says why
	}
	served := among(h.Served())
	for _, name := range spelling.Stored(tokens) {
		if !served[name] {
			return true
		}
	}
	return false
}

// Start begins to poll, until ctx ends or Halt is called.
func (h *Set) Start(ctx context.Context, s command.Settings) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ctx, h.stop = context.WithCancel(ctx)
	poller := &exporter.Poller{Interval: s.PollInterval, Now: s.Now, Log: s.Log}
	profiles := make([]*exporter.Profile, len(h.members))
	for i, m := range h.members {
		profiles[i] = &m.Profile
	}
	app, untried, others := h.Cloud.App, h.untried, othersOf(h.members)
	h.untried = false
	h.polling.Go(func() {
		known := !untried
		if untried && others > 0 { // whether the tokens or the client id are wrong is told first
			limited, cancel := context.WithTimeout(ctx, firstTry)
			defer cancel()
			known = h.try(limited, app)
		}
		h.polling.Go(func() {
			if !known && others == 0 {
				known = h.try(ctx, app)
			}
			h.tryAgain(ctx, app, known)
		})
		poller.Run(ctx, profiles)
	})
}

// firstTry is how long polling waits for whether Withings accepts a client id that is not that of the tokens.
const firstTry = 5 * time.Second

// Halt stops polling and returns once every profile has saved its state.
func (h *Set) Halt() { _ = h.HaltWithin(context.Background()) }

// HaltWithin is Halt with an error if ctx ends first, as with a disk that hangs, or if
// a new token could not be saved.
func (h *Set) HaltWithin(ctx context.Context) error {
	h.mu.Lock()
	stop, members := h.stop, h.members
	h.mu.Unlock()
	if stop != nil {
		stop()
	}
	ended := make(chan struct{})
	go func() { // ends with the polls, or with the process
		h.polling.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		return hint.Wrap(errors.New("a poll, or saving a state, does not end"), "check whether the disk of the state directory responds")
	}
	var failed []error
	for _, m := range members {
		failed = append(failed, m.Source.Flush(ctx))
	}
	return errors.Join(failed...)
}

// SaveTold saves the bed events that have arrived since polling has stopped, until ctx ends.
func (h *Set) SaveTold(ctx context.Context, log *slog.Logger) {
	ended := make(chan struct{})
	go func() { // ends when all are saved, or with the process
		defer close(ended)
		for _, m := range h.List() {
			h.saveTold(log, m)
		}
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// saveTold does it for one profile.
func (h *Set) saveTold(log *slog.Logger, m *Member) {
	if err := m.Profile.SaveTold(); err != nil {
		log.Error("bed events not saved", "err", err)
	}
}

// List is all profiles at this moment.
func (h *Set) List() []*Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.members)
}

// Served are the names of all profiles.
func (h *Set) Served() []string {
	var names []string
	for _, m := range h.List() {
		names = append(names, m.State.Profile())
	}
	return names
}

// Shown is all profiles as /metrics shows them.
func (h *Set) Shown() []prom.Profile {
	members := h.List()
	all := make([]prom.Profile, len(members))
	for i, m := range members {
		all[i] = m.shown()
	}
	return all
}

// Reloaded notes whether the configuration could be read, at the start or since.
func (h *Set) Reloaded(err error, now time.Time) {
	note := h.unloadedNote(err, now)
	h.mu.Lock()
	h.unloaded = note
	h.mu.Unlock()
	if err != nil {
		h.counters.NotConfigured()
		return
	}
	h.counters.Configured(now)
}

// SecretsRead notes whether the files of secrets could be read again, and reports whether an error is another than the one before.
func (h *Set) SecretsRead(err error) (news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := h.unread
	h.unread = unread(err)
	return err != nil && h.unread != was
}

// Unread reports whether the last reload has failed, and whether the file of a secret cannot be read again: what was read before is in use.
func (h *Set) Unread() (configuration, secret bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unloaded != "", h.unread != ""
}

// Counted is how often something was counted.
func (h *Set) Counted() uint64 { return h.counters.Changes() }

// Remarks are notes for the status page, how many profiles there is room for as Crowded says it, and the end of a pause
// that Withings asked for.
func (h *Set) Remarks() (notes []string, room string, coolOff time.Time) {
	coolOff = h.Budget.Until()
	crowded, room := h.Crowded()
	if crowded == "" && coolOff.IsZero() {
		crowded = lateRemark(h.Budget.Late())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unloaded != "" {
		notes = append(notes, h.unloaded)
	}
	notes = append(notes, h.Notes...)
	if crowded != "" {
		notes = append(notes, crowded)
	}
	if h.unread != "" {
		notes = append(notes, h.unread)
	}
	if h.rival != "" {
		notes = append(notes, h.rival)
	}
	for _, m := range h.members {
		notes = append(notes, m.Notes...)
	}
	for i := range notes {
		notes[i] = command.Sentence(notes[i])
	}
	return notes, room, coolOff
}
