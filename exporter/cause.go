package exporter

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"
)

// around is what an error says around its cause: the request to Withings, and how often it was tried.
var around = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+: |; tried [0-9]+ times$`) })

// unreached is how the cause begins if Withings does not answer, be it asked for data or for a token.
const unreached = "cannot reach Withings"

// refused is how the cause begins if Withings does not accept the application. The log tells that once for everybody, whoever asks.
const refused = "client id or client secret is wrong"

// Cause is the text of a service's error without the request and the number of tries,
// so that services that fail for the same reason have the same.
func Cause(text string) string {
	for _, begins := range []string{unreached, refused} {
		if _, why, found := strings.Cut(text, begins); found {
			text = begins + why
		}
	}
	return around().ReplaceAllString(text, "")
}

// causes are why services fail at the moment, those of all profiles together: the log has a line when something begins to be
// wrong and one when it is over, and not one for each service of each profile.
type causes struct {
	mu   sync.Mutex         // guards what follows
	open map[string]*cause  // by text: of these more may fail
	of   map[failure]*cause // why each fails
}

// failure is a service that fails, or the sink if it has none.
type failure struct {
	profile *Profile
	service Service
}

// cause is why some services fail.
type cause struct {
	text     string
	since    time.Time
	failing  map[failure]bool
	services int               // all that ever failed for it …
	profiles map[*Profile]bool // … and whose
}

// failed notes a failure, and reports whether it is the first for its cause.
func (c *causes) failed(f failure, text string, now time.Time) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text = Cause(text)
	is := c.open[text]
	if first = is == nil; first {
		if c.open == nil {
			c.open, c.of = map[string]*cause{}, map[failure]*cause{}
		}
		is = &cause{text: text, since: now, failing: map[failure]bool{}, profiles: map[*Profile]bool{}}
		c.open[text] = is
	}
	is.failing[f], is.profiles[f.profile], c.of[f] = true, true, is
	is.services++
	return first
}

// works notes that a service works again, and returns its cause; over reports whether it was the last that failed for it.
// What fails from then on is news again, even if another service keeps failing for the same reason.
func (c *causes) works(f failure) (is *cause, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, open := c.leave(f)
	if open {
		delete(c.open, is.text)
	}
	return is, is != nil && len(is.failing) == 0
}

// gone notes that a service is no longer asked, of which works would be too much to say: an outage of Withings lasts until there is
// an answer, although nobody may be left who has none.
func (c *causes) gone(f failure) (is *cause, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, open := c.leave(f)
	switch {
	case is == nil || open && isAway(is.text):
		return is, false
	case open:
		delete(c.open, is.text)
	}
	return is, len(is.failing) == 0
}

// leave takes a failure from its cause, which may be nil, and reports whether more may fail for that.
func (c *causes) leave(f failure) (is *cause, open bool) {
	if is = c.of[f]; is == nil {
		return nil, false
	}
	delete(c.of, f)
	delete(is.failing, f)
	return is, c.open[is.text] == is
}

// heard tells of outages that are over although nobody is left who noticed them: Withings has answered.
func (c *causes) heard(p *Poller) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for text, is := range c.open {
		if isAway(text) && len(is.failing) == 0 {
			delete(c.open, text)
			is.ended(p, awayNews.all)
		}
	}
}

// why is the cause of a failure, as far as that has been told; nil of what works, and of what was not asked meanwhile.
func (c *causes) why(f failure) *cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[f]
}

// moved ends the cause of a service that was not answered, and is now: whatever it fails for then is news.
func (r *round) moved(f failure, err error) {
	if is := r.poller.causes.why(f); is == nil || !isAway(is.text) || !errors.Is(err, ErrAnswered) {
		return
	}
	if is, over := r.poller.causes.works(f); over {
		is.ended(r.poller, awayNews.all)
	}
}

// note keeps the outcome of a service and logs when it changes.
func (r *round) note(service Service, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	is := failure{r.profile, service}
	r.moved(is, err)
	if r.profile.Status.served(service, err, r.poller.Now()) || err != nil && r.poller.causes.why(is) == nil {
		r.tell(&r.poller.causes, is, text, serviceNews, "service", string(service))
	}
}

// news is what the log says: of what fails, of that when it works again, and of all that failed for the same reason.
type news struct{ failed, again, all string }

// serviceNews is what is told of services of Withings.
var serviceNews = news{"service failed", "service works again", "services work again"}

// awayNews is what is told instead if Withings does not answer. That concerns everybody, whoever was the first to notice.
var awayNews = news{failed: "Withings cannot be reached", all: "Withings can be reached again"}

// tell logs that something fails, or works again if text is "": at the level that people see only the first and the last
// for a cause.
func (r *round) tell(c *causes, f failure, text string, says news, what ...any) {
	now, level := r.poller.Now(), slog.LevelDebug
	if text != "" {
		switch first := c.failed(f, text, now); {
		case first && isAway(Cause(text)):
			r.poller.Log.Warn(awayNews.failed, "err", text)
		case first && isRefused(Cause(text)):
		case first:
			level = slog.LevelWarn
		}
		r.log.Log(context.Background(), level, says.failed, append(what, "err", text)...)
		return
	}
	is, over := c.works(f)
	switch {
	case over && (is.services > 1 || isAway(is.text)):
		is.ended(r.poller, says.all)
	case over: // it failed alone
		level = slog.LevelInfo
	}
	r.log.Log(context.Background(), level, says.again, what...)
}

// isAway reports whether a cause is that Withings does not answer.
func isAway(cause string) bool { return strings.HasPrefix(cause, unreached) }

// isRefused reports whether a cause is that Withings does not accept the application.
func isRefused(cause string) bool { return strings.HasPrefix(cause, refused) }

// ended logs that nothing fails for a cause any more.
func (is *cause) ended(p *Poller, says string) {
	if isAway(is.text) {
		says = awayNews.all
	}
	counts := []any{"profiles", len(is.profiles)}
	if is.services > len(is.profiles) {
		counts = append(counts, "services", is.services)
	}
	p.Log.Info(says, append(counts, "after", p.Now().Sub(is.since).Round(time.Second), "was", is.text)...)
}

// forget drops the failures of a profile that must be authorised: it is not asked until it is. If others have failed with it
// and work again, that is told now.
func (c *causes) forget(p *Poller, profile *Profile) {
	for _, service := range Services() {
		if is, over := c.gone(failure{profile, service}); over && (len(is.profiles) > 1 || isAway(is.text)) {
			is.ended(p, serviceNews.all)
		}
	}
	if !p.outage.on() {
		c.heard(p)
	}
}

// dropped forgets the failures of a profile that are no longer problems: those of services that are not asked any more.
func (c *causes) dropped(p *Profile) {
	problems := p.Status.Condition().Problems
	for _, service := range Services() {
		if _, fails := problems[service]; !fails {
			c.gone(failure{p, service})
		}
	}
}

// resume takes over what failed before the pollers were started again.
func (p *Poller) resume(profiles []*Profile) {
	for _, profile := range profiles {
		is := profile.Status.Condition()
		for service, problem := range is.Problems {
			p.causes.failed(failure{profile, service}, problem.Text, problem.Since)
		}
		switch {
		case is.Sink == nil:
		case profile.Sink == nil: // any more
			profile.Status.change(func(c *Condition) { c.Sink = nil })
		case is.Sink.Problem.Text == "":
		case is.Sink.OfAll:
			p.database.lacked(profile, is.Sink.Problem)
		default:
			p.sinks.failed(failure{profile: profile}, is.Sink.Problem.Text, is.Sink.Problem.Since)
		}
	}
}
