package exporter

import (
	"errors"
	"slices"
)

var (
	// ErrNotAllowed is behind an error of a service that Withings does not give
	// because the person did not allow it.
	ErrNotAllowed = errors.New("not allowed")
	// ErrTokenRefused is behind an error of a service that refuses a token which
	// others may still take.
	ErrTokenRefused = errors.New("token refused")
)

// Choice is which services of a profile are asked.
type Choice struct {
	Asked  []Service // in polling order; never empty while the profile is ready
	Barred []Service // wanted, but the person has not allowed them
	// Sure says that the person is known to have allowed those asked. If not, one
	// that Withings does not allow is barred like those known before.
	Sure bool
}

// choose is what the profile asks for: everything, unless it says otherwise.
func (p *Profile) choose() Choice {
	if p.Choose == nil {
		return Choice{Asked: Services()}
	}
	return p.Choose()
}

// Bar takes a service out of those that are asked.
func (c Choice) Bar(service Service) Choice {
	c.Asked = slices.DeleteFunc(slices.Clone(c.Asked), func(s Service) bool { return s == service })
	c.Barred = append(slices.Clone(c.Barred), service)
	return c
}

// Chosen notes which services are asked, and reports whether that bars any that
// was not barred before. A problem of one that is not asked is none any more.
func (s *Status) Chosen(c Choice) (news bool) {
	was := s.Condition()
	if slices.Equal(was.Asked, c.Asked) && slices.Equal(was.Barred, c.Barred) {
		return false
	}
	s.change(func(is *Condition) {
		is.Asked, is.Barred = c.Asked, c.Barred
		for service := range is.Problems {
			if !slices.Contains(c.Asked, service) {
				delete(is.Problems, service)
			}
		}
	})
	return slices.ContainsFunc(c.Barred, func(b Service) bool { return !slices.Contains(was.Barred, b) })
}

// Asks reports whether a service is asked.
func (c Condition) Asks(service Service) bool {
	return c.Asked == nil || slices.Contains(c.Asked, service)
}
