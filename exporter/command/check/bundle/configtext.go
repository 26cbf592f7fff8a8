package bundle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"withings-exporter/exporter/config"
)

var (
	keyed  = regexp.MustCompile(`^((?:- +)*)([^\s:#'"{}\[\],&*!|>%@]+)(\s*:)(\s.*|)$`)
	number = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`)
	truth  = regexp.MustCompile(`^(?i:true|false|yes|no|on|off)$`)
)

// ConfigText shows how a configuration file is built, a line for each of its
// lines: number, indentation, keys, and of what kind each value is. It needs no
// valid YAML. Keys are shown that are known, or a known one with a slip of the
// pen; of values and comments nothing is.
func ConfigText(data []byte, known []string) string {
	text := strings.TrimSuffix(string(data), "\n")
	var out strings.Builder
	if rest, ok := strings.CutPrefix(text, "\ufeff"); ok {
		out.WriteString("      [begins with a byte order mark]\n")
		text = rest
	}
	if text == "" {
		return out.String() + "      [empty]\n"
	}
	known = withParts(known)
	for i, line := range strings.Split(text, "\n") {
		fmt.Fprintf(&out, "%4d  %s\n", i+1, configLine(line, known))
	}
	return out.String()
}

// configLine shows one line.
func configLine(line string, known []string) string {
	ending := ""
	if strings.HasSuffix(line, "\r") {
		line, ending = strings.TrimSuffix(line, "\r"), " [carriage return]"
	}
	body := strings.TrimLeft(line, " \t")
	indent := strings.ReplaceAll(line[:len(line)-len(body)], "\t", "[tab]")
	switch {
	case strings.TrimSpace(body) == "":
		return strings.TrimRight(indent, " ") + ending
	case body == "---" || body == "...":
		return indent + body + ending
	}
	if m := keyed.FindStringSubmatch(body); m != nil {
		return indent + m[1] + configKey(m[2], known) + strings.TrimLeft(m[3], " \t") + valueKind(m[4]) + ending
	}
	if rest, ok := strings.CutPrefix(body, "- "); ok {
		return indent + "-" + valueKind(rest) + ending
	}
	return indent + strings.TrimPrefix(valueKind(body), " ") + ending
}

// configKey is a key, or a word for one that nobody knows.
func configKey(key string, known []string) string {
	if nearOne(key, known) {
		return key
	}
	return "[unknown key]"
}

// KnownKey reports whether a key of a configuration file is a name of a flag, or
// such a name with a typo.
func KnownKey(key string, flags []string) bool { return nearOne(key, withParts(flags)) }

func nearOne(key string, known []string) bool {
	plain := strings.ReplaceAll(key, "_", "-")
	return slices.ContainsFunc(known, func(k string) bool { return near(plain, k) })
}

// valueKind tells of what kind a value is, after a blank; "" for none.
func valueKind(value string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return ""
	case value[0] == '#':
		return " [comment]"
	case number.MatchString(value):
		return " [number]"
	case truth.MatchString(value):
		return " [true or false]"
	case strings.HasPrefix(value, "!secret "):
		return " [!secret]"
	}
	if kind, ok := begins[value[0]]; ok {
		return " " + kind
	}
	if strings.Contains(value, " #") {
		return " [text] [comment]"
	}
	return " [text]"
}

// begins are the values that YAML knows by their first character.
var begins = map[byte]string{
	'"': "[text in double quotes]", '\'': "[text in single quotes]", '[': "[list in brackets]", '{': "[map in braces]",
	'|': "[text over lines]", '>': "[text over lines]", '&': "[anchor]", '*': "[alias]", '!': "[tag]",
	'@': "[reserved character]", '`': "[reserved character]", '%': "[reserved character]",
}

// withParts adds to names of flags, such as influx.url, what can stand alone in
// a file where names are nested.
func withParts(names []string) []string {
	all := slices.Clone(names)
	for _, name := range names {
		all = append(all, strings.Split(name, ".")...)
	}
	return append(all, "withings", "<<")
}

// near reports whether a word is another one with at most two letters wrong;
// short words must be right.
func near(word, want string) bool {
	if word == want {
		return true
	}
	if len(want) < 6 || len(word) > len(want)+2 || len(want) > len(word)+2 || strings.ContainsFunc(word, notInKey) {
		return false
	}
	return config.Distance(word, want) <= 2
}

func notInKey(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '.'
}
