package check

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/user"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/command/check/bundle"
	"withings-exporter/exporter/config"
)

// hide tells the mask everything secret and personal that is known before
// anything is read.
func (g *gathering) hide() {
	g.mask.Secret(g.settings.ClientSecret)
	g.mask.Secret(g.settings.Influx.Token)
	for _, v := range g.flags.values {
		g.hideValue(v)
	}
	if !bundle.KnownKey(g.flags.odd, g.known()) {
		g.mask.Secret(g.flags.odd)
	}
	for _, name := range g.settings.Profiles {
		g.mask.Name("profile", name)
	}
	g.mask.Instead(g.settings.ClientID, bundle.Application(g.settings.ClientID))
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		g.mask.Instead(home, "~")
	}
	if me, err := user.Current(); err == nil {
		g.hideOwn(me.Username, "[user]")
		g.hideOwn(me.Name, "[user]")
	}
	if host, err := os.Hostname(); err == nil {
		g.hideOwn(host, "[host]")
	}
}

// nobodys are the words in names of users and machines that tell nothing of
// anybody, and that stand all over a bundle.
const nobodys = "withings-exporter prometheus localhost nonroot nobody root"

// hideOwn hides the name of the user or the machine.
func (g *gathering) hideOwn(name, instead string) {
	if !strings.Contains(nobodys, name) {
		g.mask.Instead(name, instead)
	}
}

// hideValue hides what a flag holds, or the file that it names.
func (g *gathering) hideValue(v flagValue) {
	text, _ := v.value.(string)
	switch v.name {
	case "client-secret", "influx.token":
		g.hideSecret(text)
	case "client-secret-file", "influx.token-file":
		if data, err := bundle.ReadFile(text); text != "" && err == nil {
			for line := range strings.Lines(string(data)) {
				g.hideSecret(strings.TrimSpace(line))
			}
		}
	case "client-id":
		g.mask.Instead(text, bundle.Application(text))
	case "web.config.file":
		g.hideWebConfig(text)
	case "influx.url", "web.external-url":
		if u, err := url.Parse(text); err == nil && strings.Contains(u.Hostname(), ".") && net.ParseIP(u.Hostname()) == nil {
			g.mask.Instead(u.Hostname(), "[host of "+v.name+"]")
		}
	case "influx.org", "influx.bucket":
		g.mask.Instead(text, "["+v.name+"]")
	case "profiles":
		names, _ := v.value.([]string)
		if text != "" {
			names = strings.Split(text, ",")
		}
		for _, name := range names {
			if name = strings.TrimSpace(name); name != "" {
				g.mask.Name("profile", name)
			}
		}
	}
}

// hideSecret hides a secret, and both halves of one like user:password.
func (g *gathering) hideSecret(secret string) {
	g.mask.Secret(secret)
	if name, password, ok := strings.Cut(secret, ":"); ok {
		g.mask.Secret(name)
		g.mask.Secret(password)
	}
}

// hideWebConfig hides users and password hashes of the web configuration.
func (g *gathering) hideWebConfig(path string) {
	data, err := bundle.ReadFile(path)
	var content struct {
		Users map[string]string `yaml:"basic_auth_users"`
	}
	if path == "" || err != nil || yaml.Unmarshal(data, &content) != nil {
		return
	}
	for name, hash := range content.Users {
		g.mask.Secret(name)
		g.mask.Secret(hash)
	}
}

// plain are the flags whose values tell nothing of anybody.
var plain = []string{"signed-requests", "services", "timezone", "include-ambiguous", "api.rate-limit", "poll-interval",
	"web.listen-address", "web.telemetry-path", "log.level", "log.format"}

// addresses are flags that are shown without user, password and query.
var addresses = []string{"redirect-url", "api.url", "account.url", "influx.url", "web.external-url"}

// files are flags that name a file or folder.
var files = []string{"config.file", "state.dir", "client-secret-file", "influx.token-file", "web.config.file"}

// configuration lists what the program runs with.
func (g *gathering) configuration(w io.Writer) error {
	for _, v := range g.flags.values {
		if v.name == "bundle" || v.name == "alive" || v.source == notKnown {
			continue
		}
		fmt.Fprintf(w, "%-20s %-12s %s\n", v.name, v.source, g.shown(v))
	}
	fmt.Fprintln(w, "\nvariables:", strings.Join(variables(g.known()), " "))
	return nil
}

// shown is a value fit for the bundle.
func (g *gathering) shown(v flagValue) string {
	text := strings.Trim(fmt.Sprint(v.value), "[]")
	switch {
	case text == "":
		return "not set"
	case slices.Contains(plain, v.name):
		return text
	case slices.Contains(addresses, v.name):
		u, err := url.Parse(text)
		if err != nil {
			return "[no address]"
		}
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	case slices.Contains(files, v.name):
		return text + fileFacts(text)
	case v.name == "client-id":
		return bundle.Application(text)
	case v.name == "profiles":
		return g.standIns(v.value)
	}
	return "[set]"
}

func (g *gathering) standIns(value any) string {
	names, ok := value.([]string)
	if !ok {
		names = strings.Split(fmt.Sprint(value), ",")
	}
	var all []string
	for _, name := range names {
		all = append(all, g.mask.Name("profile", strings.TrimSpace(name)))
	}
	return strings.Join(all, ", ")
}

// fileFacts tells, in parentheses, what can be seen of a file from outside.
func fileFacts(path string) string {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return " (is not there)"
	case err != nil:
		return " (cannot be looked at)"
	case info.Mode().IsRegular() && info.Size() == 0:
		return fmt.Sprintf(" (%s, empty)", info.Mode())
	}
	return fmt.Sprintf(" (%s)", info.Mode())
}

// known are the names of all flags.
func (g *gathering) known() []string {
	var names []string
	for _, v := range g.flags.values {
		names = append(names, v.name)
	}
	return append(names, "backfill", "since", "until", "to") // of other commands, in the same file
}

// variables lists the environment variables of the program that are set; one
// that is no flag's is only counted.
func variables(flags []string) []string {
	var set []string
	others := 0
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case !strings.HasPrefix(name, "WITHINGS_"):
		case slices.ContainsFunc(flags, func(flag string) bool { return name == config.Variable(flag) }):
			set = append(set, name)
		default:
			others++
		}
	}
	slices.Sort(set)
	if others > 0 {
		set = append(set, fmt.Sprintf("and %d that no flag of check knows", others))
	}
	if len(set) == 0 {
		return []string{"none of WITHINGS_"}
	}
	return set
}

// text is the value of a flag, of several the first.
func (g *gathering) text(name string) string {
	for _, v := range g.flags.values {
		switch value := v.value.(type) {
		case string:
			if v.name == name {
				return value
			}
		case []string:
			if v.name == name && len(value) > 0 {
				return value[0]
			}
		}
	}
	return ""
}

// configurationFile shows how the file is built, valid or not.
func (g *gathering) configurationFile(w io.Writer) error {
	path, err := config.Find(g.text("config.file"))
	if err != nil {
		return err
	}
	if path == "" {
		fmt.Fprintln(w, "there is none")
		return nil
	}
	data, err := bundle.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	fmt.Fprintf(w, "%s%s\n%s", path, fileFacts(path), bundle.ConfigText(data, g.known()))
	return nil
}
