package simulator

import (
	"strings"
	"testing"
	"time"
)

func TestWhatPeopleAllowedOutlivesACloud(t *testing.T) {
	now := time.Date(2026, 7, 15, 8, 0, 0, 0, time.UTC)
	cloud := func() *Cloud {
		return New(Options{Seed: 1, People: 1, Years: 1, Now: func() time.Time { return now }})
	}
	first := cloud()
	anna := first.People()[0].ID
	old := first.vault.start(grant{client: "app", user: anna, scopes: []string{scopeInfo}}, now)
	latest, ok := first.vault.refresh(old.refresh, "app", now)
	if !ok {
		t.Fatal("the token is not renewed")
	}
	first.vault.use(latest.access)
	first.vault.start(grant{client: "app", user: 7, scopes: []string{scopeInfo}}, now) // nobody of the next cloud
	kept, err := first.Kept()
	if err != nil {
		t.Fatal(err)
	}
	second := cloud()
	if err := second.Restore(kept); err != nil {
		t.Fatal(err)
	}
	is, ok := second.vault.check(latest.access, now)
	if !ok || is.user != anna || is.client != "app" || len(is.scopes) != 1 {
		t.Errorf("the access token is that of %+v, valid: %t", is, ok)
	}
	if _, ok := second.vault.refresh(old.refresh, "app", now); ok {
		t.Error("a refresh token that was dead works again")
	}
	if _, ok := second.vault.refresh(latest.refresh, "app", now.Add(100*24*time.Hour)); !ok {
		t.Error("the refresh token does not work")
	}
	if n := len(second.vault.byAccess); n != 2 { // Anna's latest, and the new one
		t.Errorf("%d pairs are known, want 2", n)
	}
	second.vault.revoke(anna, "app")
	if kept, err := second.Kept(); err != nil || string(kept) != "null" {
		t.Errorf("after everything was revoked it keeps %s, %v", kept, err)
	}
	if err := second.Restore([]byte("{")); err == nil || !strings.Contains(err.Error(), "what people have allowed") {
		t.Errorf("a damaged file: %v", err)
	}
}
