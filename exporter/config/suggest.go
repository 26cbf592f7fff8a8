package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"withings-exporter/exporter/shell"
)

// few settings of a group can all be named in one line.
const few = 5

// notShown is what to do about a key that is not repeated.
const notShown = "it is not shown, since it may be a secret: write the name of a setting, a colon, a space and the value"

// homeInflux are keys of the group influxdb of Home Assistant that no setting of ours is called. What they say is told together.
var homeInflux = []string{"api-version", "host", "port", "path", "ssl", "verify-ssl", "organization", "database", "username", "password"}

const homeInfluxHere = "in the group influx, give url (http://HOST:PORT), org (the organization), bucket (DATABASE/autogen for InfluxDB 1.8) " +
	"and token (USERNAME:PASSWORD for InfluxDB 1.8); leave out what else Home Assistant has there"

// suggest says what to do about a key that is neither one of the names nor a group of them.
func suggest(s setting, names []string) string {
	known := slices.Concat(names, groups(names), []string{block})
	if s.inBlock {
		return s.suggestInBlock(known)
	}
	group, word := parted(s.name, known)
	if s.name == "influxdb" || group == "influx." && slices.Contains(homeInflux, word) {
		return homeInfluxHere
	}
	below := members(group, known)
	within := Nearest(word, below)
	if within != "" {
		within = group + within
	}
	meant := cmp.Or(within, keyHabit(word), only(word, names), Nearest(word, known))
	if group == "" {
		meant = cmp.Or(keyHabit(word), meant)
	}
	switch {
	case strings.ContainsAny(s.name, ":="), spaced(s.name):
		return "write a colon and a space between the name and the value"
	case within == "" && group != "" && slices.Contains(known, word):
		return fmt.Sprintf("move it out of the group %q, to the left margin", strings.TrimSuffix(group, "."))
	case meant != "":
		return "did you mean " + s.spelt(meant) + "?"
	case strings.Contains(s.key, hidden):
		return notShown
	case group != "" && len(below) <= few:
		return fmt.Sprintf("remove it, or choose from %s", group+s.spelt(strings.Join(below, ", "+group)))
	}
	return "remove it, or see " + shell.Program() + " serve --help-all for the names of settings"
}

// suggestInBlock says what to do about a key that the block of Home Assistant does not have.
func (s setting) suggestInBlock(known []string) string {
	word := strings.TrimPrefix(s.name, block+".")
	near := Nearest(word, blockKeys)
	outside := cmp.Or(keyHabit(word), Nearest(word, known), only(word, known))
	switch {
	case strings.ContainsAny(word, ":="), spaced(word):
		return "write a colon and a space between the name and the value"
	case word != block && slices.Contains(known, word):
		return fmt.Sprintf("move it out of the block %q, to the left margin", block)
	case near != "":
		return "did you mean " + s.spelt(near) + "?"
	case outside != "" && outside != block:
		return fmt.Sprintf("did you mean %s? It belongs outside the block %q, at the left margin", s.spelt(outside), block)
	case strings.Contains(s.key, hidden):
		return notShown
	}
	return fmt.Sprintf("remove it: the block %q has only %s", block, strings.ReplaceAll(strings.Join(blockKeys, ", "), "-", "_"))
}

// spelt is the name of a setting, and perhaps its value, with the dashes or underscores that the key has; with dashes, as everywhere
// here, if it has neither.
func (s setting) spelt(name string) string {
	if strings.Contains(s.key, "-") || !strings.Contains(s.key, "_") && !s.inBlock {
		return name
	}
	name, value, valued := strings.Cut(name, ": ")
	name = strings.ReplaceAll(name, "-", "_")
	if valued {
		name += ": " + value
	}
	return name
}

// parted splits a name after the longest group that it begins with, the dot included; the group is "" if it begins with none.
func parted(name string, known []string) (group, word string) {
	for i, r := range name {
		if r == '.' && slices.Contains(known, name[:i]) {
			group = name[:i+1]
		}
	}
	return group, name[len(group):]
}

// members are the names of a group as they are called within it.
func members(group string, names []string) []string {
	var all []string
	for _, name := range names {
		if within, ok := strings.CutPrefix(name, group); ok {
			all = append(all, within)
		}
	}
	return all
}

// only is the only name that ends in a word, such as influx.bucket for bucket and client-id for id; "" without one.
func only(word string, names []string) string {
	found := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasSuffix(name, "."+word) && (!strings.HasSuffix(name, "-"+word) || strings.Contains(name, "."))
	})
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// groups returns what stands before a dot in names: influx for influx.url.
func groups(names []string) []string {
	var all []string
	for _, name := range names {
		for i, r := range name {
			if r == '.' && !slices.Contains(all, name[:i]) {
				all = append(all, name[:i])
			}
		}
	}
	return all
}
