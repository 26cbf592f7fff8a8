package simulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// keptSession is a session as Kept writes it.
type keptSession struct {
	Client string     `json:"client"`
	User   int64      `json:"user"`
	Scopes []string   `json:"scopes"`
	Pairs  []keptPair `json:"pairs"`
}

type keptPair struct {
	Access      string    `json:"access"`
	Refresh     string    `json:"refresh"`
	Issued      time.Time `json:"issued"`
	Superseded  time.Time `json:"superseded,omitzero"`
	AccessDead  bool      `json:"access_dead,omitempty"`
	RefreshDead bool      `json:"refresh_dead,omitempty"`
}

// Kept is what people have allowed, for Restore of another cloud with the same people.
func (c *Cloud) Kept() ([]byte, error) {
	v, now := c.vault, c.clock.now()
	v.mu.Lock()
	defer v.mu.Unlock()
	var kept []keptSession
	seen := map[*session]bool{}
	for _, one := range v.byRefresh {
		s := one.session
		if seen[s] {
			continue
		}
		seen[s] = true
		of := keptSession{Client: s.grant.client, User: s.grant.user, Scopes: s.grant.scopes}
		for _, p := range s.pairs {
			if v.byRefresh[p.refresh] == p && (p.fresh(now) || p.usable(now)) {
				of.Pairs = append(of.Pairs, keptPair{p.access, p.refresh, p.issued, p.superseded, p.accessDead, p.refreshDead})
			}
		}
		if len(of.Pairs) > 0 {
			kept = append(kept, of)
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write down what people have allowed: %w", err)
	}
	return data, nil
}

// Restore adds what people had allowed in another cloud. People who are not in this one are left out.
func (c *Cloud) Restore(data []byte) error {
	var kept []keptSession
	if err := json.Unmarshal(data, &kept); err != nil {
		return fmt.Errorf("read what people have allowed: %w", err)
	}
	v := c.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, of := range kept {
		if c.byID[of.User] == nil {
			continue
		}
		s := &session{grant: grant{client: of.Client, user: of.User, scopes: of.Scopes}}
		for _, k := range of.Pairs {
			p := &pair{s, k.Access, k.Refresh, k.Issued, k.Superseded, k.AccessDead, k.RefreshDead}
			s.pairs = append(s.pairs, p)
			v.byAccess[p.access], v.byRefresh[p.refresh] = p, p
		}
	}
	return nil
}
