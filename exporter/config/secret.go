package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// maxSecret is the size in bytes above which a secret file is taken for another kind of file.
const maxSecret = 64 << 10

// Secret returns the secret given either by value or by a file holding it; exactly one of the two must be set. The flag
// is the name of the one taking the value, such as client-secret; the one naming the file ends in -file. One newline at
// the end is dropped. The error names the flag or the path, and never shows the secret.
func Secret(value, file, flag string) (string, error) {
	switch {
	case value == "" && file == "":
		return "", hint.Wrap(fmt.Errorf("--%s is not set", flag),
			fmt.Sprintf("set it, or name a file that holds it with --%s-file (environment: %s_FILE)", flag, Variable(flag)))
	case value != "" && file != "":
		return "", hint.Wrap(fmt.Errorf("--%s and --%[1]s-file are both set", flag), "keep one")
	case value != "":
		return checkSecret(value, "--"+flag)
	}
	what := SecretPlace(file, flag)
	content, err := readSecret(file)
	if errors.Is(err, fs.ErrNotExist) && mayBeSecret(filepath.Base(file)) {
		return "", hint.Wrap(fmt.Errorf("--%s-file is not the name of a file, and may be the secret itself", flag),
			fmt.Sprintf("if it is, give it as --%s; else check the path", flag))
	}
	if err != nil {
		return "", hint.Wrap(fmt.Errorf("%s cannot be read: %w", what, cause(err)), advice(file, err))
	}
	return checkSecret(content, what)
}

// mayBeSecret reports whether the name of a file looks like a secret: it ends as a token of InfluxDB does, or is no words.
func mayBeSecret(name string) bool {
	return !strings.Contains(name, ".") && (strings.HasSuffix(name, "==") || veil(name) != name)
}

// SecretPlace names the file that holds the secret of a flag, at the beginning of an error about it.
func SecretPlace(file, flag string) string {
	if IsCredential(file) {
		return Origin(file)
	}
	return "--" + flag + "-file: " + Origin(file)
}

// advice says what to do about a file that cannot be read.
func advice(file string, err error) string {
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files (ulimit -n, LimitNOFILE= of systemd)"
	case errors.Is(err, fs.ErrPermission):
		return shell.Allow(file)
	case errors.Is(err, errNobody):
		return "write the secret to it, or name a regular file"
	case errors.Is(err, fs.ErrNotExist):
		return hint.Path("check the path", file)
	}
	return "check the path"
}

// readSecret returns a file's content.
func readSecret(path string) (string, error) {
	data, mode, err := content(path, maxSecret)
	if err == nil && mode.IsDir() {
		err = errors.New("is a directory")
	}
	return plain(data), err
}

// checkSecret drops the newline editors and shells add, and refuses what cannot be a secret.
func checkSecret(secret, what string) (string, error) {
	if len(secret) > maxSecret {
		return "", hint.Wrap(fmt.Errorf("%s is larger than 64 KiB", what), "check that it is the right file")
	}
	if rest, ok := strings.CutSuffix(secret, "\n"); ok {
		secret = strings.TrimSuffix(rest, "\r")
	}
	switch {
	case strings.TrimSpace(secret) == "":
		return "", hint.Wrap(fmt.Errorf("%s is empty", what), "put the secret there")
	case quoted(secret):
		return "", hint.Wrap(fmt.Errorf("%s %s", what, inQuotes), removeQuotes)
	case strings.ContainsFunc(secret, unicode.IsControl):
		return "", hint.Wrap(fmt.Errorf("%s contains a line break or another control character", what), "put the secret alone on one line")
	}
	return secret, nil
}

// Variable is the environment twin of a flag.
func Variable(flag string) string {
	return "WITHINGS_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag))
}
