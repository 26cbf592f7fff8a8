package rude

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Line is a line of line protocol.
type Line struct {
	Text        string // without the line feed
	Measurement string
	Tags        map[string]string
	Fields      []Field
	Time        time.Time
}

// Field is a value of a line as it is written: 70.5, 3i, "text", true.
type Field struct{ Name, Text string }

// Number is the value, nil when it is not a number.
func (f Field) Number() *big.Rat {
	text := strings.TrimRight(f.Text, "iu")
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return nil
	}
	value, _ := new(big.Rat).SetString(text)
	return value
}

// precisions are those of both write APIs.
var precisions = map[string]time.Duration{
	"": 1, "n": 1, "ns": 1, "u": time.Microsecond, "us": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour,
}

// ParseLines parses lines in order; the error is InfluxDB's message for the first
// line that it cannot parse. Empty lines and comments are none.
func ParseLines(text, precision string) ([]Line, error) {
	unit, ok := precisions[precision]
	if !ok {
		return nil, fmt.Errorf("invalid precision %q", precision)
	}
	var lines []Line
	for one := range strings.SplitSeq(text, "\n") {
		one = strings.TrimRight(one, "\r")
		if one == "" || strings.HasPrefix(one, "#") {
			continue
		}
		line, err := parseLine(one, unit)
		if err != nil {
			return nil, fmt.Errorf("unable to parse '%s': %w", one, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func parseLine(text string, unit time.Duration) (Line, error) {
	line := Line{Text: text, Tags: map[string]string{}, Time: time.Now()}
	parts := split(text, ' ')
	if len(parts) < 2 || len(parts) > 3 {
		return line, errors.New("missing fields")
	}
	for i, part := range split(parts[0], ',') {
		if i == 0 {
			line.Measurement = unescape(part)
			continue
		}
		pair := split(part, '=')
		if len(pair) != 2 || pair[0] == "" || pair[1] == "" {
			return line, errors.New("missing tag value")
		}
		line.Tags[unescape(pair[0])] = unescape(pair[1])
	}
	for _, part := range split(parts[1], ',') {
		pair := split(part, '=')
		if len(pair) != 2 || pair[0] == "" || pair[1] == "" {
			return line, errors.New("missing field value")
		}
		f := Field{unescape(pair[0]), pair[1]}
		switch quote := strings.HasPrefix(f.Text, `"`); {
		case quote && (len(f.Text) < 2 || !strings.HasSuffix(f.Text, `"`)):
			return line, errors.New("unbalanced quotes")
		case !quote && f.Number() == nil && f.Text != "true" && f.Text != "false":
			return line, errors.New("invalid boolean")
		}
		line.Fields = append(line.Fields, f)
	}
	if len(parts) == 3 {
		n, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return line, errors.New("bad timestamp")
		}
		line.Time = time.Unix(0, n*int64(unit)).UTC()
	}
	return line, nil
}

// split splits at a character that is neither escaped nor inside quotes.
func split(text string, at byte) []string {
	var parts []string
	begin, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == at && !quoted:
			parts = append(parts, text[begin:i])
			begin = i + 1
		}
	}
	return append(parts, text[begin:])
}

var unescaper = strings.NewReplacer(`\,`, `,`, `\ `, ` `, `\=`, `=`, `\\`, `\`)

func unescape(text string) string { return unescaper.Replace(text) }
