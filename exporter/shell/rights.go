package shell

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// Share is the command by which a user, 0 for root, lets a group read a file, and others not any more.
func Share(who int, path string, group int) string {
	sudo := "sudo "
	if who == 0 {
		sudo = ""
	}
	return fmt.Sprintf("%schgrp %s %s && %[1]schmod 640 %[3]s", sudo, GroupName(group), Quote(path))
}

// GroupName is a group as people call it, or its number, which is all that a container and its host have in common.
func GroupName(id int) string {
	number := strconv.Itoa(id)
	if InContainer() {
		return number
	}
	return named(number)
}

// named is the name of a group with this number, or the number.
func named(number string) string {
	if group, err := user.LookupGroupId(number); err == nil {
		return Quote(group.Name)
	}
	return number
}

// Allow is advice on a file that this program may not read: it names the user that runs it, and the command that lets it or, where
// that is not the file's own matter, the folder that is closed to it.
func Allow(path string) string { return allow(path, os.Geteuid(), os.Getegid()) }

func allow(path string, id, group int) string {
	if id < 0 { // a system without such numbers
		return "allow the user running this program to read it"
	}
	who := "this program runs as user " + strconv.Itoa(id)
	if known, err := user.LookupId(strconv.Itoa(id)); err == nil {
		who += " (" + known.Username + ")"
	}
	if path, err := filepath.Abs(path); err == nil {
		if folder := barred(path); folder != "" {
			who += ", who may not enter " + folder + ": put the file into another folder"
			if IsService() {
				who += ", such as " + ServiceFolder
			}
			return who
		}
	}
	where := ""
	if InContainer() {
		where = " on the host, for the file that is mounted there"
	}
	return who + ": run" + where + ": " + Share(-1, path, group)
}

// barred is the folder that keeps this program from looking at a file; "" if it is the file itself that cannot be read.
func barred(path string) string {
	if _, err := os.Stat(path); err == nil || !os.IsPermission(err) {
		return ""
	}
	folder := filepath.Dir(path)
	for {
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

// InContainer reports whether this is a container of Docker, Podman or Kubernetes.
func InContainer() bool {
	for _, path := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return os.Getenv("KUBERNETES_SERVICE_HOST") != ""
}
