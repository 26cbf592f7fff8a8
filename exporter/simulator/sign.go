package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"
)

// nonceLife is how long a nonce may wait for its one use.
const nonceLife = 30 * time.Minute

// nonces remembers the nonces that were issued and not used yet.
type nonces struct {
	mu     sync.Mutex // guards issued
	issued map[string]issuedNonce
}

type issuedNonce struct {
	client string
	at     time.Time // on the unhurried clock
}

func newNonces() *nonces { return &nonces{issued: make(map[string]issuedNonce)} }

func (n *nonces) issue(client string, now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for nonce, old := range n.issued {
		if now.Sub(old.at) > nonceLife {
			delete(n.issued, nonce)
		}
	}
	nonce := secret()
	n.issued[nonce] = issuedNonce{client, now}
	return nonce
}

// spend uses a nonce up and reports whether it was good.
func (n *nonces) spend(nonce, client string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	known, ok := n.issued[nonce]
	delete(n.issued, nonce)
	return ok && known.client == client && now.Sub(known.at) <= nonceLife
}

// signature is the lower-case hexadecimal HMAC-SHA256 over the values joined by commas; the values must
// be ordered by the names of their parameters.
func signature(key string, values ...string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.Join(values, ",")))
	return hex.EncodeToString(mac.Sum(nil))
}

// getNonce answers getnonce. The timestamp is part of the signature but not compared with the clock,
// which may run faster than the client's.
func (c *Cloud) getNonce(_ context.Context, q *call) (any, *refusal) {
	client, stamp := q.form.Get("client_id"), q.form.Get("timestamp")
	want := signature(c.options.ClientSecret, q.action, client, stamp)
	if client != c.options.ClientID || stamp == "" || !same(q.form.Get("signature"), want) {
		return nil, c.badClient("invalid signature")
	}
	return Fields{{"nonce", c.nonces.issue(client, c.clock.unhurried())}}, nil
}

// signed checks nonce and signature of a call. The nonce is spent by the attempt.
func (c *Cloud) signed(q *call) *refusal {
	client, nonce := q.form.Get("client_id"), q.form.Get("nonce")
	want := signature(c.options.ClientSecret, q.action, client, nonce)
	if !c.nonces.spend(nonce, client, c.clock.unhurried()) {
		return c.badClient("invalid nonce")
	}
	if client != c.options.ClientID || !same(q.form.Get("signature"), want) {
		return c.badClient("invalid signature")
	}
	return nil
}

// provesClient checks that a token call comes from the registered application: by its secret, or signed.
func (c *Cloud) provesClient(q *call) *refusal {
	if q.form.Get("client_id") != c.options.ClientID {
		return c.badClient("invalid client_id")
	}
	if q.form.Has("signature") {
		return c.signed(q)
	}
	if !same(q.form.Get("client_secret"), c.options.ClientSecret) {
		return c.badClient("invalid client_secret")
	}
	return nil
}

// badClient is the refusal of a wrong client, secret, nonce or signature; its status is uncertain.
func (c *Cloud) badClient(text string) *refusal {
	return &refusal{status: orDefault(c.switches.BadClientStatus, 503), text: "Invalid Params: " + text}
}

// same compares two secrets without telling by the time it takes how much of them is equal.
func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
