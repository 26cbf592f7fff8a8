// Package shell writes the commands that people are told to run, so that they can
// be copied into a terminal as they stand.
package shell

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"
)

// programVariable says by which command people run the program, where that is not its name. The service of a package sets it,
// and so does the script that runs commands as the service.
const programVariable = "EXPORTER_PROGRAM"

// unit is what systemd calls the service.
const unit = "withings-exporter"

// startUnit is the command that starts the service, now and with the machine.
const startUnit = "sudo systemctl enable --now " + unit

// Program is what a command to copy begins with.
func Program() string { return cmp.Or(os.Getenv(programVariable), "withings-exporter") }

// IsService reports whether this is the service of a package, or a command that is run as it.
func IsService() bool { return os.Getenv(programVariable) != "" }

// Start is the command that serves.
func Start() string {
	if IsService() {
		return startUnit
	}
	return Program() + " serve"
}

// Demo is the command that shows simulated people. It needs nothing of a service, so anybody runs it.
func Demo() string { return "withings-exporter demo" }

// Restart is advice to start a serve that may be running once more.
func Restart() string {
	if IsService() {
		return "run: sudo systemctl restart " + unit
	}
	return "restart serve"
}

// ReloadUnit is the command that has the service read its configuration again.
func ReloadUnit() string { return "sudo systemctl reload " + unit }

// IsUnit reports whether this is the process of the service itself, which systemd has started and is told about.
func IsUnit() bool { return IsService() && os.Getenv("NOTIFY_SOCKET") != "" }

// Stop is the command that ends a process of this machine: that of the service, which is started again unless it is told, or
// another, with a signal such as -KILL if it is not asked to end. A process of the service's user is root's matter.
func Stop(process int, service bool, signal ...string) string {
	if service && len(signal) == 0 {
		return "sudo systemctl stop " + unit
	}
	words := append([]string{"kill"}, signal...)
	if service || IsService() {
		words = append([]string{"sudo"}, words...)
	}
	return strings.Join(append(words, strconv.Itoa(process)), " ")
}

// Run is advice to run the program with some arguments.
func Run(arguments string) string { return "run: " + Program() + " " + arguments }

// Auth is the command that authorises a profile. A service runs where there is hardly a browser, and --paste needs none there.
func Auth(profile string) string { return AuthBy(profile, afar()...) }

// Reauth is the command that authorises a profile whose token is another application's or person's.
func Reauth(profile string) string { return AuthBy(profile, append(afar(), "--force")...) }

// paste is the flag to sign in on another machine.
const paste = "--paste"

// afar are the flags for signing in on another machine, where that is likely.
func afar() []string {
	if IsService() {
		return []string{paste}
	}
	return nil
}

// AuthBy is the command that authorises a profile with these flags, such as --paste.
func AuthBy(profile string, flags ...string) string {
	more := strings.Join(append([]string{""}, flags...), " ")
	if strings.HasPrefix(profile, "-") { // what follows it would be no flag
		return command("auth"+more, profile)
	}
	return command("auth", profile) + more
}

// Revoke is the command that ends the authorisation of a profile, and its notifications.
func Revoke(profile string) string { return command("auth --revoke", profile) }

// Heart is the command that lists the ECGs of a profile.
func Heart(profile string) string { return command("heart", profile) }

// ClearNotifications is the command that ends all notifications of a profile.
func ClearNotifications(profile string) string { return command("notify --clear", profile) }

// Backfill is the command that imports the history of people, with flags such as --minutes.
func Backfill(flags []string, people ...string) string {
	return command(strings.Join(append([]string{"backfill"}, flags...), " "), people...)
}

// Delete is the command that deletes the files of a pattern, of which only the end, ".*", is not as it stands. The folder of a service
// no other user can look into, so there it is root's shell that finds the files.
func Delete(pattern string) string {
	const rest = ".*"
	rm := "rm " + Quote(strings.TrimSuffix(pattern, rest)) + rest
	if IsService() {
		return "sudo sh -c " + Quote(rm)
	}
	return rm
}

// command is a command of the program with its arguments.
func command(name string, about ...string) string {
	if slices.ContainsFunc(about, func(word string) bool { return strings.HasPrefix(word, "-") }) {
		name += " --" // what follows is not a flag
	}
	for _, word := range about {
		name += " " + Quote(word)
	}
	return Program() + " " + name
}

// plain are the characters that no shell treats in a special way.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/@+%"

// Quote is a word for a POSIX shell: as it is where that is safe, else in single
// quotes.
func Quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
