package notify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/withings"
)

const external = "https://home.example/withings"

// ledger is an Account: Withings' list of a person's subscriptions.
type ledger struct {
	list   []withings.Subscription
	calls  []string // what was asked for, with the seconds since the call before
	last   time.Time
	answer func(action string, category int) error // nil: everything works
	head   func(callback string)                   // what Withings does before it confirms
}

func (l *ledger) call(action, callback string, category int) error {
	l.calls = append(l.calls, fmt.Sprintf("%s %d +%.0f", action, category, time.Since(l.last).Seconds()))
	l.last = time.Now()
	if l.head != nil && action == "subscribe" {
		l.head(callback)
	}
	if l.answer != nil {
		return l.answer(action, category)
	}
	return nil
}

func (l *ledger) Subscriptions(context.Context) ([]withings.Subscription, error) {
	return slices.Clone(l.list), l.call("list", "", 0)
}

func (l *ledger) Subscribe(_ context.Context, callback string, category int) error {
	err := l.call("subscribe", callback, category)
	if err == nil {
		l.list = append(l.list, withings.Subscription{Category: category, Callback: callback})
	}
	return err
}

func (l *ledger) Unsubscribe(_ context.Context, callback string, category int) error {
	err := l.call("revoke", callback, category)
	if err == nil {
		l.list = slices.DeleteFunc(l.list, func(s withings.Subscription) bool { return s.Callback == callback && s.Category == category })
	}
	return err
}

// at are the categories at an address, in order.
func (l *ledger) at(address string) []int {
	all := listed(l.list, address)
	slices.Sort(all)
	return all
}

// house is a keeper and what is around it.
type house struct {
	*Keeper
	ledger *ledger
	log    bytes.Buffer
	owner  string
	wanted []exporter.Service
	doubts bool
}

// newHouse is to be called within a bubble, whose clock it goes by.
func newHouse(t *testing.T) *house {
	t.Helper()
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{ledger: &ledger{last: time.Now()}, owner: anna, wanted: []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep, exporter.Goal}}
	h.Keeper = &Keeper{
		Account: h.ledger, Receiver: NewReceiver(&counts{}, time.Now), Box: NewBox("Anna"), External: external,
		File:   File{Dir: dir, Profile: "Anna", Now: time.Now},
		Owner:  func() string { return h.owner },
		Wanted: func() []exporter.Service { return h.wanted },
		Doubt:  func() bool { return h.doubts },
		Pause:  exporter.Pause, Now: time.Now, Client: cut(errors.New("no route")), Log: slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	return h
}

// upkeep looks after the subscriptions and returns what that took.
func (h *house) upkeep(t *testing.T) []string {
	t.Helper()
	h.ledger.calls, h.ledger.last = nil, time.Now()
	if err := h.Upkeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h.ledger.calls
}

// address is the one at which notifications are taken now.
func (h *house) address() string { return Address(external, h.File.Peek()) }

// inHouse runs a test in a bubble.
func inHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newHouse(t)) })
}

var everything = []int{1, 2, 4, 16, 44, 46, 58, 63}

func TestWhatIsMissingIsSubscribedToOnceAndSlowly(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		want := []string{"list 0 +0", "subscribe 1 +0", "subscribe 2 +5", "subscribe 4 +5", "subscribe 16 +5", "subscribe 44 +5", "subscribe 46 +5", "subscribe 58 +5", "subscribe 63 +5"}
		if h.Announced() != nil {
			t.Errorf("announced before anything is subscribed to: %v", h.Announced())
		}
		if got := h.upkeep(t); !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
		if got := h.ledger.at(h.address()); !slices.Equal(got, everything) {
			t.Errorf("subscribed to %v, want %v", got, everything)
		}
		if got, want := h.Announced(), []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep}; !slices.Equal(got, want) {
			t.Errorf("announced are %v, want %v", got, want)
		}
		time.Sleep(time.Hour)
		if got := h.upkeep(t); !slices.Equal(got, []string{"list 0 +0"}) {
			t.Errorf("an hour later asked for %q", got)
		}
		h.ledger.list = slices.DeleteFunc(h.ledger.list, func(s withings.Subscription) bool { return s.Category == 44 })
		time.Sleep(time.Hour)
		if got := h.upkeep(t); !slices.Equal(got, []string{"list 0 +0", "subscribe 44 +0"}) {
			t.Errorf("once one is lost, asked for %q", got)
		}
	})
}

