package config

import (
	"os"
	"path/filepath"
	"strings"
)

// TakeCredentials takes the secrets that systemd hands to a service (LoadCredential=client-secret:FILE) for files that the
// environment names: each is the credential that is called as the flag, with a dash for a dot. A variable for the same secret
// comes before, and an empty credential is none, so that the secret may also be in the configuration file.
func TakeCredentials(flags ...string) {
	for _, flag := range flags {
		_, value := os.LookupEnv(Variable(flag))
		_, file := os.LookupEnv(Variable(flag + "-file"))
		path := credential(flag)
		if path == "" || value || file {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			_ = os.Setenv(Variable(flag+"-file"), path)
		}
	}
}

// EmptyCredential reports whether systemd hands over an empty file for the secret of a flag, so that somebody has to fill its source.
func EmptyCredential(flag string) bool {
	path := credential(flag)
	if path == "" {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Size() == 0
}

// credential is where systemd puts the secret of a flag; "" if the program is no service with credentials.
func credential(flag string) string {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, strings.ReplaceAll(flag, ".", "-"))
}
