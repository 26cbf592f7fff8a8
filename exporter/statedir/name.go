package statedir

import (
	"regexp"
	"sync"
)

// Name is the parts of the name of a profile's file.
type Name struct {
	Stem string // the profile's, as Escape writes it
	Kind string // such as "token" or "state"
	rest string // what follows the kind
	temp bool
}

// named matches the names of files, of their locks, of damaged ones that were set
// aside and of temporary ones.
var named = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\.?)([^.]+)\.([a-z]+)((?:\.json|\.lock)(?:` +
		regexp.QuoteMeta(damagedMark) + `[0-9TZ]+(?:-[0-9]+)?)?(?:` + regexp.QuoteMeta(tempMark) + `[0-9]+)?)$`)
})

// ParseName splits the name of a file; ok is false if it is not a profile's file.
func ParseName(name string) (n Name, ok bool) {
	m := named().FindStringSubmatch(name)
	if m == nil {
		return Name{}, false
	}
	return Name{Stem: m[2], Kind: m[3], rest: m[4], temp: m[1] != ""}, true
}

// Current reports whether the file is in use: neither a lock, nor set aside, nor
// half-written.
func (n Name) Current() bool { return !n.temp && "."+n.Kind+n.rest == suffix(n.Kind) }

// As returns the name with another stem.
func (n Name) As(stem string) string {
	if n.temp {
		stem = "." + stem
	}
	return stem + "." + n.Kind + n.rest
}
