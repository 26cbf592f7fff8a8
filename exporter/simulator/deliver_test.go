package simulator

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// times are those of all tries so far, from the start of the test.
func times(c *Cloud) []time.Duration {
	var list []time.Duration
	for _, d := range c.Deliveries() {
		list = append(list, d.Time.Sub(testStart))
	}
	return list
}

func TestNotificationsAreForms(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1")
	stray := 0
	for range 200 {
		c.Advance(time.Second)
		v.weigh(t)
	}
	c.Deliver(t.Context())
	for i, r := range to.posts {
		form := to.forms[i]
		if r.Method != http.MethodPost || r.URL.String() != testCallback || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Fatalf("%s %s %v", r.Method, r.URL, r.Header)
		}
		if form.Get("userid") != fmt.Sprint(v.user) || form.Get("appli") != "1" || form.Get("startdate") == "" {
			t.Fatalf("form %v", form)
		}
		if form.Get("foo") == "bar" {
			stray++
		}
	}
	if len(to.posts) != 200 || stray < 5 || stray > 60 {
		t.Errorf("%d posts, %d of them with the stray field", len(to.posts), stray)
	}
}

func TestDelaysAreUpToTheirLimitAndFollowFromTheSeed(t *testing.T) {
	run := func() []time.Duration {
		c, v, _ := subscribed(t, Notifications{Delay: 2 * time.Minute}, "1")
		var waits []time.Duration
		for range 40 {
			c.Advance(time.Hour)
			for c.Deliver(t.Context()) > 0 {
				continue // a weigh-in of ordinary life
			}
			at := c.Now()
			v.weigh(t)
			v.toNext()
			if n := c.Deliver(t.Context()); n != 1 {
				t.Fatalf("%d sent when one is due", n)
			}
			waits = append(waits, c.Now().Sub(at))
		}
		return waits
	}
	waits := run()
	if longest, shortest := slices.Max(waits), slices.Min(waits); longest > 2*time.Minute || longest < 80*time.Second || shortest > 40*time.Second {
		t.Errorf("delays from %v to %v", shortest, longest)
	}
	if again := run(); !slices.Equal(waits, again) {
		t.Errorf("the same seed gives %v, then %v", waits, again)
	}
}

func TestRetriesFollowThePlanOfTheGuide(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "2") // hardly anything of ordinary life
	to.says(0, errNobodyHome)
	if err := c.Announce(v.user, 2, nil); err != nil {
		t.Fatal(err)
	}
	for c.Noticed().GivenUp == 0 && v.toNext() {
		if c.Deliver(t.Context()) == 0 {
			t.Fatalf("nothing was sent at %v", c.Now())
		}
	}
	got := times(c)
	if len(got) != 10 {
		t.Fatalf("%d tries at %v, want 10", len(got), got)
	}
	for i := 0; i < 10; i += 2 {
		if got[i] != got[i+1] {
			t.Errorf("the two tries of cycle %d are at %v and %v", i/2, got[i], got[i+1])
		}
	}
	for i, bounds := range [][2]time.Duration{
		{0, 0}, {10 * time.Second, 10 * time.Second}, {2 * time.Minute, 11 * time.Minute},
		{62 * time.Minute, 80 * time.Minute}, {243 * time.Minute, 270 * time.Minute},
	} {
		since := got[2*i]
		if i > 0 {
			since -= got[2*i-2]
		}
		if since < bounds[0] || since > bounds[1] {
			t.Errorf("cycle %d comes %v after the one before, want %v to %v", i, since, bounds[0], bounds[1])
		}
	}
	if n := c.Noticed(); n.Announced != 1 || n.Failed != 10 || n.GivenUp != 1 || n.Accepted != 0 {
		t.Errorf("counted %+v", n)
	}
}

