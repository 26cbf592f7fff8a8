package notify

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/withings"
)

func TestAllSubscriptionsOfASecretEndWhereverTheyLead(t *testing.T) {
	others := []withings.Subscription{{Category: 1, Callback: "https://other.example/hook"}, {Category: 1, Callback: Address(external, bensSecret)}}
	own := []withings.Subscription{{Category: 1, Callback: Address(external, annasSecret)}, {Category: 99, Callback: Address(external, annasSecret)},
		{Category: 44, Callback: Address("http://old.example", annasSecret)}}
	for name, c := range map[string]struct {
		fails map[int]error
		ended int
		says  []string
	}{
		"all":          {nil, 3, nil},
		"all but some": {map[int]error{99: errors.New("status 294"), 44: errors.New("status 294")}, 1, []string{"category 99: status 294", "sleep: status 294"}},
		"none":         {map[int]error{0: errors.New("away")}, 0, []string{"ask for the subscriptions to notifications: away"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{list: slices.Concat(others[:1], own, others[1:]), last: time.Now(), answer: func(_ string, category int) error { return c.fails[category] }}
				ended, err := End(t.Context(), l, annasSecret, exporter.Pause)
				if ended != c.ended || (err != nil) != (c.says != nil) || len(l.list) != 5-c.ended {
					t.Errorf("ended %d, left %v, error %v", ended, l.list, err)
				}
				for _, want := range c.says {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("it does not say %q: %v", want, err)
					}
				}
				if name == "all" && !slices.Equal(l.calls, []string{"list 0 +0", "revoke 1 +0", "revoke 99 +1", "revoke 44 +1"}) {
					t.Errorf("asked for %q", l.calls)
				}
			})
		})
	}
	if ended, err := End(t.Context(), &ledger{list: own}, "", exporter.Pause); ended != 0 || err != nil {
		t.Errorf("without a secret %d end, error %v", ended, err)
	}
}
