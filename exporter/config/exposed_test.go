package config

import "testing"

func TestAnExposedFileStaysReadableForWhoeverNeedsIt(t *testing.T) {
	const anna, service, group, other = 12001, 12002, 12003, 12004 // ids without names
	for _, c := range []struct {
		name   string
		file   secretFile
		reader account
		want   string // "" if the file is well
	}{
		{"of the person who runs it", secretFile{"/home/anna/token", 0o644, anna, anna}, account{anna, anna}, "chmod 600 /home/anna/token"},
		{"of her, for her group", secretFile{"/home/anna/token", 0o640, anna, anna}, account{anna, anna}, "chmod 600 /home/anna/token"},
		{"of another, read by root", secretFile{"/home/anna/token", 0o644, anna, anna}, account{0, -1}, "chmod 600 /home/anna/token"},
		{"of root for some group", secretFile{"/root/token", 0o640, 0, other}, account{0, group}, "chmod 600 /root/token"},
		{"of root in a machine without the service", secretFile{"/etc/withings-exporter/token", 0o644, 0, 0}, account{0, -1}, "chmod 600 /etc/withings-exporter/token"},

		{"of root, read by the service", secretFile{"/etc/w/token", 0o644, 0, 0}, account{service, group}, "sudo chgrp 12003 /etc/w/token && sudo chmod 640 /etc/w/token"},
		{"of the service's group, for everybody", secretFile{"/etc/w/token", 0o644, 0, group}, account{service, group}, "sudo chmod 640 /etc/w/token"},
		{"of the service's group", secretFile{"/etc/w/token", 0o640, 0, group}, account{service, group}, ""},

		{"of the service, seen by root", secretFile{"/etc/withings-exporter/token", 0o640, 0, group}, account{0, group}, ""},
		{"elsewhere, seen by root", secretFile{"/srv/token", 0o640, 0, group}, account{0, group}, ""},
		{"of a service with another user", secretFile{"/etc/withings-exporter/token", 0o640, 0, other}, account{0, group}, ""},
		{"of such a one, for everybody", secretFile{"/etc/withings-exporter/token", 0o644, 0, other}, account{0, -1}, "chmod 640 /etc/withings-exporter/token"},
		{"of the service, for everybody, seen by root", secretFile{"/srv/token", 0o644, 0, group}, account{0, group}, "chmod 640 /srv/token"},
		{"a package's that is root's alone", secretFile{"/etc/withings-exporter/token", 0o644, 0, 0}, account{0, group},
			"chgrp 12003 /etc/withings-exporter/token && chmod 640 /etc/withings-exporter/token"},
		{"a package's without others", secretFile{"/etc/withings-exporter/token", 0o600, 0, 0}, account{0, group}, ""},
	} {
		got := ""
		if c.file.exposed(c.reader) {
			got = c.file.closed(c.reader)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
