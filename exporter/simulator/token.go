package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The lifetimes of section 1.5 of the reference.
const (
	codeLife    = 30 * time.Second
	accessLife  = 3 * time.Hour
	refreshLife = 365 * 24 * time.Hour
	graceLife   = 8 * time.Hour // of a superseded refresh token
)

// grant is what a person allowed: the content of an authorization code and of every pair made from it.
type grant struct {
	client   string
	user     int64
	scopes   []string
	redirect string
	at       time.Time // when the code was issued, on the unhurried clock
}

// session is one authorisation and its pairs, oldest first.
type session struct {
	grant grant
	pairs []*pair
}

// pair is an access token with its refresh token.
type pair struct {
	session         *session
	access, refresh string
	issued          time.Time
	superseded      time.Time // when it was refreshed first; zero as long as it is the latest
	accessDead      bool
	refreshDead     bool
}

// vault keeps codes and tokens.
type vault struct {
	oldAccessDies bool

	mu        sync.Mutex // guards the fields below, and every session in them
	codes     map[string]grant
	byAccess  map[string]*pair
	byRefresh map[string]*pair
}

func newVault(oldAccessDies bool) *vault {
	return &vault{
		oldAccessDies: oldAccessDies,
		codes:         make(map[string]grant),
		byAccess:      make(map[string]*pair),
		byRefresh:     make(map[string]*pair),
	}
}

// secret returns 40 random hexadecimal characters. Tokens are not a function of the seed: a token of an
// earlier run must not fit by chance.
func secret() string {
	var b [20]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// code issues an authorization code.
func (v *vault) code(g grant) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	for code, old := range v.codes {
		if g.at.Sub(old.at) > codeLife {
			delete(v.codes, code)
		}
	}
	code := secret()
	v.codes[code] = g
	return code
}

// exchange spends a code. It fails when the code is unknown, spent, too old, or of another application or
// callback; a code is spent by the attempt, whatever its result.
func (v *vault) exchange(code, client, redirect string, unhurried, now time.Time) (*pair, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g, ok := v.codes[code]
	delete(v.codes, code)
	if !ok || unhurried.Sub(g.at) > codeLife || g.client != client || g.redirect != redirect {
		return nil, false
	}
	return v.issue(&session{grant: g}, now), true
}

// start begins a session without a code, as the demo access does.
func (v *vault) start(g grant, now time.Time) *pair {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.issue(&session{grant: g}, now)
}

// refresh rotates: the pair of the given refresh token gets a successor. The old refresh token lives on
// for a while, see usable.
func (v *vault) refresh(token, client string, now time.Time) (*pair, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	old := v.byRefresh[token]
	if old == nil || old.session.grant.client != client || !old.usable(now) {
		return nil, false
	}
	if old.superseded.IsZero() {
		old.superseded = now
	}
	if v.oldAccessDies {
		old.accessDead = true
	}
	return v.issue(old.session, now), true
}

// issue adds a pair to a session and forgets what can never be used again. The lock must be held.
func (v *vault) issue(s *session, now time.Time) *pair {
	s.pairs = slices.DeleteFunc(s.pairs, func(p *pair) bool {
		if p.fresh(now) || p.usable(now) {
			return false
		}
		v.forget(p)
		return true
	})
	p := &pair{session: s, access: secret(), refresh: secret(), issued: now}
	s.pairs = append(s.pairs, p)
	v.byAccess[p.access] = p
	v.byRefresh[p.refresh] = p
	return p
}

func (v *vault) forget(p *pair) {
	delete(v.byAccess, p.access)
	delete(v.byRefresh, p.refresh)
}

// usable reports whether the refresh token may be spent: for a year, but once superseded only for eight
// hours, and only until a later access token has been used (which sets refreshDead).
func (p *pair) usable(now time.Time) bool {
	if p.refreshDead || !now.Before(p.issued.Add(refreshLife)) {
		return false
	}
	return p.superseded.IsZero() || now.Before(p.superseded.Add(graceLife))
}

// fresh reports whether the access token is accepted.
func (p *pair) fresh(now time.Time) bool {
	return !p.accessDead && now.Before(p.issued.Add(accessLife))
}

// holder is who a valid access token speaks for.
type holder struct {
	client string
	user   int64
	scopes []string
}

// check returns the holder of a valid access token, without using it.
func (v *vault) check(access string, now time.Time) (holder, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.byAccess[access]
	if p == nil || !p.fresh(now) {
		return holder{}, false
	}
	g := p.session.grant
	return holder{client: g.client, user: g.user, scopes: g.scopes}, true
}

// use notes that an access token was used: the refresh tokens of all earlier pairs die.
func (v *vault) use(access string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.byAccess[access]
	if p == nil {
		return
	}
	for _, earlier := range p.session.pairs {
		if earlier == p {
			return
		}
		earlier.refreshDead = true
	}
}

// revoke ends every session a user has with a client.
func (v *vault) revoke(user int64, client string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.byAccess {
		if g := p.session.grant; g.user == user && g.client == client {
			v.forget(p)
		}
	}
}

// userOf returns the user of an access token, valid or not any more; 0 means unknown.
func (v *vault) userOf(access string) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if p := v.byAccess[access]; p != nil {
		return p.session.grant.user
	}
	return 0
}

// owner returns the user a token call is about; 0 means unknown.
func (v *vault) owner(form url.Values) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if p := v.byRefresh[form.Get("refresh_token")]; p != nil {
		return p.session.grant.user
	}
	if g, ok := v.codes[form.Get("code")]; ok {
		return g.user
	}
	user, err := strconv.ParseInt(form.Get("userid"), 10, 64)
	if err != nil {
		return 0
	}
	return user
}
