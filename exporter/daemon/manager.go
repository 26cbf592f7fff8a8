package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/web"
)

// heart returns when to tell the service manager that the program is alive, which is
// never where nobody wants to know, and a function that ends it.
func (r *reloader) heart() (beat <-chan time.Time, still func()) {
	if r.manager.Every() == 0 {
		return nil, func() {}
	}
	ticker := time.NewTicker(r.manager.Every())
	return ticker.C, ticker.Stop
}

// alive tells the service manager that the program is alive: the loop that calls it
// turns, and the pages answer. Otherwise it keeps silent, and the manager acts.
func (r *reloader) alive(ctx context.Context, server *web.Server) {
	within, cancel := context.WithTimeout(ctx, r.manager.Every()/2)
	defer cancel()
	err := server.Alive(within)
	switch {
	case ctx.Err() != nil: // the program stops
	case err != nil:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.settings.Log.Error("the service manager is not told that all is well", "err", err)
	default:
		r.manager.Alive()
		r.manager.Status(r.condition())
	}
}

// condition is what the service manager shows: how many people are served, what is wrong with how many, and what of the
// configuration is not in use until it is corrected.
func (r *reloader) condition() string {
	coolOff := r.set.Budget.Until()
	count := map[web.State]int{}
	members := r.set.List()
	for _, m := range members {
		count[condition(m.Status.Condition(), coolOff)]++
	}
	text := []string{"Serving " + english.Plural(len(members), "profile", "")}
	for _, c := range []struct {
		state web.State
		words string
	}{
		{web.StateAuthorize, "to be authorised"},
		{web.StateFailing, "failing"},
		{web.StateCooling, "waiting since Withings asked for fewer requests"},
	} {
		if n := count[c.state]; n > 0 {
			text = append(text, fmt.Sprintf("%d %s", n, c.words))
		}
	}
	if r.set.Refused() != nil {
		text = append(text, refusedShort)
	}
	told := strings.Join(text, ", ")
	switch unloaded, unread := r.set.Unread(); {
	case unloaded:
		told += ". The configuration was not reloaded: see the log"
	case unread:
		told += ". A secret cannot be read again: see the log"
	}
	return told
}
