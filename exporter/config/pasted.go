package config

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"withings-exporter/exporter/hint"
)

// Pasted returns what a person copied from the application's page at Withings, an id or a secret, without the space
// around it, and refuses what cannot be one. What says where it was given; the error never shows it.
func Pasted(text, what string) (string, error) {
	text = strings.TrimSpace(text)
	problem, advice := "", "copy it again from the application's page at Withings, alone"
	switch {
	case text == "":
		return "", nil
	case strings.ContainsAny(text[:1], `"'`+"`"), strings.HasPrefix(text, "“"), strings.HasPrefix(text, "„"), strings.HasPrefix(text, "‘"):
		problem, advice = inQuotes, removeQuotes
	case variable().MatchString(text):
		problem, advice = "is the name of a variable", "give its value: variables are replaced by a shell, not here"
	case slices.Contains(placeholders, strings.Trim(text, "<>")):
		problem, advice = "is still the placeholder of an example", "copy the real one from the application's page at Withings"
	case assignment().MatchString(text):
		problem, advice = "has a name before the value", "give the value alone"
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		problem = "contains a space or another character that none has"
	default:
		return text, nil
	}
	return "", hint.Wrap(fmt.Errorf("%s %s", what, problem), advice)
}

// placeholders are in the examples of the README and of Home Assistant.
var placeholders = []string{"CLIENT_ID", "CLIENT_SECRET", "CONSUMER_SECRET", "YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET", "your_client_id", "your_client_secret"}

var (
	variable   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\$\{?[A-Za-z_]\w*\}?$|^%\w+%$|^\{\{.*\}\}$`) })
	assignment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\w*(?i:id|secret)\s*[=:].`) })
)

// plain turns the content of a text file into UTF-8 without a byte order mark. Editors and shells of Windows write such
// a mark, and UTF-16 after two of its kinds.
func plain(data []byte) string {
	var order binary.ByteOrder
	switch text := string(data); {
	case strings.HasPrefix(text, "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(text, "\xfe\xff"):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(text, "\ufeff")
	}
	var units []uint16
	for pair := range slices.Chunk(data[2:len(data)&^1], 2) {
		units = append(units, order.Uint16(pair))
	}
	return string(utf16.Decode(units))
}
