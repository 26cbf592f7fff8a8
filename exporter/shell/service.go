package shell

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ServiceFolder is where a package puts its configuration.
const ServiceFolder = "/etc/withings-exporter"

// serviceState is where a package has its state.
const serviceState = "/var/lib/withings-exporter"

// asUser is the script that runs a command as the service of a package.
const asUser = "withings-exporter-service"

// serviceScript is where a package puts it.
var serviceScript = "/usr/sbin/" + asUser

// AsService is the command that does the same as one with these arguments, with the configuration, secret and state of the service that
// is installed on this machine. It is "" where none is, and for a command that was given another configuration file or is
// run as the service.
func AsService(configFile string, arguments []string) string {
	return asService(hasService(), configFile, arguments)
}

// hasService reports whether a package has installed the service on this machine.
func hasService() bool {
	_, err := os.Stat(serviceScript)
	return err == nil
}

func asService(installed bool, configFile string, arguments []string) string {
	if !installed || IsService() || configFile != "" && filepath.Dir(configFile) != ServiceFolder {
		return ""
	}
	if len(arguments) == 0 || arguments[0] == "serve" || strings.HasPrefix(arguments[0], "-") {
		return startUnit
	}
	words := append([]string{"sudo", asUser}, without(arguments, func(flag string) bool {
		return slices.ContainsFunc(ofService, func(begin string) bool { return strings.HasPrefix(flag, begin) })
	})...)
	otherwise := func(word string) bool {
		flag, _, _ := strings.Cut(word, "=")
		return slices.Contains(elsewise, flag)
	}
	if arguments[0] == "auth" && !slices.ContainsFunc(arguments, otherwise) {
		words = append(words, paste) // as in Auth
	}
	return strings.Join(words, " ")
}

// OfService is advice on a file or folder of the service that is installed on this machine, which another user may not look at: nothing
// has to be changed, and the command has to be run as the service. It is "" for other files.
func OfService(path string) string {
	return onlyOfService(hasService(), path, os.Args[1:])
}

func onlyOfService(installed bool, path string, arguments []string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	for _, folder := range []string{ServiceFolder, serviceState} {
		if whole == folder || strings.HasPrefix(whole, folder+"/") {
			if command := asService(installed, "", arguments); command != "" {
				return "only root and the service may use " + folder + ": run: " + command
			}
		}
	}
	return ""
}

// ByRoot is the command that does what one with these arguments was to do as the service, by root: with its configuration, and with
// this value of a flag. A token is not said again; who runs the command adds it, where it is needed.
func ByRoot(configFile string, arguments []string, flag, value string) string {
	if whole, err := filepath.Abs(configFile); err == nil && configFile != "" {
		configFile = whole
	}
	words := append([]string{"sudo", "withings-exporter"}, without(arguments, func(given string) bool {
		return given == flag || given == "--config.file" || given == "--influx.token"
	})...)
	if configFile != "" {
		words = append(words, "--config.file", Quote(configFile))
	}
	return strings.Join(append(words, flag, Quote(value)), " ")
}

// without are arguments for a shell, without some flags and their values.
func without(arguments []string, left func(flag string) bool) (words []string) {
	value := false // the next word is the value of a flag that is left out
	for _, word := range arguments {
		flag, _, whole := strings.Cut(word, "=")
		own := left(flag)
		if !value && !own {
			words = append(words, Quote(word))
		}
		value = own && !whole
	}
	return words
}

// ofService are the beginnings of flags, each with a value, that the service has set: a secret is not said again.
var ofService = []string{"--client-", "--config.file", "--influx.", "--state.dir"}

// elsewise are words of auth with which it does not sign in, or not in the usual way.
var elsewise = []string{"--list", "--revoke", "--demo", paste, "--no-browser", "--listen", "--"}