func TestBetweenTwoSubscriptionsThePollerHasItsTurn(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Pause = nil
		h.ledger.list = []withings.Subscription{{Category: 1, Callback: Address(external, annasSecret)}}
		turns, spent := 0, time.Duration(0)
		for {
			began := time.Now()
			err := h.Upkeep(t.Context())
			if spent += time.Since(began); err == nil {
				break
			}
			more, ok := errors.AsType[exporter.Unfinished](err)
			if !ok || more.After <= 0 || more.After > gapSubscribe {
				t.Fatalf("in turn %d: %v", turns, err)
			}
			if again := h.Upkeep(t.Context()); !errors.Is(again, err) { // called too early, it does nothing
				t.Errorf("called too early: %v, want %v", again, err)
			}
			turns++
			time.Sleep(more.After)
		}
		want := []string{"list 0 +0", "revoke 1 +0", "subscribe 1 +5", "subscribe 2 +5", "subscribe 4 +5", "subscribe 16 +5", "subscribe 44 +5", "subscribe 46 +5", "subscribe 58 +5", "subscribe 63 +5"}
		if turns != len(everything) || spent != 0 || !slices.Equal(h.ledger.calls, want) {
			t.Errorf("%d turns, %s within, asked for %q", turns, spent, h.ledger.calls)
		}
		if got := h.ledger.at(h.address()); !slices.Equal(got, everything) {
			t.Errorf("subscribed to %v", got)
		}
	})
}

func TestAnUpkeepForAnotherPersonBeginsAgain(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.Pause = nil
		_ = h.Upkeep(t.Context())
		annas := h.address()
		h.owner, h.ledger.list = "41730257", nil
		h.Pause = exporter.Pause
		h.upkeep(t)
		if got := h.ledger.at(h.address()); len(h.ledger.at(annas)) > 0 || !slices.Equal(got, everything) {
			t.Errorf("subscribed to %v, at the other address %v", got, h.ledger.at(annas))
		}
	})
}

func TestWhatIsListedIsConfirmedAfterARestart(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upkeep(t)
		h.Box, h.Receiver = NewBox("Anna"), NewReceiver(&counts{}, time.Now)
		h.Known()
		if !h.Receiver.knows(h.address()) {
			t.Error("the address of the last time is not answered at once")
		}
		if got := h.upkeep(t); !slices.Equal(got, []string{"list 0 +0"}) || len(h.Announced()) != 3 {
			t.Errorf("asked for %q, announced are %v", got, h.Announced())
		}
	})
}

func TestOnlyOwnSubscriptionsThatAreOfNoUseEnd(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upkeep(t)
		h.Receiver.move(NewBox("Anna's other profile"), bensSecret)
		stay := []string{
			"https://other.example/hook", "https://home.example/other", "https://home.example/withings/notifications", "https://home.example/withings2/notify/x",
			"https://other.example" + Path(annasSecret), Address(external, bensSecret),
		}
		end := []string{
			Address(external, annasSecret), Address("https://old.example", h.File.Peek()), Address("http://home.example/withings", h.File.Peek()), external + "/notify/x",
		}
		for _, callback := range append(stay, end...) {
			h.ledger.list = append(h.ledger.list, withings.Subscription{Category: 1, Callback: callback})
		}
		h.wanted = []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep} // 46 is not wanted any more
		time.Sleep(time.Hour)
		if got, want := h.upkeep(t), []string{"list 0 +0", "revoke 46 +0", "revoke 1 +1", "revoke 1 +1", "revoke 1 +1", "revoke 1 +1"}; !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
		for _, callback := range stay {
			if len(h.ledger.at(callback)) != 1 {
				t.Errorf("%s was ended", callback)
			}
		}
		for _, callback := range end {
			if len(h.ledger.at(callback)) != 0 {
				t.Errorf("%s was not ended", callback)
			}
		}
		if got, want := h.ledger.at(h.address()), []int{1, 2, 4, 16, 44, 58, 63}; !slices.Equal(got, want) {
			t.Errorf("subscribed to %v, want %v", got, want)
		}
	})
}

