package config_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/config"
)

// TestSchemaAndTheFileKnowTheSameKeys has files as people write them: what the schema refuses the program refuses, and the other
// way round.
func TestSchemaAndTheFileKnowTheSameKeys(t *testing.T) {
	parser, err := kong.New(&grammar{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(config.Schema(parser.Model))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for file, good := range map[string]bool{
		"client-id: a":                       true,
		"client_id: a":                       true,
		"client-id:":                         true,
		"client id: a":                       false,
		"clientid: a":                        false,
		"client-id: {a: b}":                  false,
		"client_secret-file: a":              true,
		"influx: {url: a, token_file: b}":    true,
		"influx.url: a":                      true,
		"influx.token_file: a":               true,
		"influx:":                            true,
		"influx: {}":                         true,
		"influx: a":                          false,
		"influx: {ulr: a}":                   false,
		"influx.ulr: a":                      false,
		"influx-url: a":                      false,
		"influxXurl: a":                      false,
		"web: {config: {file: a}}":           true,
		"web: {config.file: a}":              true,
		"web.config: {file: a}":              true,
		"web.config.file: a":                 true,
		"web: {config: a}":                   false,
		"web.config.fil: a":                  false,
		"config.file: a":                     false,
		"config: {file: a}":                  false,
		"version: true":                      false,
		"since: a":                           true, // a flag of one command
		"names: [a]":                         false,
		"profiles: [Anna, Ben]":              true,
		"profiles: Anna, Ben":                true,
		"profiles: [[Anna]]":                 false,
		"services: [body]":                   true,
		"include-ambiguous: true":            true,
		"include-ambiguous: [true]":          false,
		"api: {rate-limit: 60}":              true,
		"api.rate_limit: many":               false,
		"poll-interval: 10m":                 true,
		"log.level: warn":                    true,
		"log: {level: }":                     true,
		"log.level: loud":                    false,
		"withings: {client_id: a}":           true,
		"withings: {profiles: [a]}":          true,
		"withings: {use_webhook: true}":      true,
		"withings.base-url: [a]":             true,
		"withings:":                          true,
		"withings: a":                        false,
		"withings: {client_ids: a}":          false,
		"withings: {poll-interval: 5m}":      false,
		"withings: {influx: {url: a}}":       false,
		"{client-id: a, influx: {buckt: b}}": false,
	} {
		_, err := run(t, write(t, file))
		if loads := err == nil; loads != good {
			t.Errorf("%s: the program says %v", file, err)
		}
		var content any
		if err := yaml.Unmarshal([]byte(file), &content); err != nil {
			t.Fatal(err)
		}
		if fits(schema, content) != good {
			t.Errorf("%s: for the schema, %v is wrong", file, good)
		}
	}
}

// fits reports whether a value is as a schema says, of which only what Schema uses is understood.
func fits(schema map[string]any, value any) bool {
	is := "null"
	switch value := value.(type) {
	case map[string]any:
		is = "object"
		for key, inside := range value {
			if !fitsOne(schema["patternProperties"], key, inside) {
				return false
			}
		}
	case []any:
		is = "array"
		for _, item := range value {
			if items, closed := schema["items"].(map[string]any); closed && !fits(items, item) {
				return false
			}
		}
	case string:
		is = "string"
	case int:
		is = "integer"
	case bool:
		is = "boolean"
	}
	if types, several := schema["type"].([]any); several && !slices.Contains(types, any(is)) {
		return false
	}
	if name, one := schema["type"].(string); one && name != is {
		return false
	}
	choices, closed := schema["enum"].([]any)
	return !closed || slices.Contains(choices, value)
}

// fitsOne reports whether a key of a map is known, and its value fits.
func fitsOne(patterns any, key string, value any) bool {
	known, _ := patterns.(map[string]any)
	for pattern, schema := range known {
		if regexp.MustCompile(pattern).MatchString(key) {
			return fits(schema.(map[string]any), value)
		}
	}
	return false
}
