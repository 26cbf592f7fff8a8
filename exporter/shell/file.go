package shell

import (
	"fmt"
	"os"
	"path/filepath"
)

// Place is where a file is that a command has written, for people to copy: as they gave it or, for a command that is run as the
// service and has a working directory of its own, its whole path.
func Place(file string) string {
	if whole, err := filepath.Abs(file); err == nil && IsService() {
		return whole
	}
	return file
}

// Fetch is the command that copies a file to the working directory of the person, where only root and the user of the service
// can read what a command has written; "" if it was not run as the service.
func Fetch(file string) string {
	if !IsService() {
		return ""
	}
	return `sudo install -m 600 -o "$(id -u)" ` + Quote(Place(file)) + " ."
}

// Fetching tells of that command, on a line of its own; "" if there is none.
func Fetching(file string) string {
	if command := Fetch(file); command != "" {
		return "Only root and the service can read it there. To copy it to where you are, run:\n  " + command + "\n"
	}
	return ""
}

// Lend is advice how the user of the service gets a file of the person, which it can neither find nor read; "" without a service.
func Lend(file string) string {
	folder, err := os.Getwd()
	if err != nil || !IsService() {
		return ""
	}
	return fmt.Sprintf("the service's user must find and read it: run: sudo install -m 600 -o %d %s %s, then give its name without a folder",
		os.Geteuid(), Quote(file), Quote(folder))
}
