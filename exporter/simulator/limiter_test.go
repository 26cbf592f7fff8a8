package simulator

import (
	"testing"
	"time"
)

// burst calls n times and returns how many were let through.
func burst(t *testing.T, c *Cloud, token string, n int) int {
	t.Helper()
	ok := 0
	for range n {
		switch answer := post(t, c, "/v2/user", token, params{"action": "getgoals"}); {
		case answer.Status == 0:
			ok++
		case answer.Status != 601 || answer.HTTP != 200:
			t.Fatalf("HTTP %d, status %d", answer.HTTP, answer.Status)
		}
	}
	return ok
}

func TestLimiterIsPerApplicationAndMinute(t *testing.T) {
	c, real := newCloud(t, Options{Switches: Switches{Limiter: Limiter{Limit: 120}}})
	anna, ben := signIn(t, c, c.people[0].ID, allScopes), signIn(t, c, c.people[1].ID, allScopes)
	if got := burst(t, c, anna.Access, 100) + burst(t, c, ben.Access, 100); got != 120 {
		t.Errorf("two people got %d calls in a minute, want 120 together", got)
	}
	c.Advance(time.Hour)
	if got := burst(t, c, anna.Access, 10); got != 0 {
		t.Errorf("simulated time opened the limiter: %d calls", got)
	}
	real.move(time.Minute)
	if got := burst(t, c, anna.Access, 200); got != 120 {
		t.Errorf("a real minute later %d calls, want 120", got)
	}
}

func TestLimiterWindows(t *testing.T) {
	for window, want := range map[Window]int{FixedWindow: 10, SlidingWindow: 5} {
		c, real := newCloud(t, Options{Switches: Switches{Limiter: Limiter{Limit: 10, Window: window}}})
		pair := signIn(t, c, c.people[0].ID, allScopes)
		burst(t, c, pair.Access, 5)
		real.move(30 * time.Second)
		burst(t, c, pair.Access, 20)
		real.move(30 * time.Second)
		if got := burst(t, c, pair.Access, 20); got != want {
			t.Errorf("window %d: %d calls after a minute, want %d", window, got, want)
		}
	}
}

func TestTokenCallsCountWhenTheSwitchSaysSo(t *testing.T) {
	for count, want := range map[bool]int{false: 0, true: 601} {
		c, _ := newCloud(t, Options{Switches: Switches{Limiter: Limiter{Limit: 3, CountTokenCalls: count}}})
		status := 0
		for range 4 {
			code := codeFor(c, c.people[0].ID, allScopes)
			status = post(t, c, "/v2/oauth2", "", exchangeForm(code)).Status
		}
		if status != want {
			t.Errorf("count %v: the fourth token call has status %d, want %d", count, status, want)
		}
	}
}

func TestLimitedCallHasNotUsedItsToken(t *testing.T) {
	c, _ := newCloud(t, Options{Switches: Switches{Limiter: Limiter{Limit: 1}}})
	old := signIn(t, c, c.people[0].ID, allScopes)
	burst(t, c, old.Access, 1)
	fresh, _ := refresh(t, c, old.Refresh)
	if burst(t, c, fresh.Access, 1) != 0 {
		t.Fatal("the limiter let the call through")
	}
	if _, ok := refresh(t, c, old.Refresh); !ok {
		t.Error("the refused call ended the old refresh token")
	}
}
