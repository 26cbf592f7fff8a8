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
		{"68 in five minutes", crowd{profiles: 68, services: services, interval: 5 * time.Minute, rateLimit: 100}, nil, ""},
		{"69 in five minutes", crowd{profiles: 69, services: services, interval: 5 * time.Minute, rateLimit: 100}, nil, ""},
		{"70 in five minutes", crowd{profiles: 70, services: services, interval: 5 * time.Minute, rateLimit: 100},
			[]string{"70 profiles cannot be polled every 5m:", "98 requests per minute", "--api.rate-limit=100 allows 97", "enough for 69 profiles", "--poll-interval=6m"}, "m0s"},
		{"70 in six minutes, as it says", crowd{profiles: 70, services: services, interval: 6 * time.Minute, rateLimit: 100}, nil, ""},
		{"500 in five minutes", crowd{profiles: 500, services: services, interval: 5 * time.Minute, rateLimit: 100},
			[]string{"500 profiles", "700 requests per minute", "enough for 69 profiles", "--poll-interval=37m"}, ""},
		{"500 in 37 minutes, as it says", crowd{profiles: 500, services: services, interval: 37 * time.Minute, rateLimit: 100}, nil, ""},
		{"500 in 36 minutes", crowd{profiles: 500, services: services, interval: 36 * time.Minute, rateLimit: 100}, []string{"--poll-interval=37m"}, ""},
		{"500 with fewer services", crowd{profiles: 500, services: 2, interval: 11 * time.Minute, rateLimit: 100}, nil, ""},
		{"3 every ten seconds", crowd{profiles: 3, services: services, interval: 10 * time.Second, rateLimit: 100}, []string{"3 profiles cannot be polled every 10s", "enough for 2 profiles.", "--poll-interval=1m"}, "profiles fit"},
		{"1 every ten seconds with a rate of 4", crowd{profiles: 1, services: services, interval: 10 * time.Second, rateLimit: 4}, []string{"1 profile cannot", "enough for 0 profiles", "--poll-interval=2m"}, ""},
		{"a thousand with hours between", crowd{profiles: 10_000, services: services, interval: time.Hour, rateLimit: 100}, []string{"every 1h:", "--poll-interval=12h4m"}, "1h0m"},
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
