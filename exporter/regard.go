package exporter

import (
	"slices"
	"time"
)

// regard is what is known of the sessions of a profile's devices when it is decided how far to go by them.
type regard struct {
	state  *State
	sign   *sign
	signed bool // the sessions of some device are known, and the list of devices is as Withings has it
	known  learned
	now    time.Time
}

// all is how far sessions decide for each service of a choice, some of which are rare.
func (r *regard) all(choice Choice, rare []Service) (is SignStatus, how map[Service]heed) {
	is, how = SignStatus{Known: r.signed, Quiet: r.known.Hours.quiet(r.now)}, map[Service]heed{}
	for _, service := range choice.Asked {
		leads := service
		if follows := service.Row().Follows; slices.Contains(choice.Asked, follows) {
			leads = follows
		}
		how[service] = r.of(leads, slices.Contains(choice.Named, leads))
		switch {
		case service == Device || service.Row().Follows != "" || slices.Contains(rare, service):
		case how[service] == unheeded && r.signed:
			is.Unheeded = append(is.Unheeded, service)
			if r.known.doubts(service, r.now) {
				is.Since = Later(is.Since, r.known.of(service).Since)
			}
		case how[service] == dormant:
			is.Dormant = append(is.Dormant, service)
		case how[service] == unproven:
			is.Unproven = append(is.Unproven, service)
		}
	}
	return is, how
}

// of is how far sessions decide when a service is asked.
func (r *regard) of(service Service, named bool) heed {
	switch row := service.Row(); {
	case len(row.senders()) == 0 && row.Net > 0:
		return heeded // only people change it
	case service == Device || !r.signed:
		return unheeded
	case !r.sign.tells(service, r.now):
		if !named && r.now.Sub(r.state.Newest(service)) > newsOf {
			return dormant
		}
		return unheeded
	case r.known.doubts(service, r.now):
		return unheeded
	case r.known.trusts(service, r.now):
		return heeded
	}
	return unproven
}

// Foreseen is how a profile will be polled, as far as its files tell: every command that has them says the same, whether it polls
// or not. Polled is zero if its devices have never been read.
func (p *Profile) Foreseen(now time.Time) Condition {
	choice, devices := p.choose(), p.State.Progress(Device)
	all, rare := p.State.devices(choice)
	sessions := sign{read: devices.Success, sessions: all}
	known := regard{state: p.State, sign: &sessions, known: p.State.experience(), now: now}
	known.signed = slices.Contains(choice.Asked, Device) && devices.Doubted.IsZero() && sessions.heeded(now)
	is := Condition{Polled: devices.Success, Rare: rare}
	is.Sign, _ = known.all(choice, rare)
	is.Notified.Active = p.Announced != nil && len(replaced(choice.Asked, p.Announced())) > 0 && !p.Status.Condition().Notified.Missing
	return is
}