func TestARetryEndsWithTheFirstSuccess(t *testing.T) {
	c, v, to := subscribed(t, Notifications{Retries: []Retry{{}, {After: time.Minute}, {After: time.Hour}}}, "2")
	to.says(500, nil)
	if err := c.Announce(v.user, 2, nil); err != nil {
		t.Fatal(err)
	}
	c.Deliver(t.Context())
	to.says(200, nil)
	c.Advance(59 * time.Second)
	if n := c.Deliver(t.Context()); n != 0 {
		t.Errorf("%d sent before their time", n)
	}
	c.Advance(time.Second)
	c.Deliver(t.Context())
	c.Advance(3 * time.Hour)
	c.Deliver(t.Context())
	if got, want := times(c), []time.Duration{0, 0, time.Minute}; !slices.Equal(got, want) {
		t.Errorf("tries at %v, want %v", got, want)
	}
}

func TestAnswersBelow400AreSuccess(t *testing.T) {
	for status, want := range map[int]bool{200: true, 204: true, 302: true, 399: true, 400: false, 404: false, 410: false, 500: false, 503: false} {
		c, v, to := subscribed(t, Notifications{}, "1")
		to.says(status, nil)
		v.weigh(t)
		c.Deliver(t.Context())
		n := c.Noticed()
		if (n.Accepted == 1) != want || (n.Failed == 2) == want {
			t.Errorf("status %d: %+v", status, n)
		}
		if got := len(to.posts); want && got != 1 {
			t.Errorf("status %d: %d posts; a redirect is not to be followed", status, got)
		}
	}
}

func TestASlowAnswerIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v, to := subscribed(t, Notifications{}, "1")
		wait := 4900 * time.Millisecond
		to.answer = func(r *http.Request) (int, error) {
			select {
			case <-time.After(wait):
				return 200, nil
			case <-r.Context().Done():
				return 0, r.Context().Err()
			}
		}
		v.weigh(t)
		c.Deliver(t.Context())
		wait = 5100 * time.Millisecond
		v.weigh(t)
		c.Deliver(t.Context())
		if n := c.Noticed(); n.Accepted != 1 || n.Failed != 2 {
			t.Errorf("after 4.9 s and 5.1 s: %+v; want one success and two failed tries", n)
		}
	})
}

func TestFailuresCancelASubscription(t *testing.T) {
	for _, forget := range []bool{false, true} {
		c, v, to := subscribed(t, Notifications{CancelAfter: 4, ForgetCancelled: forget}, "1", "4")
		to.says(502, nil)
		v.weigh(t)
		c.Deliver(t.Context()) // two tries
		if n := c.Noticed().Cancelled; n != 0 {
			t.Fatalf("cancelled after two failures")
		}
		c.Advance(10 * time.Second)
		c.Deliver(t.Context())
		if n := c.Noticed(); n.Cancelled != 1 || n.Failed != 4 {
			t.Fatalf("after four failures: %+v", n)
		}
		to.says(200, nil)
		to.taken()
		v.weigh(t)
		c.Advance(24 * time.Hour)
		c.Deliver(t.Context())
		if slices.ContainsFunc(plains(to.taken()), func(form string) bool { return formAppli(form) == "1" }) {
			t.Error("a cancelled subscription is notified")
		}
		var list struct {
			Profiles []struct{ Appli int } `json:"profiles"`
		}
		v.call(t, "/notify", params{"action": "list"}).into(t, &list)
		if listed := list.Profiles[0].Appli == 1; listed == forget {
			t.Errorf("ForgetCancelled %v: the list is %v", forget, list)
		}
		if !forget {
			v.subscribe(t, "1")
			v.weigh(t)
			if n := c.Deliver(t.Context()); n != 0 {
				t.Errorf("subscribing again has brought it back, although it was not revoked")
			}
			v.call(t, "/notify", params{"action": "revoke", "callbackurl": testCallback, "appli": "1"})
		}
		v.subscribe(t, "1")
		v.weigh(t)
		if n := c.Deliver(t.Context()); n != 1 {
			t.Errorf("ForgetCancelled %v: %d notifications of the new subscription", forget, n)
		}
	}
}

// formAppli returns the category of a form.
func formAppli(form string) string {
	var user, appli int
	_, _ = fmt.Sscanf(form, "userid=%d&appli=%d", &user, &appli)
	return fmt.Sprint(appli)
}

