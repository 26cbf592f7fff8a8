package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/hint"
)

// lifeLeft is long enough before the expiry that no profile renews yet.
const lifeLeft = 3*time.Hour - earliest - spread

func TestGoodTokenIsHandedOutWithoutACall(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	before := h.requests()
	first := h.mustWork(t, s)
	h.clock.pass(lifeLeft - time.Minute)
	if got := h.mustWork(t, s); got != first {
		t.Errorf("got another token %d minutes early", int((3*time.Hour - lifeLeft).Minutes()))
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made, want none", got)
	}
	expiry, ok := s.Expiry()
	if want := h.content(t).Expiry; !ok || !expiry.Equal(want) {
		t.Errorf("got expiry %v, %t, want %v", expiry, ok, want)
	}
	if got := s.UserID(); got != testUser {
		t.Errorf("got user %q, want %q", got, testUser)
	}
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	first := h.mustWork(t, s)
	h.clock.pass(3*time.Hour - earliest)
	second := h.mustWork(t, s)
	if second == first {
		t.Error("got the old token five minutes before its end")
	}
	if got := h.content(t).AccessToken; got != second {
		t.Errorf("file holds %s, want %s", got, second)
	}
}

func TestRenewalsAreSpreadAndStayWhereTheyAre(t *testing.T) {
	leads := map[time.Duration]bool{}
	for i := range 50 {
		name := fmt.Sprintf("profile %d", i)
		lead := leadOf(name)
		if lead < earliest || lead >= earliest+spread {
			t.Errorf("%q is renewed %v before the expiry, want %v to %v", name, lead, earliest, earliest+spread)
		}
		if lead != leadOf(name) {
			t.Errorf("%q is renewed at a different moment each time", name)
		}
		leads[lead.Truncate(time.Minute)] = true
	}
	if len(leads) < 8 {
		t.Errorf("50 profiles are renewed in %d different minutes", len(leads))
	}
}

func TestShortLivedTokenIsUsedForMostOfItsLife(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	mustToken(t, s)
	h.next(reply(200, `{"status":0,"body":{"access_token":"short-access","refresh_token":"short-refresh","expires_in":"60"}}`))
	h.clock.pass(3 * time.Hour)
	mustToken(t, s)
	before := h.requests()
	h.clock.pass(44 * time.Second)
	if got := mustToken(t, s); got != "short-access" || h.requests() != before {
		t.Errorf("got %s after %d requests, want the token of a minute for 45 seconds", got, h.requests()-before)
	}
	h.clock.pass(time.Second)
	_, _ = s.Token(t.Context()) // the cloud does not know the refresh token; asking is enough
	if h.requests() == before {
		t.Error("the token was not renewed before its end")
	}
}

func TestManyAtOnceRenewOnce(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	before := h.requests()
	got := make([]string, 50)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], _ = s.Token(t.Context()) })
	}
	wg.Wait()
	for _, access := range got {
		if access == "" || access != got[0] {
			t.Fatalf("got tokens %q, want one and the same", got)
		}
	}
	if n := h.requests() - before; n != 1 {
		t.Errorf("%d requests were made, want 1", n)
	}
}

func TestManyAtOnceFailOnce(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	h.next(reply(500, ""))
	before := h.requests()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := s.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "HTTP status 500") {
				t.Errorf("got error %v, want the failure everybody waited for", err)
			}
		})
	}
	wg.Wait()
	if n := h.requests() - before; n != 1 {
		t.Errorf("%d requests were made, want 1", n)
	}
}

func TestTwoProcessesShareTheFileThroughDaysOfRotation(t *testing.T) {
	h := newFixture(t)
	one, two := h.source(), h.source()
	start := h.requests()
	const steps = 24
	for range steps {
		h.clock.pass(3 * time.Hour)
		var wg sync.WaitGroup
		for _, s := range []*Source{one, two, one, two} {
			wg.Go(func() { _, _ = s.Token(t.Context()) })
		}
		wg.Wait()
		if a, b := h.mustWork(t, one), h.mustWork(t, two); a != b {
			t.Fatalf("two processes work with %s and %s", a, b)
		}
	}
	if got := h.requests() - start; got != steps {
		t.Errorf("%d renewals, want %d", got, steps)
	}
}

