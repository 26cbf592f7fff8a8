package web

import (
	"testing"
	"time"
)

func TestAgesAreToldInWords(t *testing.T) {
	tests := []struct {
		age  time.Duration
		want string
	}{
		{0, "just now"},
		{9 * time.Second, "just now"},
		{10 * time.Second, "10 seconds ago"},
		{2 * time.Minute, "2 minutes ago"},
		{4*time.Minute + 59*time.Second, "4 minutes ago"},
		{time.Hour, "60 minutes ago"},
		{47 * time.Hour, "47 hours ago"},
		{48 * time.Hour, "2 days ago"},
		{60 * 24 * time.Hour, "60 days ago"},
		{70 * 24 * time.Hour, "2 months ago"},
		{800 * 24 * time.Hour, "2 years ago"},
		{-30 * time.Second, "just now"},
		{-2 * time.Hour, "in 2 hours"},
	}
	for _, tt := range tests {
		if got := past(now, now.Add(-tt.age)).Words; got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.age, got, tt.want)
		}
	}
}

func TestUnknownAndComingMomentsAreToldInWords(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"never happened", past(now, time.Time{}).Words, "never"},
		{"nothing planned", planned(now, time.Time{}).Words, "not planned"},
		{"due", planned(now, now.Add(-time.Second)).Words, "now"},
		{"soon", planned(now, now.Add(time.Second)).Words, "in 1 second"},
		{"no token", validity(now, time.Time{}).Words, "none yet"},
		{"token valid", validity(now, now.Add(150*time.Minute)).Words, "valid for 2 hours, then renewed by itself"},
		{"token over", validity(now, now.Add(-5*time.Minute)).Words, "expired 5 minutes ago"},
		{"going on", lasting(now, now.Add(-3*time.Hour)).Words, "for 3 hours"},
		{"exact", past(now, now).Stamp, "2026-01-31 08:15:00 UTC"},
		{"exact for machines", past(now, now).ISO, "2026-01-31T08:15:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

func TestTextsFromElsewhereCannotSteerATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31mb":      "a\uFFFD[31mb",
		"two\nlines":      "two lines",
		"turn\u202Earnd":  "turn\uFFFDarnd",
		"Anna Müller 👩‍👧": "Anna Müller 👩‍👧",
	} {
		if got := tame(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
