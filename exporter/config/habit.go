package config

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// commandHabits are words that people know from other programs, and the command that does what they mean.
var commandHabits = map[string]string{
	"authorise": "auth", "authorize": "auth", "login": "auth", "signin": "auth", "sign-in": "auth", "register": "auth", "setup": "auth", "init": "auth",
	"start": "serve", "run": "serve", "server": "serve", "daemon": "serve", "exporter": "serve", "scrape": "serve", "poll": "serve",
	"test": "check", "validate": "check", "verify": "check", "status": "check", "doctor": "check",
	"export": "backfill", "history": "backfill", "sync": "backfill",
	"boards": "dashboards", "grafana": "dashboards", "ecg": "heart", "simulate": "demo", "try": "demo",
}

// flagHabits are flags that people know from other programs, and what to write here.
var flagHabits = map[string]string{
	"-p": "--web.listen-address=localhost:10054", "--port": "--web.listen-address=localhost:10054", "--web.port": "--web.listen-address=localhost:10054",
	"--listen-port": "--web.listen-address=localhost:10054", "--listen": "--web.listen-address=localhost:10054", "--listen-address": "--web.listen-address=localhost:10054",
	"-c": "--config.file=FILE", "-f": "--config.file=FILE", "--config-file": "--config.file=FILE",
	"-d": "--log.level=debug", "--debug": "--log.level=debug", "--verbose": "--log.level=debug", "-v": "--log.level=debug",
	"-q": "--log.level=error", "--quiet": "--log.level=error",
	"--profile": profilesFlag + "=NAME,...", "--people": profilesFlag + "=NAME,...", "--users": profilesFlag + "=NAME,...", "--name": profilesFlag + "=NAME,...", "--user": profilesFlag + "=NAME,...", "--person": profilesFlag + "=NAME,...",
	"--interval": "--poll-interval=5m", "--poll": "--poll-interval=5m", "--scrape-interval": "--poll-interval=5m",
	"--data": "--state.dir=DIR", "--data-dir": "--state.dir=DIR", "--storage.path": "--state.dir=DIR", "--storage.tsdb.path": "--state.dir=DIR",
	"--tz": "--timezone=ZONE", "--callback-url": "--redirect-url=URL", "--token": "--influx.token=TOKEN",
	"-o": "--dir=DIR", "--out": "--dir=DIR", "--output": "--dir=DIR", "--folder": "--dir=DIR",
	"-V": "--version",
}

// profilesFlag is the flag that chooses people.
const profilesFlag = "--profiles"

// habit is what to write in place of a flag that another program has; "" if this one has nothing like it.
func (m mistake) habit(flag string) string {
	means := flagHabits[flag]
	name, _, _ := strings.Cut(means, "=")
	has := slices.ContainsFunc(m.flags(), func(f *kong.Flag) bool { return "--"+f.Name == name })
	switch {
	case name == profilesFlag && m.takesName():
		return "write the name alone, such as " + m.typed() + " Anna"
	case !has:
		return ""
	}
	return "did you mean " + means + "?"
}

// keyHabit is what to write in place of a key that other programs have as a flag or a setting: the name of the setting, and its
// value where that says what is meant; "" if it is no habit.
func keyHabit(key string) string {
	name, value, _ := strings.Cut(strings.TrimPrefix(flagHabits["--"+key], "--"), "=")
	if value == strings.ToUpper(value) || name == "dir" { // a placeholder; the folder is that of one command
		return name
	}
	return name + ": " + value
}

// takesName reports whether the command takes the name of a profile as an argument.
func (m mistake) takesName() bool {
	return m.command != nil && len(m.command.Positional) > 0 && strings.HasPrefix(m.command.Positional[0].Name, "PROFILE")
}

// instead is what to write in place of an argument, for a command that takes none.
func (m mistake) instead() string {
	for flag, advice := range map[string]string{
		profilesFlag: "it serves everybody who has a token; to choose some of them, give --profiles=NAME,...",
		"--dir":      "give the folder as --dir=DIR",
	} {
		if slices.ContainsFunc(m.command.Flags, func(f *kong.Flag) bool { return "--"+f.Name == flag }) {
			return advice
		}
	}
	return ""
}
