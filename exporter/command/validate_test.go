package command

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestNotificationsCannotHaveTheAddressOfThePages: one program cannot listen there twice, and check would not notice.
func TestNotificationsCannotHaveTheAddressOfThePages(t *testing.T) {
	for _, c := range []struct {
		web, notify string
		refused     bool
	}{
		{"localhost:10054", "localhost:10054", true},
		{"localhost:10054", "127.0.0.1:10054", true},
		{":10054", ":10054", true},
		{"localhost:10054", "localhost:10055", false},
		{"localhost:0", "localhost:0", false},
	} {
		err := Settings{PollInterval: time.Minute, RateLimit: 100, TelemetryPath: "/metrics", ExternalURL: "https://home.example",
			ListenAddresses: []string{"localhost:10053", c.web}, NotifyAddress: c.notify}.Validate()
		if c.refused != (errors.Is(err, ErrUsage) && strings.Contains(err.Error(), "is also a --web.listen-address")) || !c.refused && err != nil {
			t.Errorf("%s and %s: %v", c.web, c.notify, err)
		}
	}
}

// TestBedEventsAloneNeedNotifications: otherwise nobody would be read, and people would be told to authorise again.
func TestBedEventsAloneNeedNotifications(t *testing.T) {
	for _, c := range []struct {
		services []string
		external string
		refused  bool
	}{
		{[]string{"presence"}, "", true},
		{[]string{"presence"}, "https://home.example", false},
		{[]string{"presence", "sleep"}, "", false},
		{nil, "", false},
	} {
		err := Settings{PollInterval: time.Minute, RateLimit: 100, TelemetryPath: "/metrics", ListenAddresses: []string{"localhost:10054"},
			Services: c.services, ExternalURL: c.external}.Validate()
		if c.refused != errors.Is(err, ErrUsage) || c.refused != (err != nil) {
			t.Errorf("%q, %q: %v", c.services, c.external, err)
		}
	}
}
