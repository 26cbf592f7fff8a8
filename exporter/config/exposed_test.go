package config

import "testing"

func TestAnExposedFileStaysReadableForWhoeverNeedsIt(t *testing.T) {
	for _, c := range []struct {
		name        string
		owner, user int
		want        string
	}{
		{"of the person who runs it", 1000, 1000, "chmod 600 /etc/w/token"},
		{"of another, read by root", 1000, 0, "chmod 600 /etc/w/token"},
		{"of root, read by a service", 0, 998, "sudo chgrp 997 /etc/w/token && sudo chmod 640 /etc/w/token"},
	} {
		if got := closed("/etc/w/token", c.owner, c.user, 997); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
