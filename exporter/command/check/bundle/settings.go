package bundle

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

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

// Configuration is what a bundle contains about the configuration.
type Configuration struct {
	Settings  []Setting `json:"settings"`
	Variables []string  `json:"environment_variables"`
	Others    int       `json:"environment_variables_of_no_flag,omitempty"`
	Lines     []string  `json:"lines_of_the_file,omitempty"`
}

// Setting is what a bundle contains about a flag.
type Setting struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Value  string `json:"value"`
}

// shown says how the value of a flag is shown. Of any other flag the bundle only says
// that it is set.
var shown = map[string]func(h *Hider, flag, value string) string{
	"config.file": file, "state.dir": file, "client-secret-file": file, "influx.token-file": file, "web.config.file": file,
	"redirect-url": address, "api.url": address, "account.url": address, "influx.url": address, "web.external-url": address,
	"client-id": func(h *Hider, _, value string) string { return h.Application(value) },
	"profiles":  profiles, "influx.org": named, "influx.bucket": named,
	"client-secret": secret, "influx.token": secret,
	"signed-requests": plain, "services": plain, "timezone": plain, "include-ambiguous": plain, "api.rate-limit": plain, "poll-interval": plain,
	"web.listen-address": plain, "web.telemetry-path": plain, "web.systemd-socket": plain, "web.route-prefix": plain, "web.max-requests": plain, "web.disable-exporter-metrics": plain, "log.level": plain, "log.format": plain,
}

func plain(_ *Hider, _, value string) string { return value }

// file shows a path with mode and size of the file.
func file(_ *Hider, _, path string) string {
	f := look(path, path)
	return fmt.Sprintf("%s (%s%s, %d bytes)", path, f.Mode, f.Problem, f.Size)
}

// address shows a URL without user, password and query, and hides the host unless
// it is Withings', an IP address or a name without a dot.
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

// named hides a name that a person chose.
func named(h *Hider, flag, value string) string {
	h.Instead(value, "["+flag+"]")
	return "[set]"
}

func secret(h *Hider, _, value string) string {
	h.Secret(value)
	return "[set]"
}

// profiles shows the stand-ins of a list of profiles.
func profiles(h *Hider, _, value string) string {
	var all []string
	for name := range strings.SplitSeq(value, ",") {
		all = append(all, h.Name("profile", strings.TrimSpace(name)))
	}
	return strings.Join(all, ", ")
}

// Configured describes the configuration. The hider learns its secrets and names.
func Configured(flags []Flag, h *Hider) Configuration {
	var c Configuration
	for _, f := range flags {
		value := f.Text()
		if f.Source == "" || value == "" || f.Name == "bundle" || f.Name == "alive" {
			continue
		}
		s := Setting{Name: f.Name, Source: f.Source, Value: "[set]"}
		if show := shown[f.Name]; show != nil {
			s.Value = show(h, f.Name, value)
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

// ReadFile adds an outline of the configuration file, valid or not.
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

var keyed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([ \t]*(?:- +)*)([^\s:#'"{}\[\],&*!|>%@]+)\s*:(\s.*|)$`)
})

// lines outlines a configuration file line by line: number, indentation, known keys,
// and whether there is a value. The file need not be valid YAML. Of values, comments
// and other keys at most the first character is shown, if it means something in YAML.
func lines(data []byte, h *Hider) []string {
	var all []string
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		line, returned := strings.CutSuffix(line, "\r")
		line, marked := strings.CutPrefix(line, "\ufeff")
		rest := strings.TrimLeft(line, " \t-")
		outlined := line[:len(line)-len(rest)]
		if m := keyed().FindStringSubmatch(line); m != nil {
			key := "[unknown key]"
			if h.isKey(m[2]) {
				key = m[2]
			}
			outlined, rest = m[1]+key+": ", m[3]
		}
		outlined = fmt.Sprintf("%4d  %s%s", i+1, strings.ReplaceAll(outlined, "\t", "[tab]"), outline(rest))
		if returned || marked {
			outlined += " [carriage return or byte order mark]"
		}
		all = append(all, strings.TrimRight(outlined, " "))
	}
	return all
}

// outline returns the first character of a value if it means something in YAML, and
// an ellipsis for the rest.
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
