package exporter

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"withings-exporter/exporter/retry"
)

// upkeepPace is how often the subscriptions to notifications are looked after; after a
// failure it is sooner, and then at least every upkeepTry.
const upkeepPace, upkeepTry = 4 * time.Hour, time.Hour

// breath is how far the beginnings of two polls are from each other at least, if
// --poll-interval is not shorter.
const breath = time.Second

// shift is the work on one profile until the program ends: polls, and fetches of what
// notifications announce. It waits by the clock of the machine, since the simulated
// time of the data may run faster.
type shift struct {
	*Poller
	profile *Profile
	log     *slog.Logger

	schedule schedule
	choice   Choice        // of the last poll
	began    time.Time     // when that began
	poll     time.Time     // when the next one begins
	backoff  time.Duration // after polls of which nothing succeeded
	errands  *errands
	lookout  *lookout
	sign     sign
	fresh    bool // nothing has been read since the start, or since there is a token again

	down  int           // the outage of Withings that the last poll met; 0: none
	again time.Time     // when it is polled because that is over; zero: no sooner than usual
	vain  time.Duration // how long to wait after an outage, if others are answered and this profile is not

	lacks int           // the same for an outage of the database …
	idle  time.Duration // … and if its readings are not taken while those of others are

	upkeep       time.Time     // when the subscriptions are looked after next
	upkeepFailed time.Duration // how long it waited after the last failure
}

