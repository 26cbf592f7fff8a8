package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"withings-exporter/exporter/shell"
)

// TakeCredentials takes the secrets that systemd hands to a service (LoadCredential=client-secret:FILE) for files that the
// environment names: each is the credential that is called as the flag, with a dash for a dot. A variable for the same secret
// comes before, and a blank credential is none, so that the secret may also be in the configuration file.
func TakeCredentials(flags ...string) {
	for _, flag := range flags {
		_, value := os.LookupEnv(Variable(flag))
		_, file := os.LookupEnv(Variable(flag + "-file"))
		path := credential(flag)
		if path == "" || value || file {
			continue
		}
		if exists, blank := blank(path); exists && !blank {
			_ = os.Setenv(Variable(flag+"-file"), path)
		}
	}
}

// Unfilled is the file into which the secret of a flag is to be written, in words: the service takes it from there, or a command that
// is run as the service, and nothing is in it yet. It is "" if there is no such file.
func Unfilled(flag string) string {
	if origin := origin(flag); origin != "" {
		return origin
	}
	path := credential(flag)
	if path == "" {
		return ""
	}
	if exists, blank := blank(path); !exists || !blank {
		return ""
	}
	return Origin(path)
}

// origin is the file from which a script of the package took the secret of a flag, or would have taken it.
func origin(flag string) string { return os.Getenv("EXPORTER_FROM_" + Variable(flag)) }

// blank reports whether there is a file, and whether nothing but spaces and line breaks is in it. What cannot be read is not
// blank, so that it is told when it is read as a secret.
func blank(path string) (exists, blank bool) {
	if _, err := os.Stat(path); err != nil {
		return false, false
	}
	text, err := readSecret(path)
	return true, err == nil && strings.TrimSpace(text) == ""
}

// Origin is where people correct the secret of a file, for messages: for the copy that systemd hands to a service, that is the
// file it was copied from, and for other files they themselves.
func Origin(file string) string {
	if !IsCredential(file) {
		return fmt.Sprintf("file %q", file)
	}
	name := filepath.Base(file)
	origin := "the file that LoadCredential=" + name + " of the service names"
	if name == "client-secret" {
		origin += " (of a package, " + shell.ServiceFolder + "/client-secret)"
	}
	return origin
}

// IsCredential reports whether a file is the copy of a secret that systemd hands to a service: it changes with a restart only.
func IsCredential(file string) bool {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	return folder != "" && file != "" && filepath.Dir(file) == filepath.Clean(folder)
}

// credential is where systemd puts the secret of a flag; "" if the program is no service with credentials.
func credential(flag string) string {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, strings.ReplaceAll(flag, ".", "-"))
}
