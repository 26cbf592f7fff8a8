package web

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

// maxConfig is the largest web configuration and the largest certificate or key
// in it that is read, in bytes; a bundle of all public authorities has 250 kB.
const maxConfig = 1 << 20

// ReadConfig returns what is in a web configuration, "" for none. The toolkit
// reads the file itself, again and again, and would wait for a named pipe: so it
// is checked here that it and the files it names are ordinary ones.
func ReadConfig(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	err := ordinary(path)
	var data []byte
	if err == nil {
		data, err = os.ReadFile(filepath.Clean(path))
	}
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		err = of.Err // whoever asks names the file
	}
	return data, err
}

// contents is what a web configuration names.
type contents struct {
	TLS struct {
		Cert string `yaml:"cert_file"`
		Key  string `yaml:"key_file"`
		CAs  string `yaml:"client_ca_file"`
	} `yaml:"tls_server_config"`
	Users map[string]string `yaml:"basic_auth_users"`
}

// FirstUser is the first by name who has a password in a web configuration; "" if nobody is asked for one, or if it cannot be read.
func FirstUser(path string) string {
	data, err := ReadConfig(path)
	var named contents
	if err != nil || yaml.Unmarshal(data, &named) != nil || len(named.Users) == 0 {
		return ""
	}
	return slices.Min(slices.Collect(maps.Keys(named.Users)))
}

// checkConfig refuses a web configuration that the toolkit cannot use.
func checkConfig(path string) error {
	data, err := ReadConfig(path)
	if err != nil {
		return err
	}
	var named contents
	if yaml.Unmarshal(data, &named) == nil { // else the toolkit says what is wrong
		for _, file := range []struct{ key, path string }{{"cert_file", named.TLS.Cert}, {"key_file", named.TLS.Key}, {"client_ca_file", named.TLS.CAs}} {
			if err := usable(file.key, file.path, filepath.Dir(path)); err != nil {
				return err
			}
		}
		for _, user := range slices.Sorted(maps.Keys(named.Users)) {
			if end := afterName().FindStringIndex(user); end != nil { // what follows may be a password
				return hint.Wrap(fmt.Errorf("the name and the password of user %q are not apart", strings.TrimSpace(user[:end[0]])), toSpace)
			}
			if !bcrypted().MatchString(named.Users[user]) {
				return hint.Wrap(fmt.Errorf("the password of user %q is not a bcrypt hash", user),
					"make one with htpasswd -nB "+shell.Quote(user)+" (package apache2-utils or httpd-tools), and write what it prints, with a space after the colon")
			}
		}
	}
	if err := toolkit.Validate(path); err != nil {
		if unspaced().Match(data) {
			return hint.Wrap(plainly(err), toSpace)
		}
		return hint.Wrap(plainly(err), adviseTLS(err.Error()))
	}
	return nil
}

// CheckConfig refuses a web configuration that cannot be used, at the start or later: it is read again for every connection.
func CheckConfig(path string) error {
	err := checkConfig(path)
	if err == nil {
		return nil
	}
	advice := "its format is that of the Prometheus exporter-toolkit"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		advice = hint.Path("check the path", path)
	case errors.Is(err, fs.ErrPermission):
		advice = shell.Allow(denied(err, path))
	case hint.Of(err) != "":
		advice = ""
	}
	return hint.Wrap(fmt.Errorf("--web.config.file %q: %w", path, err), advice)
}

// denied is the file that an error says cannot be read, such as the key that a configuration file names.
func denied(err error, file string) string {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Path
	}
	return file
}

// usable is an error for a file named in a web configuration, in its folder unless the path says another, that cannot be read.
func usable(key, path, folder string) error {
	if path == "" {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	if err := ordinary(path); errors.Is(err, fs.ErrNotExist) {
		return hint.Wrap(fmt.Errorf("its %s, %s, does not exist", key, path), "correct that path, or put the file there")
	} else if err != nil {
		return fmt.Errorf("its %s: %w", key, err)
	}
	return nil
}

// adviseTLS says what to do about an error of the toolkit about certificate and key; "" for others.
func adviseTLS(text string) string {
	switch {
	case strings.Contains(text, "does not match"):
		return "give key_file the key that the certificate in cert_file was made for; when it is renewed, replace both"
	case strings.Contains(text, "PEM data"):
		return "give cert_file and key_file in PEM format, in which a file begins with -----BEGIN"
	case strings.Contains(text, "missing one of"):
		return "give both cert_file and key_file"
	case strings.Contains(text, "X509KeyPair"):
		return "check that cert_file has a certificate and key_file its key, both in PEM format"
	}
	return ""
}

// toSpace is advice for a name and a hash that YAML does not tell apart.
const toSpace = "write a space after the colon between a name and its hash"

// afterName matches what ends the name of a user in a key: a colon, which no name has, or the beginning of a hash.
var afterName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`:|\$2[abxy]?\$`) })

// bcrypted matches what may be a bcrypt hash; whether it is one is seen by the toolkit, whose words about anything else explain nothing.
var bcrypted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53}$`) })

// unspaced matches what htpasswd prints, which is not YAML without a space.
var unspaced = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\s+[^\s:#]+:\$2[abxy]?\$`) })

// unread matches what the YAML reader puts before and into its errors.
var unread = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`yaml: (?:unmarshal errors:)?\s*|field (\S+) not found in type \S+`)
})

// valued matches a value, or its first seven bytes, which the YAML reader repeats although it may be a password, with any sign in it.
var valued = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(?s)(!!\\w+) `.{0,10}` into") })

// plainly is an error of the toolkit without the words of its YAML reader about Go, and without values.
func plainly(err error) error {
	return errors.New(unread().ReplaceAllStringFunc(valued().ReplaceAllString(err.Error(), "$1 into"), func(part string) string {
		if field := unread().FindStringSubmatch(part)[1]; field != "" {
			return "unknown key " + strconv.Quote(field)
		}
		return ""
	}))
}

// ordinary is an error for what is not a regular file of a size that can be, or cannot be read.
func ordinary(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return hint.Wrap(fmt.Errorf("%s is not a regular file", path), "give one that is")
	case info.Size() > maxConfig:
		return hint.Wrap(fmt.Errorf("%s is larger than 1 MiB", path), "check that it is the right file")
	}
	file, err := os.Open(path) // so that whose rights are missing is known: the toolkit's error has no path
	if err != nil {
		return err
	}
	return file.Close()
}
