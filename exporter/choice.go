package exporter

import (
	"errors"
	"slices"
)

var (
	// ErrNotAllowed is behind the error of a service that the person has not allowed.
	ErrNotAllowed = errors.New("not allowed")
	// ErrTokenRefused is behind the error of a service that rejects a token which
	// other services may still accept.
	ErrTokenRefused = errors.New("token refused")
)

// Choice is which services of a profile are asked.
type Choice struct {
	Asked  []Service // in polling order; never empty while the profile is ready
	Told   []Service // not asked, but notifications tell of them
	Barred []Service // wanted, but the person has not allowed them
	Named  []Service // those of Asked that were chosen by name, so that they are always asked
	// Sure says that the person is known to have allowed the services in Asked.
	// Otherwise a service is barred when Withings does not allow it.
	Sure bool
}

// choose returns the services to ask: all of them unless the profile has Choose.
func (p *Profile) choose() Choice {
	if p.Choose == nil {
		return Choice{Asked: Asked()}
	}
	return p.Choose()
}

// Bar moves a service from Asked to Barred.
func (c Choice) Bar(service Service) Choice {
	c.Asked = slices.DeleteFunc(slices.Clone(c.Asked), func(s Service) bool { return s == service })
	c.Barred = append(slices.Clone(c.Barred), service)
	return c
}

// Chosen notes which services are asked, and reports whether one is barred that was not before.
func (p *Profile) Chosen(c Choice) (news bool) {
	p.State.Show(c)
	return p.Status.Chosen(c)
}

// Show leaves out of what is shown the services that nobody reads any more. What is known of them stays, for when they are read again.
func (s *State) Show(c Choice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hidden := slices.DeleteFunc(Services(), func(is Service) bool { return slices.Contains(c.Asked, is) || slices.Contains(c.Told, is) })
	if !slices.Equal(hidden, s.hidden) {
		s.hidden = hidden
		s.version++
	}
}

// Chosen notes which services are asked, and reports whether one is barred that
// was not before. Problems of services that are no longer asked are dropped.
func (s *Status) Chosen(c Choice) (news bool) {
	was := s.Condition()
	if slices.Equal(was.Asked, c.Asked) && slices.Equal(was.Told, c.Told) && slices.Equal(was.Barred, c.Barred) {
		return false
	}
	s.change(func(is *Condition) {
		is.Asked, is.Told, is.Barred = append([]Service{}, c.Asked...), c.Told, c.Barred
		for service := range is.Problems {
			if !slices.Contains(c.Asked, service) {
				delete(is.Problems, service)
			}
		}
	})
	return slices.ContainsFunc(c.Barred, func(b Service) bool { return !slices.Contains(was.Barred, b) })
}

// Reads reports whether a service is read: asked, or told by notifications.
func (c Condition) Reads(service Service) bool {
	if service.Row().Told {
		return slices.Contains(c.Told, service)
	}
	return c.Asked == nil || slices.Contains(c.Asked, service)
}
