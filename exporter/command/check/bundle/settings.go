package bundle

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/statedir"
)

// Flag is a flag with its value and where that comes from.
type Flag struct {
	Name, Source string
	Value        any
}

// Text is the value as text, several with commas between.
func (f Flag) Text() string {
	if values, ok := f.Value.([]string); ok {
		return strings.Join(values, ",")
	}
	return fmt.Sprint(f.Value)
}

// Configuration is what a bundle tells of what the program runs with.
type Configuration struct {
	Settings  []Setting `json:"settings"`
	Variables []string  `json:"environment_variables"`
	Others    int       `json:"environment_variables_of_no_flag,omitempty"`
	Lines     []string  `json:"lines_of_the_file,omitempty"`
}

// Setting is what a bundle tells of a flag.
type Setting struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Value  string `json:"value"`
}

// shown says how the value of a flag is told; of a flag that is not here, only
// whether it is set.
var shown = map[string]func(h *Hider, flag, value string) string{
	"config.file": file, "state.dir": file, "client-secret-file": file, "influx.token-file": file, "web.config.file": file,
	"redirect-url": address, "api.url": address, "account.url": address, "influx.url": address, "web.external-url": address,
	"client-id": func(h *Hider, _, value string) string { return h.Application(value) },
	"profiles":  profiles, "influx.org": named, "influx.bucket": named,
	"client-secret": secret, "influx.token": secret,
	"signed-requests": plain, "services": plain, "timezone": plain, "include-ambiguous": plain, "api.rate-limit": plain, "poll-interval": plain,
	"web.listen-address": plain, "web.telemetry-path": plain, "log.level": plain, "log.format": plain,
}

func plain(_ *Hider, _, value string) string { return value }

// file tells a path, with what can be seen of the file from outside.
func file(_ *Hider, _, path string) string {
	f := look(path, path)
	return fmt.Sprintf("%s (%s%s, %d bytes)", path, f.Mode, f.Problem, f.Size)
}

// address tells an address without user, password and query, and hides the name
// of a host on the internet unless it is Withings'.
func address(h *Hider, flag, value string) string {
	u, err := url.Parse(value)
	if err != nil {
		return "[not an address]"
	}
	host := u.Hostname()
	if strings.Contains(host, ".") && net.ParseIP(host) == nil && !strings.HasSuffix(host, ".withings.net") && !strings.HasSuffix(host, ".withings.com") {
		h.Instead(host, "[host of "+flag+"]")
	}
	password, _ := u.User.Password()
	h.Secret(password)
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).Redacted()
}

// named hides what a person has called something.
func named(h *Hider, flag, value string) string {
	h.Instead(value, "["+flag+"]")
	return "[set]"
}

func secret(h *Hider, _, value string) string {
	h.Secret(value)
	return "[set]"
}

// profiles tells the stand-ins of a list of profiles.
func profiles(h *Hider, _, value string) string {
	var all []string
	for _, name := range strings.Split(value, ",") {
		all = append(all, h.Name("profile", strings.TrimSpace(name)))
	}
	return strings.Join(all, ", ")
}

// Configured tells what the program runs with. The hider learns what is in it.
func Configured(flags []Flag, h *Hider) Configuration {
	var c Configuration
	for _, f := range flags {
		value := f.Text()
		if f.Source == "" || value == "" || f.Name == "bundle" || f.Name == "alive" {
			continue
		}
		s := Setting{Name: f.Name, Source: f.Source, Value: "[set]"}
		if tell := shown[f.Name]; tell != nil {
			s.Value = tell(h, f.Name, value)
		}
		c.Settings = append(c.Settings, s)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case !strings.HasPrefix(name, "WITHINGS_"):
		case slices.ContainsFunc(flags, func(f Flag) bool { return name == config.Variable(f.Name) }):
			c.Variables = append(c.Variables, name)
		default:
			c.Others++
		}
	}
	slices.Sort(c.Variables)
	return c
}

// ReadFile adds what can be told of the configuration file, valid or not.
func (c *Configuration) ReadFile(given string, h *Hider) error {
	path, err := config.Find(given)
	if err != nil || path == "" {
		return err
	}
	data, err := statedir.Read(path, maxFile)
	if err == nil {
		c.Lines = lines(data, h)
	}
	return err
}

var keyed = regexp.MustCompile(`^([ \t]*(?:- +)*)([^\s:#'"{}\[\],&*!|>%@]+)\s*:(\s.*|)$`)

// lines tells how a configuration file is built, a line for each of its lines:
// number, indentation, known keys, and whether there is a value. It needs no valid
// YAML. Of values, comments and other keys at most the character is told by which
// YAML knows them.
func lines(data []byte, h *Hider) []string {
	var all []string
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		line, returned := strings.CutSuffix(line, "\r")
		line, marked := strings.CutPrefix(line, "\ufeff")
		rest := strings.TrimLeft(line, " \t-")
		told := line[:len(line)-len(rest)]
		if m := keyed.FindStringSubmatch(line); m != nil {
			key := "[unknown key]"
			if h.isKey(m[2]) {
				key = m[2]
			}
			told, rest = m[1]+key+": ", m[3]
		}
		told = fmt.Sprintf("%4d  %s%s", i+1, strings.ReplaceAll(told, "\t", "[tab]"), outline(rest))
		if returned || marked {
			told += " [carriage return or byte order mark]"
		}
		all = append(all, strings.TrimRight(told, " "))
	}
	return all
}

// outline is the first character of a value if YAML gives it a meaning, and an
// ellipsis for the rest.
func outline(value string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return ""
	case strings.ContainsRune("\"'[{#|>&*!@%`", rune(value[0])):
		return value[:1] + "…"
	}
	return "…"
}
