package bundle

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxPaths limits how many different fields of an answer are listed.
const maxPaths = 400

// fields counts kinds of values by the path of their field, such as
// "measuregrps[].date": {"number": 12}. Only of the few fields that say what kind
// of record it is are the values themselves shown.
type fields map[string]map[string]int

// coded are the fields whose small numbers are shown: they say whose a measure may
// be and of what type it is, not what was measured.
var coded = []string{"attrib", "category", "is_inconclusive", "type", "unit", "position", "more", "model", "model_id"}

var (
	number      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`) })
	few         = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?[0-9]{1,4}$`) })
	plainField  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z_]{0,39}[0-9]{0,3}$`) })
	deviceModel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 +/().-]{0,40}$`) })
)

// shape returns the status of an answer, or why there is none, and how its body is
// built.
func shape(data []byte) (status string, seen fields) {
	var whole struct {
		Status json.Number `json:"status"`
		Body   any         `json:"body"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	switch err := decoder.Decode(&whole); {
	case err != nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")):
		return "not JSON: a web page", nil
	case err != nil:
		return "not JSON, empty or broken off", nil
	}
	seen = fields{}
	seen.walk("", "", whole.Body)
	return whole.Status.String(), seen
}

// walk counts a value, and the values in it, by path; name is the last field of the path.
func (f fields) walk(path, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		f.count(path, "object")
		for key, value := range v {
			key = fieldName(key)
			f.walk(strings.TrimPrefix(path+"."+key, "."), key, value)
		}
	case []any:
		f.count(path, "list")
		for _, value := range v {
			f.walk(path+"[]", name, value)
		}
	case json.Number:
		kind := "number"
		if text := v.String(); slices.Contains(coded, name) && few().MatchString(text) {
			kind = text
		} else if strings.HasPrefix(text, "-") {
			kind = "number below 0"
		}
		f.count(path, kind)
	case string:
		f.count(path, textKind(path, name, v))
	case bool:
		f.count(path, strconv.FormatBool(v))
	case nil:
		f.count(path, "null")
	}
}

func (f fields) count(path, kind string) {
	if path == "" {
		return
	}
	if f[path] == nil && len(f) >= maxPaths {
		path = "[further fields]"
	}
	if f[path] == nil {
		f[path] = map[string]int{}
	}
	f[path][kind]++
}

// fieldName returns the name of a field. Numbers, which PHP uses as keys of lists,
// and names unlike Withings' could identify a person, so they are replaced.
func fieldName(key string) string {
	switch {
	case number().MatchString(key):
		return "#"
	case plainField().MatchString(key):
		return key
	}
	return "[odd name]"
}

// textKind returns "text", or the text itself if it is a time zone or the model of a
// device.
func textKind(path, name, text string) string {
	switch {
	case text == "":
		return "empty text"
	case name == "timezone":
		return zone(text)
	case (name == "model" || name == "type") && strings.HasPrefix(path, "devices[]") && deviceModel().MatchString(text):
		return text
	case number().MatchString(text):
		return "number in quotes"
	}
	return "text"
}