func TestTwentyDaysOfFailuresCancelASubscription(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "2")
	to.says(500, nil)
	fail := func() {
		if err := c.Announce(v.user, 2, nil); err != nil {
			t.Fatal(err)
		}
		c.Deliver(t.Context())
	}
	fail()
	c.Advance(19 * 24 * time.Hour)
	fail()
	if c.Noticed().Cancelled != 0 {
		t.Fatal("cancelled after 19 days")
	}
	to.says(200, nil)
	fail()
	to.says(500, nil)
	c.Advance(2 * 24 * time.Hour)
	fail()
	if c.Noticed().Cancelled != 0 {
		t.Fatal("cancelled although there was a success in between")
	}
	c.Advance(20 * 24 * time.Hour)
	fail()
	if c.Noticed().Cancelled != 1 {
		t.Error("not cancelled after 20 days of failures")
	}
}

func TestLossesAndDuplicates(t *testing.T) {
	for _, share := range []float64{0, 0.5, 1} {
		c, v, to := subscribed(t, Notifications{Lose: share, Duplicate: 1}, "1")
		for range 100 {
			c.Advance(time.Millisecond)
			v.weigh(t)
			c.Advance(999 * time.Millisecond)
		}
		c.Advance(time.Minute)
		c.Deliver(t.Context())
		forms := map[string]int{}
		for _, form := range to.taken() {
			forms[form]++
		}
		lost := 100 - len(forms)
		if off := float64(lost) - 100*share; lost != c.Noticed().Lost || math.Abs(off) > 60*share*(1-share) {
			t.Errorf("share %v: %d of 100 lost, counted %+v", share, lost, c.Noticed())
		}
		for form, n := range forms {
			if n != 2 {
				t.Errorf("%s came %d times", form, n)
			}
		}
	}
}

func TestReorderedNotificationsOvertake(t *testing.T) {
	c, v, to := subscribed(t, Notifications{Reorder: true}, "50", "51")
	var want []string
	for range 20 {
		c.Advance(10 * time.Second)
		if err := c.GetInBed(v.user, c.Now()); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprint(c.Now().Unix()))
	}
	c.Advance(time.Minute)
	c.Deliver(t.Context())
	var got []string
	for _, form := range to.forms {
		got = append(got, form.Get("date"))
	}
	if slices.IsSorted(got) {
		t.Error("all came in order")
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("came %v, want %v", got, want)
	}
}

