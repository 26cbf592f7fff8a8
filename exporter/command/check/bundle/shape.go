package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPaths bounds how many different fields of an answer are listed.
const maxPaths = 400

// shape lists the fields of an answer with how often each kind of value is
// there, and of measures what is needed to see whose they are and what is
// missing.
func shape(action string, data []byte) []string {
	var whole struct {
		Status *json.Number    `json:"status"`
		Body   json.RawMessage `json:"body"`
	}
	if json.Unmarshal(data, &whole) != nil {
		return []string{"no JSON: " + firstKind(data)}
	}
	lines := []string{"no status"}
	if whole.Status != nil {
		lines[0] = "status " + whole.Status.String()
	}
	if len(whole.Body) == 0 {
		return lines
	}
	decoder := json.NewDecoder(bytes.NewReader(whole.Body))
	decoder.UseNumber()
	var body any
	if decoder.Decode(&body) != nil {
		return append(lines, "a body that cannot be read")
	}
	seen := fields{}
	seen.walk("", body)
	if strings.HasPrefix(action, "getmeas") {
		lines = append(lines, measures(whole.Body)...)
	}
	return append(lines, seen.lines()...)
}

// firstKind tells what stands where JSON should.
func firstKind(data []byte) string {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return "empty"
	case data[0] == '<':
		return "a web page"
	}
	return "something else, or broken off"
}

// fields counts kinds of values by the path of their field.
type fields map[string]map[string]int

func (f fields) walk(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		f.count(path, "object")
		for key, value := range v {
			f.walk(strings.TrimPrefix(path+"."+fieldName(key), "."), value)
		}
	case []any:
		f.count(path, "list")
		for _, value := range v {
			f.walk(path+"[]", value)
		}
	case json.Number:
		if strings.HasPrefix(v.String(), "-") {
			f.count(path, "number below 0")
		} else {
			f.count(path, "number")
		}
	case string:
		f.count(path, textKind(path, v))
	case bool:
		f.count(path, strconv.FormatBool(v))
	case nil:
		f.count(path, "null")
	}
}

func (f fields) count(path, kind string) {
	if f[path] == nil {
		if len(f) >= maxPaths {
			path = "[further fields]"
		}
		if f[path] == nil {
			f[path] = map[string]int{}
		}
	}
	f[path][kind]++
}

func (f fields) lines() []string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(f)) {
		if path == "" {
			continue
		}
		var counts []string
		for _, kind := range slices.Sorted(maps.Keys(f[path])) {
			counts = append(counts, fmt.Sprintf("%s ×%d", kind, f[path][kind]))
		}
		all = append(all, path+": "+strings.Join(counts, ", "))
	}
	return all
}

var (
	plainField  = regexp.MustCompile(`^[a-z][a-z_]{0,39}[0-9]{0,3}$`)
	digits      = regexp.MustCompile(`^[0-9]+$`)
	deviceModel = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 +/().-]{0,40}$`)
)

// fieldName is the name of a field. Numbers, which PHP makes of lists, and what
// does not look like a name of Withings are not shown: they could be somebody's.
func fieldName(key string) string {
	switch {
	case digits.MatchString(key):
		return "#"
	case plainField.MatchString(key):
		return key
	}
	return "[odd name]"
}

// textKind is "text", or the text itself where it is a time zone or the model of
// a device.
func textKind(path, text string) string {
	_, field, _ := strings.Cut("."+path, ".")
	field = field[strings.LastIndex(field, ".")+1:]
	switch {
	case field == "timezone" && text != "":
		if _, err := time.LoadLocation(text); err == nil {
			return text
		}
		return "unknown time zone"
	case (field == "model" || field == "type") && strings.HasPrefix(path, "devices[]") && deviceModel.MatchString(text):
		return strconv.Quote(text)
	case text == "":
		return "empty text"
	case number.MatchString(text):
		return "number in quotes"
	}
	return "text"
}
