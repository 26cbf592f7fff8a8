package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

// household is everybody that is served, and the pollers that keep them fresh.
type household struct {
	counters *prom.Counters
	dir      *statedir.Dir
	budget   *withings.Budget // one for the process, whatever is loaded
	reported bool             // what load notes is told elsewhere, and not logged

	mu      sync.Mutex // guards what follows
	members []*member
	cloud   *cloud
	influx  *influx.Writer // nil without InfluxDB
	notes   []string
	crowded string // why profiles are not polled as often as they are to be
	stop    context.CancelFunc
	polling sync.WaitGroup
}

// load makes the members of the settings. The pollers must not be running.
func (h *household) load(s Settings) error {
	cloud, err := newCloud(s, h.counters, h.budget)
	if err != nil {
		return err
	}
	writer, err := s.Influx.writer(s.Log, h.counters.Points)
	if err != nil {
		return Usage(err)
	}
	h.budget.Allow(s.RateLimit)
	names, notes, err := h.names(s)
	if err != nil {
		return err
	}
	for _, note := range notes {
		if !h.reported {
			s.Log.Warn(note)
		}
	}
	before := map[string]*member{}
	for _, m := range h.list() {
		before[m.State.Profile()] = m
	}
	members, asked := make([]*member, 0, len(names)), 0
	for _, name := range names {
		m := newMember(name, before[name], h.dir, cloud, writer, s)
		members, asked = append(members, m), max(asked, len(m.Choose().Asked))
	}
	crowded := crowd{len(names), max(asked, 1), s.PollInterval, s.RateLimit}.remark()
	if crowded != "" && !h.reported {
		s.Log.Warn("profiles do not fit poll interval and rate limit", "err", crowded)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.members, h.cloud, h.influx, h.notes, h.crowded = members, cloud, writer, notes, crowded
	return nil
}

// names are the configured profiles, or else all that have a token. A profile
// in the state directory that is not configured is left alone and named.
func (h *household) names(s Settings) (names, notes []string, err error) {
	stored, err := h.dir.Profiles("token")
	if err != nil {
		return nil, nil, fmt.Errorf("list the profiles in %s: %w%s", h.dir.Path(), err, cmp.Or(statedir.Hint(err), "; check that the folder can be read"))
	}
	if len(s.Profiles) == 0 { // one that has lost its token is not forgotten for it
		names = append(stored, h.served()...)
		slices.Sort(names)
		return slices.Compact(names), nil, nil
	}
	for _, name := range stored {
		if !slices.Contains(s.Profiles, name) {
			notes = append(notes, fmt.Sprintf("the state directory has a token of profile %q, which is not configured; "+
				"it is left alone: add it to --profiles, or delete its files", name))
		}
	}
	return s.Profiles, notes, nil
}

// newcomers reports whether the state directory has tokens of profiles that are
// not served, where the settings leave it to the directory who is.
func (h *household) newcomers(s Settings) bool {
	if len(s.Profiles) > 0 {
		return false
	}
	stored, err := h.dir.Profiles("token")
	if err != nil {
		return false // the next reload says why
	}
	served := h.served()
	return slices.ContainsFunc(stored, func(name string) bool { return !slices.Contains(served, name) })
}

// start begins to poll, until ctx ends or halt is called.
func (h *household) start(ctx context.Context, s Settings) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ctx, h.stop = context.WithCancel(ctx)
	poller := &exporter.Poller{Interval: s.PollInterval, Now: s.Now, Log: s.Log}
	profiles := make([]*exporter.Profile, len(h.members))
	for i, m := range h.members {
		profiles[i] = &m.Profile
	}
	h.polling.Go(func() { poller.Run(ctx, profiles) })
}

// halt ends polling and returns when every profile has saved its state.
func (h *household) halt() { _ = h.haltWithin(context.Background()) }

// haltWithin is halt with an error when ctx ends before, for a disk that hangs
// keeps a poll from ending, or when a new token could not be saved.
func (h *household) haltWithin(ctx context.Context) error {
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
		return errors.New("a poll or the saving of a state does not end; what was saved before is kept. Look whether the disk of the state directory hangs")
	}
	var failed []error
	for _, m := range members {
		failed = append(failed, m.source.Flush(ctx))
	}
	return errors.Join(failed...)
}

// list is everybody at this moment.
func (h *household) list() []*member {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.members)
}

// served are the names of everybody.
func (h *household) served() []string {
	var names []string
	for _, m := range h.list() {
		names = append(names, m.State.Profile())
	}
	return names
}

// shown is everybody as /metrics shows them.
func (h *household) shown() []prom.Profile {
	members := h.list()
	all := make([]prom.Profile, len(members))
	for i, m := range members {
		all[i] = m.shown()
	}
	return all
}

// remarks are what concerns everybody.
func (h *household) remarks() (notes []string, coolOff time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	notes = slices.Clone(h.notes)
	if h.crowded != "" {
		notes = append(notes, h.crowded)
	}
	for _, m := range h.members {
		notes = append(notes, m.notes...)
	}
	for i := range notes {
		notes[i] = sentence(notes[i])
	}
	return notes, h.cloud.budget.Until()
}