func TestRejectedTokenIsRenewedOnce(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	first := h.mustWork(t, s)
	before := h.requests()
	s.Rejected(first)
	second := h.mustWork(t, s)
	if second == first {
		t.Error("the rejected token was handed out again")
	}
	s.Rejected(first) // a slower call of before
	if got := mustToken(t, s); got != second {
		t.Errorf("got %s, want %s", got, second)
	}
	if got := h.requests() - before; got != 1 {
		t.Errorf("%d requests were made, want 1", got)
	}
}

func TestRejectedTokenIsNotRenewedIfTheFileHasAnother(t *testing.T) {
	h := newFixture(t)
	one, two := h.source(), h.source()
	first := mustToken(t, one)
	two.Rejected(first)
	second := mustToken(t, two)
	one.Rejected(first)
	before := h.requests()
	if got := mustToken(t, one); got != second || h.requests() != before {
		t.Errorf("got %s after %d requests, want %s from the file", got, h.requests()-before, second)
	}
}

func TestTokenRejectedFreshFromItsRenewalNeedsAPersonButIsTriedAgainLater(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	s.Rejected(mustToken(t, s))
	s.Rejected(mustToken(t, s))
	before := h.requests()
	for range 5 {
		if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) {
			t.Fatalf("got %v, want %v", err, ErrNeedsAuthorization)
		}
	}
	if err := s.Authorized(); !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "withings-exporter auth") {
		t.Errorf("got %v, want the command to run", err)
	}
	if got := h.requests() - before; got != 0 {
		t.Errorf("%d requests were made meanwhile, want none", got)
	}
	h.clock.pass(forcing.First)
	h.mustWork(t, s)
	if err := s.Authorized(); err != nil {
		t.Errorf("still not authorized after a call that worked: %v", err)
	}
}

func TestTokenThatWorksForOthersIsNotRenewedAllTheTime(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	before := h.requests()
	for range 10 { // one service refuses every time, the others do not
		access := h.mustWork(t, s)
		s.Rejected(access)
		h.mustWork(t, s)
		h.clock.pass(time.Minute)
	}
	if got := h.requests() - before; got != 1 {
		t.Errorf("%d renewals in ten minutes, want 1", got)
	}
}

func TestOldTokenServesWhileRenewingFails(t *testing.T) {
	for _, tc := range passing {
		t.Run(tc.name, func(t *testing.T) {
			h := newFixture(t)
			s := h.source()
			first := h.mustWork(t, s)
			h.clock.pass(3*time.Hour - earliest)
			h.next(tc.fault)
			if got := mustToken(t, s); got != first {
				t.Errorf("got %s, want the old token while it is good", got)
			}
			if err := s.LastError(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got last error %v, want %q in it", err, tc.want)
			}
			if got := h.content(t).AccessToken; got != first {
				t.Errorf("file holds %s, want %s untouched", got, first)
			}
			h.clock.pass(limitPause)
			if got := h.mustWork(t, s); got == first {
				t.Error("the token was not renewed after the pause")
			}
			if err := s.LastError(); err != nil {
				t.Errorf("error %v is still told after it has passed", err)
			}
		})
	}
}

func TestWithoutAGoodTokenTheErrorTellsWhy(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	mustToken(t, s)
	h.clock.pass(3 * time.Hour)
	h.next(reply(200, status(522, "Timeout")))
	before := h.requests()
	for range 3 {
		_, err := s.Token(t.Context())
		if err == nil || errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "timeout") {
			t.Errorf("got %v, want the timeout", err)
		}
	}
	if got := h.requests() - before; got != 1 {
		t.Errorf("%d requests were made at once, want 1", got)
	}
	if s.Authorized() != nil {
		t.Error("an outage counts as a lost authorisation")
	}
}

func TestPausesGrowAndTheRateLimitGetsAMinute(t *testing.T) {
	for name, limited := range map[string]fault{"status 601": reply(200, status(601, "")), "HTTP status 429": reply(429, "")} {
		t.Run(name, func(t *testing.T) { testPauses(t, limited) })
	}
}

func testPauses(t *testing.T, limited fault) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	attempts := func(span, step time.Duration, f fault) (n int) {
		before := h.requests()
		for passed := time.Duration(0); passed < span; passed += step {
			h.mu.Lock()
			h.faults = []fault{f}
			h.mu.Unlock()
			_, _ = s.Token(t.Context())
			h.clock.pass(step)
		}
		return h.requests() - before
	}
	if got := attempts(time.Minute, time.Second, limited); got != 1 {
		t.Errorf("%d attempts in the minute after the rate limit, want 1", got)
	}
	if got := attempts(time.Hour, 5*time.Second, reply(500, "")); got < 12 || got > 20 {
		t.Errorf("%d attempts in an hour of outage, want about one in five minutes", got)
	}
}