func TestAFormerSubscriptionThatCannotBeEndedIsToldOnceAndHoldsNothingUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.ledger.list = []withings.Subscription{{Category: 1, Callback: Address(external, annasSecret)}}
		h.ledger.answer = func(action string, _ int) error {
			if action == "revoke" {
				return errors.New("revoke: status 294")
			}
			return nil
		}
		for range 5 {
			h.upkeep(t)
			time.Sleep(time.Hour)
		}
		if got := h.ledger.at(h.address()); !slices.Equal(got, everything) {
			t.Errorf("subscribed to %v, want %v", got, everything)
		}
		if n := strings.Count(h.log.String(), "was not ended"); n != 1 {
			t.Errorf("told %d times:\n%s", n, &h.log)
		}
	})
}

func TestARefusedCategoryIsLeftAloneForADay(t *testing.T) {
	for name, c := range map[string]struct {
		category int
		told     bool
		lacks    exporter.Service // whose news are not announced
	}{
		"one that is uncertain":                     {63, false, ""},
		"one that every account should have":        {44, true, exporter.Sleep},
		"one of several of a service":               {58, true, exporter.Measure},
		"one that announces nothing but the person": {46, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.ledger.answer = func(action string, category int) error {
					if action == "subscribe" && category == c.category {
						return fmt.Errorf("subscribe: status 503: %w", withings.ErrCategory)
					}
					return nil
				}
				tries := 0
				for hour := range 48 {
					err := h.Upkeep(t.Context())
					if told := err != nil; told != c.told {
						t.Errorf("in hour %d: %v", hour, err)
					}
					if err != nil && (!strings.Contains(err.Error(), Words(c.category)) || !strings.Contains(err.Error(), "status 503")) {
						t.Errorf("it says %v", err)
					}
					time.Sleep(time.Hour)
				}
				for _, call := range h.ledger.calls {
					if strings.HasPrefix(call, fmt.Sprintf("subscribe %d ", c.category)) {
						tries++
					}
				}
				if tries != 2 {
					t.Errorf("tried %d times in two days, want 2", tries)
				}
				for _, service := range []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep} {
					if slices.Contains(h.Announced(), service) == (service == c.lacks) {
						t.Errorf("announced are %v, want all but %q", h.Announced(), c.lacks)
					}
				}
			})
		})
	}
}

func TestARefusedAddressIsToldWithWhatToLookAtAndTriedOnceAnHour(t *testing.T) {
	refused := fmt.Errorf("subscribe: status 293: %w", withings.ErrCallback)
	for name, c := range map[string]struct {
		external string
		arrives  bool
		says     []string
	}{
		"a firewall":      {"", false, []string{"HEAD request did not arrive here", "https://home.example/withings/notify/", "firewall", "proxy"}},
		"an odd proxy":    {"", true, []string{"HEAD request arrived here", "200", "proxy"}},
		"a port":          {"https://home.example:8443", false, []string{"port 8443 instead of 443", "--web.external-url"}},
		"no encryption":   {"http://home.example", false, []string{"does not begin with https://"}},
		"a public number": {"https://203.0.113.7", false, []string{"a number instead of a name"}},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.External, h.Meant = cmp.Or(c.external, external), c.external != ""
				h.ledger.answer = func(action string, _ int) error {
					if action == "subscribe" {
						return refused
					}
					return nil
				}
				h.ledger.head = func(string) {
					if c.arrives {
						h.Box.head(time.Now())
					}
				}
				for range 3 {
					h.ledger.calls, h.ledger.last = nil, time.Now()
					err := h.Upkeep(t.Context())
					if err == nil || !errors.Is(err, withings.ErrCallback) || strings.Contains(err.Error(), string(h.File.Peek())) {
						t.Fatalf("error %v", err)
					}
					for _, want := range append(c.says, "status 293") {
						if !strings.Contains(err.Error(), want) {
							t.Errorf("it does not say %q: %v", want, err)
						}
					}
					if len(h.ledger.calls) != 2 {
						t.Errorf("asked for %q, want one subscription", h.ledger.calls)
					}
					time.Sleep(time.Hour)
				}
				if h.Announced() != nil {
					t.Errorf("announced are %v", h.Announced())
				}
			})
		})
	}
}

