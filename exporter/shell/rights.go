package shell

import (
	"cmp"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// Share is the command by which a user, 0 for root, lets a group read a file, and others not any more.
func Share(who int, path string, group int) string {
	return fmt.Sprintf("%schgrp %s %s && %[1]schmod 640 %[3]s", sudo(who), GroupName(group), Quote(path))
}

// sudo is what a command of root's begins with for a user, 0 for root.
func sudo(who int) string {
	if who == 0 {
		return ""
	}
	return "sudo "
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

// UserName is a user as people call it, or its number, like GroupName.
func UserName(id int) string {
	if known, err := user.LookupId(strconv.Itoa(id)); err == nil && !InContainer() {
		return Quote(known.Username)
	}
	return strconv.Itoa(id)
}

// User is a user in a sentence, by number and name.
func User(id int) string {
	text := "user " + strconv.Itoa(id)
	if known, err := user.LookupId(strconv.Itoa(id)); err == nil {
		text += " (" + known.Username + ")"
	}
	return text
}

// Own is the command by which this program's user, with sudo unless that is root, gives a folder and what is in it to a user. It is ""
// where the user has no name: in a container the folder to change is one of its host, of which nothing is known here.
func Own(folder string, id, group int) string {
	known, err := user.LookupId(strconv.Itoa(id))
	if err != nil || InContainer() {
		return ""
	}
	name := Quote(known.Username) + ":" // and its own group
	if known.Gid != strconv.Itoa(group) {
		name += GroupName(group)
	}
	return sudo(os.Geteuid()) + "chown -R " + name + " " + Quote(folder)
}

// Allow is advice on a file that this program may not read: it names the user that runs it, and the command that lets it or, where
// that is not the file's own matter, the folder that is closed to it.
func Allow(path string) string {
	return cmp.Or(OfService(path), allow(path, os.Geteuid(), os.Getegid()))
}

func allow(path string, id, group int) string {
	if id < 0 { // a system without such numbers
		return "allow the user running this program to read it"
	}
	who := "this program runs as " + User(id)
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

// inContainers are files that only containers of Docker and Podman have.
var inContainers = []string{"/.dockerenv", "/run/.containerenv"}

// InContainer reports whether this is a container of Docker, Podman or Kubernetes.
func InContainer() bool {
	for _, path := range inContainers {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return os.Getenv("KUBERNETES_SERVICE_HOST") != ""
}