func TestRefusedRefreshAsksForAPersonAndStopsCalling(t *testing.T) {
	for _, n := range []int{503, 401, 100, 101, 102, 200} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			h := newFixture(t)
			s := h.source()
			h.clock.pass(3 * time.Hour)
			h.next(reply(200, status(n, "Invalid Params: invalid refresh_token")))
			before, file := h.requests(), h.content(t)
			for range 3 {
				_, err := s.Token(t.Context())
				if !errors.Is(err, ErrNeedsAuthorization) || hint.Of(err) != "run: withings-exporter auth 'Anna Müller'" {
					t.Fatalf("got %v, want the command to run", err)
				}
				h.clock.pass(time.Hour)
			}
			if got := h.requests() - before; got != 1 {
				t.Errorf("%d requests were made, want 1", got)
			}
			if got := h.content(t); got != file {
				t.Error("the file was changed")
			}
			if err := os.Chtimes(h.store().Path(), time.Time{}, h.clock.now()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) || h.requests()-before != 1 {
				t.Errorf("a file touched but with the same content was tried again: %v", err)
			}
			h.authorize(t)
			if !s.Reload() {
				t.Error("the new authorisation was not noticed")
			}
			if err := s.Authorized(); err != nil {
				t.Errorf("still not authorized after a person did so: %v", err)
			}
			h.mustWork(t, s)
		})
	}
}

func TestUnauthorizedAsksForAPersonOnlyIfItLasts(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	for i := range maxDenials {
		h.next(reply(200, status(2555, "")))
		_, err := s.Token(t.Context())
		if last := i == maxDenials-1; err == nil || errors.Is(err, ErrNeedsAuthorization) != last {
			t.Errorf("answer %d: got %v", i+1, err)
		}
		h.clock.pass(renewing.Most)
	}
}

func TestProfileWithoutAFileBecomesAuthorizedWhenOneAppears(t *testing.T) {
	h := newFixture(t)
	if err := os.Remove(h.store().Path()); err != nil {
		t.Fatal(err)
	}
	s := h.source()
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "not authorised yet") {
		t.Errorf("got %v, want %v", err, ErrNeedsAuthorization)
	}
	if _, ok := s.Expiry(); ok {
		t.Error("there is an expiry without a token")
	}
	h.authorize(t)
	h.mustWork(t, s)
	if err := h.store().Withdraw(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "withdrawn on 2026-07-15 08:00 UTC") {
		t.Errorf("after the authorisation was withdrawn: got %v, want %v and when", err, ErrNeedsAuthorization)
	}
	if s.Withdrawn().IsZero() || h.source().Withdrawn().IsZero() {
		t.Error("it is not known when, at once and after a restart")
	}
	h.store().forget(withdrawnKind) // with all files of the person
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "not authorised yet") || !s.Withdrawn().IsZero() {
		t.Errorf("after what was left was deleted: got %v, withdrawn %s", err, s.Withdrawn())
	}
	h.authorize(t)
	h.mustWork(t, s)
	if err := os.Remove(h.store().Path()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Token(t.Context()); err == nil || strings.Contains(err.Error(), "withdrawn") {
		t.Errorf("got %v although the profile was authorised since", err)
	}
}

func TestTokenOfAnotherPersonIsRefused(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	h.user = "99"
	file := h.content(t)
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrNeedsAuthorization) || !strings.Contains(err.Error(), "user 99") {
		t.Errorf("got %v, want a refusal naming the other user", err)
	}
	if h.content(t) != file {
		t.Error("the other person's token was stored")
	}
}

func TestUserAndScopeStayIfTheAnswerOmitsThem(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	h.next(reply(200, `{"status":0,"body":{"access_token":"access-x","refresh_token":"refresh-x"}}`))
	mustToken(t, s)
	if got := h.content(t); got.UserID != testUser || got.Scope != allScopes {
		t.Errorf("file has user %q and scope %q, want them as before", got.UserID, got.Scope)
	}
}

func TestWaitingForAnotherRenewalEndsWithTheContext(t *testing.T) {
	h := newFixture(t)
	s := h.source()
	h.clock.pass(3 * time.Hour)
	s.turn <- struct{}{} // somebody is at it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	<-s.turn
	if _, err := s.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	h.mustWork(t, s) // an ended context makes nobody else wait
}
