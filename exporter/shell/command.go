// Package shell writes the commands that people are told to run, so that they can
// be copied into a terminal as they stand.
package shell

import "strings"

// Auth is the command that authorises a profile.
func Auth(profile string) string { return command("auth", profile) }

// AuthBy is the command that authorises a profile with some flags, such as --paste.
func AuthBy(profile string, flags ...string) string {
	more := strings.Join(append([]string{""}, flags...), " ")
	if strings.HasPrefix(profile, "-") { // what follows it would be no flag
		return command("auth"+more, profile)
	}
	return Auth(profile) + more
}

// Reauth is the command that authorises a profile whose token is another application's or person's.
func Reauth(profile string) string { return command("auth --force", profile) }

// Revoke is the command that ends the authorisation of a profile, and its notifications.
func Revoke(profile string) string { return command("auth --revoke", profile) }

// Heart is the command that lists the ECGs of a profile.
func Heart(profile string) string { return command("heart", profile) }

// ClearNotifications is the command that ends all notifications of a profile.
func ClearNotifications(profile string) string { return command("notify --clear", profile) }

// command is a command of the program with its argument.
func command(name, about string) string {
	if strings.HasPrefix(about, "-") {
		name += " --" // what follows is not a flag
	}
	return "withings-exporter " + name + " " + Quote(about)
}

// plain are the characters that no shell treats in a special way.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/@"

// Quote is a word for a POSIX shell: as it is where that is safe, else in single
// quotes.
func Quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