func TestEarlyNotificationsComeBeforeTheirData(t *testing.T) {
	c, v, to := subscribed(t, Notifications{Early: 90 * time.Second}, "1", "54", "44")
	id := v.weigh(t)
	if _, err := c.AddRecording(v.user, Heart{Rate: 61}); err != nil {
		t.Fatal(err)
	}
	if n := c.Deliver(t.Context()); n != 2 {
		t.Fatalf("%d notifications at once, want 2", n)
	}
	recorded := func() bool {
		return len(c.heartRows(c.people[0], c.Now().Unix(), window{ranged: true, from: testStart.Unix(), to: testStart.Unix()})) > 0
	}
	c.Advance(89 * time.Second)
	if has(c, v.user, id) || recorded() {
		t.Error("the data can be read after 89 seconds")
	}
	c.Advance(time.Second)
	if !has(c, v.user, id) || !recorded() {
		t.Error("the data cannot be read after 90 seconds")
	}
	to.taken()
	for range 10 { // ordinary life
		v.toNext()
		c.Deliver(t.Context())
		at := c.Now().Unix()
		for _, form := range to.taken() {
			if formAppli(form) != "1" {
				continue
			}
			ok := false
			for _, g := range c.groups(c.people[0], at+90, window{to: endless}) {
				ok = ok || g.Modified == at+90
			}
			if !ok {
				t.Errorf("%s came at %d, but nothing changes 90 seconds later", form, at)
			}
		}
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	c, v, _ := subscribed(t, Notifications{}, "52")
	for range maxQueue + 100 {
		if err := c.InflateMat(v.user); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.Noticed(); n.Lost != 100 || n.Announced != maxQueue+100 {
		t.Errorf("counted %+v", n)
	}
}

func TestAnEndedDeliveryIsNobodysFault(t *testing.T) {
	c, v, to := subscribed(t, Notifications{}, "1")
	ctx, cancel := context.WithCancel(t.Context())
	to.answer = func(*http.Request) (int, error) {
		cancel()
		return 0, context.Canceled
	}
	v.weigh(t)
	c.Deliver(ctx)
	if n := c.Noticed(); n.Failed != 0 || n.GivenUp != 0 {
		t.Errorf("counted %+v", n)
	}
	to.says(200, nil)
	if n := c.Deliver(t.Context()); n != 1 {
		t.Errorf("%d sent later, want 1", n)
	}
}

func TestSwitchesOfNotificationsCanChange(t *testing.T) {
	c, v, _ := subscribed(t, Notifications{}, "1")
	v.weigh(t)
	c.SwitchNotifications(Notifications{Lose: 1})
	v.weigh(t)
	c.SwitchNotifications(Notifications{})
	v.weigh(t)
	if n := c.Deliver(t.Context()); n != 2 {
		t.Errorf("%d sent, want the first and the last", n)
	}
}

// playing runs a Cloud on the clock of the bubble.
func playing(t *testing.T, speed float64, how Notifications, applis ...string) (*Cloud, *visitor, *callback) {
	to := &callback{}
	c := New(Options{Start: testStart, Speed: speed, Callbacks: &http.Client{Transport: to},
		Switches: Switches{Notifications: how, Limiter: Limiter{Limit: Unlimited}}})
	v := visit(c, Full)
	for _, appli := range applis {
		v.subscribe(t, appli)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Play(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return c, v, to
}

func TestPlaySendsEverythingAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v, to := playing(t, 1, Notifications{Delay: 2 * time.Minute}, "1", "44", "50", "51")
		time.Sleep(time.Hour)
		v.weigh(t)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := len(to.taken()); got != 1 {
			t.Errorf("%d notifications two minutes after a weigh-in, want 1", got)
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		inBed := fmt.Sprintf("userid=%d&appli=50&date=%d&deviceid=%s", v.user, c.Nights(v.user, c.Now(), c.Now())[0].Start, c.people[0].mat.ID)
		if got := plains(to.taken()); !slices.Contains(got, inBed) {
			t.Errorf("%s is not among %q", inBed, got)
		}
		for _, d := range c.Deliveries() {
			if values, _ := url.ParseQuery(d.Form); values.Has("date") && values.Get("date") > fmt.Sprint(d.Time.Unix()) {
				t.Errorf("sent before its time: %+v", d)
			}
		}
	})
}

func TestPlaySendsAtOnceWhatHappensNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v, to := playing(t, 1, Notifications{}, "52")
		time.Sleep(10 * time.Second)
		v.subscribe(t, "1")
		v.weigh(t)
		synctest.Wait()
		if got := len(to.taken()); got != 1 {
			t.Errorf("%d notifications at once, want 1", got)
		}
		c.SwitchNotifications(Notifications{Delay: time.Hour})
		v.weigh(t)
		synctest.Wait()
		c.Advance(time.Hour)
		synctest.Wait()
		if got := len(to.taken()); got != 1 {
			t.Errorf("%d notifications after a jump, want 1", got)
		}
	})
}

func TestPlayDoesNotFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, to := playing(t, 10_000, Notifications{}, allCategories...)
		for range 20 { // more than two simulated days
			time.Sleep(time.Second)
			synctest.Wait()
			if got := to.taken(); len(got) > len(allCategories) {
				t.Fatalf("%d notifications in a second: %q", len(got), got)
			}
		}
		if n := c.Noticed(); n.Accepted < 20 || n.Accepted > 100 || n.Lost == 0 {
			t.Errorf("counted %+v", n)
		}
	})
}
