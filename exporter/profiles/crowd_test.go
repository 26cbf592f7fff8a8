package profiles

import (
	"strings"
	"testing"
	"time"
)

func TestProfilesThatDoNotFitAreToldWithFigures(t *testing.T) {
	const services = 7 // the figures below are of seven requests for a poll
	for _, c := range []struct {
		name    string
		crowd   crowd
		says    []string // nothing: they fit
		without string
	}{
		{"52 in five minutes", crowd{profiles: 52, services: services, interval: 5 * time.Minute, rateLimit: 100}, nil, ""},
		{"53 in five minutes", crowd{profiles: 53, services: services, interval: 5 * time.Minute, rateLimit: 100}, nil, ""},
		{"54 in five minutes", crowd{profiles: 54, services: services, interval: 5 * time.Minute, rateLimit: 100},
			[]string{"54 profiles cannot be polled every 5m:", "76 requests per minute", "--api.rate-limit=100 allows 75", "enough for 53 profiles", "--poll-interval=6m"}, "m0s"},
		{"54 in six minutes, as it says", crowd{profiles: 54, services: services, interval: 6 * time.Minute, rateLimit: 100}, nil, ""},
		{"500 in five minutes", crowd{profiles: 500, services: services, interval: 5 * time.Minute, rateLimit: 100},
			[]string{"500 profiles", "700 requests per minute", "enough for 53 profiles", "--poll-interval=47m"}, ""},
		{"500 in 47 minutes, as it says", crowd{profiles: 500, services: services, interval: 47 * time.Minute, rateLimit: 100}, nil, ""},
		{"500 in 46 minutes", crowd{profiles: 500, services: services, interval: 46 * time.Minute, rateLimit: 100}, []string{"--poll-interval=47m"}, ""},
		{"500 with fewer services", crowd{profiles: 500, services: 2, interval: 14 * time.Minute, rateLimit: 100}, nil, ""},
		{"3 every ten seconds", crowd{profiles: 3, services: services, interval: 10 * time.Second, rateLimit: 100}, []string{"3 profiles cannot be polled every 10s", "enough for 1 profile.", "--poll-interval=1m"}, "profiles fit"},
		{"1 every ten seconds with a rate of 4", crowd{profiles: 1, services: services, interval: 10 * time.Second, rateLimit: 4}, []string{"1 profile cannot", "enough for 0 profiles", "--poll-interval=3m"}, ""},
		{"a thousand with hours between", crowd{profiles: 10_000, services: services, interval: time.Hour, rateLimit: 100}, []string{"every 1h:", "--poll-interval=15h34m"}, "1h0m"},
		{"nobody", crowd{profiles: 0, services: services, interval: 5 * time.Minute, rateLimit: 100}, nil, ""},
		{"a command that does not poll", crowd{profiles: 500, services: services, interval: 0, rateLimit: 100}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.crowd.remark()
			if (got == "") != (len(c.says) == 0) {
				t.Fatalf("got %q", got)
			}
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
			if c.without != "" && strings.Contains(got, c.without) {
				t.Errorf("got %q, want no %q in it", got, c.without)
			}
		})
	}
}
