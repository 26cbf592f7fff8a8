package config

import (
	"bytes"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// slip is what people do wrongly in a file that is no YAML, or is not ours.
type slip struct {
	find            func(data []byte) int // where it is; below 0 if it is not
	problem, advice string
}

// slips are in the order in which they are looked for.
var slips = []slip{
	{find: misencoded, problem: "is not UTF-8 text", advice: "save it as UTF-8; editors have that in the dialogue Save As"},
	{find: first(`(?m)^ *\t`), problem: "a tab is used as indentation", advice: "use spaces"},
	{find: first(`\x{00a0}`), problem: "a no-break space is in this line", advice: "replace it by an ordinary space; pages on the web often have them"},
	{find: first(`(?m)^\s*(?:account|api|client|influx|log|poll|redirect|state|web)[._-][a-z._-]+[ \t]+[^\s:#]+[ \t\r]*$`),
		problem: "a key has no colon", advice: `write a colon and a space behind it, such as "client_id: abc"`},
	{find: first(`(?m)^\s*[\w.-]+\s*=`), problem: "an equals sign follows a key", advice: `write a colon and a space, such as "client_id: abc"`},
}

// slipped names the slip that a file has, with its line.
func slipped(path string, data []byte) *Error {
	for _, s := range slips {
		if at := s.find(data); at >= 0 {
			return &Error{Path: path, Line: 1 + bytes.Count(data[:at], []byte("\n")), Problem: s.problem, Advice: s.advice}
		}
	}
	return nil
}

// first finds the first match of a pattern.
func first(pattern string) func([]byte) int {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
	return func(data []byte) int {
		if at := compiled().FindIndex(data); at != nil {
			return at[0]
		}
		return -1
	}
}

// misencoded finds the first byte that is no UTF-8, in a file that is not UTF-16.
func misencoded(data []byte) int {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return -1
	}
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// homeKeys are keys of Home Assistant's own configuration that no setting of ours has.
var homeKeys = []string{
	"homeassistant", "default_config", "automation", "script", "scene", "frontend", "sensor", "binary_sensor", "template", "recorder", "logger", "lovelace", "tts",
}

// wholeHome says that a file is the whole configuration of Home Assistant and not the block of ours alone.
func wholeHome(path string, root *yaml.Node) error {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if key := root.Content[i]; slices.Contains(homeKeys, key.Value) {
			return &Error{Path: path, Line: key.Line, Key: key.Value, Problem: "belongs to Home Assistant",
				Advice: `copy the block "withings:" alone into a file of its own`}
		}
	}
	return nil
}