// keep works on one profile until ctx ends.
func (p *Poller) keep(ctx context.Context, profile *Profile) {
	w := &shift{
		Poller: p, profile: profile, log: p.Log.With("profile", profile.State.Profile()),
		schedule: schedule{interval: p.Interval, asked: map[Service]time.Time{}, polled: map[Service]time.Time{}}, backoff: p.Interval,
		errands: newErrands(), lookout: newLookout(), fresh: true,
	}
	for {
		fresh, ok := w.awaitToken(ctx)
		if !ok {
			return
		}
		if fresh {
			clear(w.schedule.asked)
			w.poll, w.upkeep, w.fresh = time.Time{}, time.Time{}, true
		}
		now := time.Now()
		w.heed(w.errands.collect(profile.Inbox, now))
		if !now.Before(w.poll) {
			if w.poll.IsZero() { // it may wait for its turn
				w.profile.Status.change(func(c *Condition) { c.NextPoll = w.Now() })
			}
			if w.polls.enter(ctx, w.poll) {
				w.pollAll(ctx)
				w.polls.leave()
			}
		} else if run := w.errands.ready(now); len(run) > 0 {
			w.follow(ctx, run)
		} else if w.profile.Upkeep != nil && !now.Before(w.upkeep) && w.down == 0 {
			w.lookAfter(ctx)
			w.plan()
		} else if !w.revive(ctx) && !w.reviveDatabase(ctx) {
			w.watchDatabase(ctx)
			w.rest(ctx)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// rest waits until something is to be done or notifications arrive, but not longer than
// until it is time to look for a token again.
func (w *shift) rest(ctx context.Context) {
	until := time.Now().Add(w.recheck())
	next := []time.Time{w.poll, w.errands.next()}
	if w.down == 0 {
		next = append(next, w.upkeep)
	}
	for _, at := range next {
		if !at.IsZero() {
			until = Earlier(until, at)
		}
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		if w.profile.Status.Condition().Unsaved != "" { // as on a full disk, which may have space again
			w.save(w.profile, w.log)
		}
	case <-w.profile.Inbox.rings():
		w.errands.rang(time.Now())
	}
}

// awaitToken returns once the profile has a token, and whether that is news, so that
// everything is worth asking at once; ok is false when ctx ended first.
func (w *shift) awaitToken(ctx context.Context) (fresh, ok bool) {
	for {
		err := w.profile.Ready(ctx)
		if !errors.Is(err, ErrNotAuthorized) {
			// The poll meets any other error again and reports it.
			if was := w.profile.Status.Condition(); was.Denied != "" {
				news := "profile is authorised"
				if was.Blocked {
					news = "the files of the profile can be used again"
				}
				if err == nil || !isRefused(Cause(err.Error())) { // which concerns everybody, and is told once
					w.log.Info(news)
				}
				w.profile.Status.change(func(c *Condition) { c.Denied, c.Blocked = "", false })
			}
			return fresh || errors.Is(err, ErrAskAgain), ctx.Err() == nil
		}
		fresh = true
		if w.profile.Status.Condition().Denied != err.Error() {
			blocked, needs := errors.Is(err, ErrFile), "profile needs authorisation"
			if blocked {
				needs = "profile is not polled, since a file of it cannot be used"
			}
			w.log.Error(needs, "err", err)
			w.down, w.again = 0, time.Time{}
			if errors.Is(err, ErrAnswered) { // Withings itself rejects the token
				w.outage.ended()
			}
			w.causes.forget(w.Poller, w.profile)
			w.database.forget(w.profile)
			w.profile.Status.change(func(c *Condition) {
				c.Blocked, c.Denied, c.Up, c.NextPoll, c.Unreachable, c.Returned, c.Longer = blocked, err.Error(), false, time.Time{}, false, false, false
			})
		}
		if Pause(ctx, w.recheck()) != nil {
			return false, false
		}
	}
}

// pollAll polls the services that are due.
func (w *shift) pollAll(ctx context.Context) {
	w.profile.Status.change(func(c *Condition) { c.NextPoll = time.Time{} })
	r := w.round()
	w.adjust(r.choice)
	w.began = time.Now()
	w.retry()
	r.due = w.schedule.due(r.choice.Asked, w.began)
	r.heed = w.watch()
	r.by = w.by(nil)
	if w.profile.Upkeep != nil && !w.began.Before(w.upkeep) {
		r.between = w.lookAfter
	}
	for _, service := range r.due {
		w.schedule.asked[service], w.schedule.polled[service] = w.began, w.began
		w.noteReread(service, r)
	}
	run := w.errands.within(r.due, w.began)
	result := r.poll(ctx)
	if ctx.Err() != nil {
		w.save(w.profile, w.log)
		return
	}
	w.choice, w.fresh = r.choice, false
	w.errands.done(run, r.changed(), w.profile.State.holdsIn, time.Now())
	w.heedSessions(r)
	w.save(w.profile, w.log) // with what the sessions have taught
	w.miss()
	if len(r.due) == 1 && len(r.choice.Asked) > 1 {
		result = max(result, something) // the other services may be well although this one is not
	}
	w.backoff = w.longer(result)
	w.meet(r)
	w.plan()
	w.profile.Status.change(func(c *Condition) { c.Polled, c.Up = w.Now(), result != denied && len(c.Problems) == 0 })
}

// noteReread notes when the last weeks of a service were read again, unless that is due.
func (w *shift) noteReread(service Service, r *round) {
	if read, now := w.profile.State.Progress(service).Reread, w.Now(); !service.Row().Current && !outdated(read, now, r.reread(service)) {
		w.schedule.polled[service] = time.Now().Add(read.Sub(now))
	}
}

// watch returns a function that is called with every answer before the state has it.
func (w *shift) watch() func(Batch) {
	missing, sent := w.lookout.watch(w.profile.State, w.schedule.announced, w.Now()), w.sign.watch(w.profile.State, w.Now())
	return func(b Batch) { missing(b); sent(b) }
}

// miss tells if something new was found that no notification has announced.
func (w *shift) miss() {
	if w.lookout.missed() {
		w.log.Warn("notifications of Withings do not arrive; polling as often as without them until they do", "services", w.lookout.unannounced)
	}
}

// by is by when the requests of a round for a service should be sent: those of a new or
// returning profile first, then what errands wait for, and last what has time.
func (w *shift) by(run []*errand) func(Service) time.Time {
	now, slow := time.Now(), map[Service]time.Duration{}
	for service := range w.schedule.asked {
		slow[service] = w.schedule.pace(service) / leeway
	}
	return func(service Service) time.Time {
		switch {
		case w.fresh:
			return time.Time{}
		case slow[service] <= w.Interval/leeway || len(run) > 0:
			return now
		}
		return now.Add(slow[service])
	}
}

// longer is how long to wait after a poll of which nothing succeeded: longer than after
// the one before.
func (w *shift) longer(result outcome) time.Duration {
	if result != nothing {
		return w.Interval
	}
	return retry.Backoff{First: w.Interval, Most: w.longest()}.Next(w.backoff)
}

// longest is how long a profile that cannot be read waits at most.
func (p *Poller) longest() time.Duration { return max(cmp.Or(p.Longest, time.Hour), p.Interval) }

// follow fetches what hints announce: only the services that they name, and of those
// only what has changed.
func (w *shift) follow(ctx context.Context, run []*errand) {
	r := w.round()
	unannounced := !slices.ContainsFunc(run, func(is *errand) bool { return !is.session })
	r.hinted, r.notified, r.by, r.heed = true, !unannounced, w.by(run), w.sign.watch(w.profile.State, w.Now())
	if unannounced {
		r.heed = w.watch()
	}
	for _, service := range r.choice.Asked {
		if slices.ContainsFunc(run, func(is *errand) bool { return slices.Contains(is.hint.Services, service) }) {
			r.due = append(r.due, service)
		}
	}
	began := time.Now()
	result := r.poll(ctx)
	w.save(w.profile, w.log)
	if ctx.Err() != nil {
		return
	}
	for _, service := range r.due { // of others there may be more than hints announce
		if slices.Contains(w.schedule.announced, service) || w.schedule.heed[service] != unheeded {
			w.schedule.asked[service] = began
		}
		w.noteReread(service, r)
	}
	w.meet(r)
	w.errands.done(run, r.changed(), w.profile.State.holdsIn, time.Now())
	if unannounced {
		w.miss()
	}
	w.profile.Status.change(func(c *Condition) { c.Polled, c.Up = w.Now(), result != denied && len(c.Problems) == 0 })
	w.plan() // what failed is due sooner, what was read later
}

// heed notes that notifications arrive.
func (w *shift) heed(hints []Hint) {
	if len(hints) == 0 {
		return
	}
	if w.lookout.arrived(hints) {
		w.log.Info("notifications of Withings arrive again")
		w.plan()
	}
}

// adjust makes the schedule one for what is asked, announced and known now.
func (w *shift) adjust(choice Choice) {
	s := &w.schedule
	is := w.profile.Status.Condition()
	s.pressing, s.tight = nil, w.profile.Tight != nil && w.profile.Tight()
	for _, service := range choice.Asked {
		known := w.profile.State.Progress(service)
		if _, failing := is.Problems[service]; failing || !known.Done || !known.Doubted.IsZero() {
			s.pressing = append(s.pressing, service)
		}
	}
	s.rare = w.profile.State.Rare(choice)
	w.heedSigns(choice, is)
	var confirmed []Service
	if w.profile.Announced != nil {
		confirmed = w.profile.Announced()
	}
	asked := slices.DeleteFunc(slices.Clone(choice.Asked), func(s Service) bool { return !choice.Sure && slices.Contains(is.Barred, s) })
	s.announced = replaced(asked, confirmed)
	pushed := Notified{Configured: w.profile.Inbox != nil, Active: len(s.announced) > 0}
	if w.lookout.missing {
		s.announced, pushed.Active, pushed.Missing = nil, false, true
	}
	w.lookout.relies(pushed.Active, w.Now())
	w.profile.Status.change(func(c *Condition) { c.Notified, c.Rare = pushed, s.rare })
}

// plan sets when the next poll begins.
func (w *shift) plan() {
	w.adjust(w.choice)
	wait := w.backoff
	if wait <= w.Interval {
		wait = w.schedule.next(w.choice.Asked, w.began)
	}
	if w.profile.Status.Condition().Sink.lacks() {
		wait = min(wait, w.Interval)
	}
	w.poll = Later(w.began.Add(max(sooner(wait), min(breath, w.Interval))), time.Now())
	w.foresee()
}

// lookAfter keeps the subscriptions to notifications alive.
func (w *shift) lookAfter(ctx context.Context) {
	err := w.profile.Upkeep(ctx)
	if ctx.Err() != nil {
		return
	}
	if more, ok := errors.AsType[Unfinished](err); ok { // notifications that have arrived come first
		w.upkeep = time.Now().Add(more.After)
		return
	}
	wait, text, failed := upkeepPace, "", time.Duration(0)
	if err != nil {
		failed = retry.Backoff{First: time.Minute, Most: upkeepTry}.Next(w.upkeepFailed)
		wait, text = failed, err.Error()
	}
	w.upkeepFailed = failed
	w.upkeep = time.Now().Add(retry.Spread(wait))
	switch was := w.profile.Status.Condition().Unsubscribed; {
	case was == text:
		return
	case err != nil:
		w.log.Warn("Withings cannot send notifications; polling goes on without them", "err", err)
	default:
		w.log.Info("Withings can send notifications again")
	}
	w.profile.Status.change(func(c *Condition) { c.Unsubscribed = text })
}

func (p *Poller) recheck() time.Duration { return cmp.Or(p.Recheck, 5*time.Second) }