func TestAFailureThatPassesEndsTheUpkeepAndLosesNothing(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upkeep(t)
		away := errors.New("cannot reach Withings")
		h.ledger.answer = func(string, int) error { return away }
		if err := h.Upkeep(t.Context()); !errors.Is(err, away) || len(h.Announced()) != 3 {
			t.Errorf("error %v, announced are %v", err, h.Announced())
		}
		h.ledger.answer, h.ledger.list = nil, nil
		n := 0
		h.ledger.answer = func(action string, _ int) error {
			if n++; n > 3 {
				return away
			}
			return nil
		}
		if err := h.Upkeep(t.Context()); !errors.Is(err, away) || len(h.ledger.list) != 2 || h.Announced() != nil {
			t.Errorf("error %v, %v, announced are %v", err, h.ledger.list, h.Announced())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Upkeep(ctx); err == nil {
			t.Error("it goes on although it was told to end")
		}
		h.ledger.answer = nil
		if got, want := len(h.upkeep(t)), 1+6; got != want {
			t.Errorf("%d calls to complete them, want %d: %q", got, want, h.ledger.calls)
		}
	})
}

func TestADeadSubscriptionIsMadeAgain(t *testing.T) {
	renewed := func(calls []string) []int {
		var all []int
		for _, category := range everything {
			if slices.ContainsFunc(calls, func(c string) bool { return strings.HasPrefix(c, fmt.Sprintf("revoke %d ", category)) }) {
				all = append(all, category)
			}
		}
		return all
	}
	every := func(hours int) map[int][]int {
		all := map[int][]int{}
		for hour := hours; hour <= 90; hour += hours {
			all[hour] = everything
		}
		return all
	}
	for name, c := range map[string]struct {
		doubts  bool
		arrives func(hour int) []int // what arrives in an hour
		want    map[int][]int        // what is made again, by hour
	}{
		"all arrive":                  {false, func(int) []int { return everything }, nil},
		"some never had any news":     {false, func(int) []int { return []int{1} }, nil},
		"one had news, and no longer": {false, func(hour int) []int { return []int{1, []int{1, 44}[max(0, 1-hour/10)]} }, map[int][]int{45: {44}, 81: {44}}},
		"nothing arrives":             {false, func(int) []int { return nil }, every(36)},
		"polling finds more":          {true, func(int) []int { return nil }, every(6)},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(t *testing.T, h *house) {
				h.doubts = c.doubts
				h.upkeep(t)
				for hour := range 90 {
					for _, category := range c.arrives(hour) {
						h.Box.Give(Taker{Owner: h.Owner, Tell: func(exporter.Hint) {}, All: h.Wanted})
						h.Box.take(fmt.Sprintf("userid=%s&appli=%d&date=2026-07-15", anna, category), time.Now())
					}
					time.Sleep(61 * time.Minute)
					if got := renewed(h.upkeep(t)); !slices.Equal(got, c.want[hour+1]) {
						t.Errorf("after %d times 61 minutes %v are made again, want %v", hour+1, got, c.want[hour+1])
					}
				}
			})
		})
	}
}

func TestAnotherPersonGetsAnotherAddress(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upkeep(t)
		annas := h.address()
		h.owner, h.ledger.list = "41730257", nil
		if h.Announced() != nil {
			t.Errorf("announced are %v, which was confirmed for another person", h.Announced())
		}
		h.upkeep(t)
		if h.address() == annas || h.Receiver.knows(annas) || !h.Receiver.knows(h.address()) || len(h.Announced()) != 3 {
			t.Errorf("the address is %s, was %s; announced are %v", h.address(), annas, h.Announced())
		}
	})
}

func TestADamagedFileIsKeptAndToldAndTheAddressIsNew(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.upkeep(t)
		before := h.address()
		if err := os.WriteFile(h.File.path(), []byte(`{"version":1,"prof`), 0o600); err != nil {
			t.Fatal(err)
		}
		h.Box, h.Receiver = NewBox("Anna"), NewReceiver(&counts{}, time.Now)
		h.Known()
		h.upkeep(t)
		if h.address() == before || len(h.ledger.at(before)) > 0 || !slices.Equal(h.ledger.at(h.address()), everything) {
			t.Errorf("%v, address %s", h.ledger.list, h.address())
		}
		if !strings.Contains(h.log.String(), ".damaged-") || strings.Contains(h.log.String(), string(h.File.Peek())) {
			t.Errorf("log:\n%s", &h.log)
		}
	})
}
