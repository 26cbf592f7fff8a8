package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// schema is a part of a JSON Schema.
type schema = map[string]any

// Schema describes the file as JSON Schema does, for programs that check it before the exporter reads it: the keys that Validate lets
// pass, in each of their spellings and no others, and of values whether they are texts, numbers or lists.
func Schema(app *kong.Application) map[string]any {
	values := make(schema)
	for name, flag := range fileFlags(app) {
		values[name] = schemaOf(flag)
		if slices.Contains(blockKeys, name) {
			values[block+"."+name] = values[name]
		}
	}
	for name := range homeOnly {
		values[block+"."+name] = schema{}
	}
	return schemaOfMap(values)
}

// schemaOfMap describes a map in which values have these names. A dot in a name may be one of a key, or begin a map inside.
func schemaOfMap(values schema) schema {
	keys := make(schema)
	for name, value := range values {
		keys[spellings(name)] = value
	}
	names := slices.Collect(maps.Keys(values))
	for _, group := range groups(names) {
		inside := make(schema)
		for _, name := range members(group+".", names) {
			inside[name] = values[group+"."+name]
		}
		keys[spellings(group)] = schemaOfMap(inside)
	}
	return schema{"type": []string{"object", "null"}, "additionalProperties": false, "patternProperties": keys}
}

// spellings is a pattern of a key with dashes, or underscores in place of them.
func spellings(key string) string {
	return "^" + strings.ReplaceAll(regexp.QuoteMeta(key), "-", "[-_]") + "$"
}

// schemaOf describes the value of a flag. None is as good as a key that is not there, and a list may be a text with commas.
func schemaOf(flag *kong.Flag) schema {
	switch {
	case flag.IsSlice():
		return schema{"type": []string{"array", "string", "null"}, "items": schema{"type": typeOf(flag.Target.Type().Elem())}}
	case flag.Enum != "":
		choices := []any{nil}
		for _, choice := range flag.EnumSlice() {
			choices = append(choices, choice)
		}
		return schema{"enum": choices}
	}
	return schema{"type": []string{typeOf(flag.Target.Type()), "null"}}
}

// typeOf is what JSON Schema calls the type of a single value. A duration is a text.
func typeOf(value reflect.Type) string {
	switch value {
	case reflect.TypeFor[bool]():
		return "boolean"
	case reflect.TypeFor[int](), reflect.TypeFor[int64]():
		return "integer"
	}
	return "string"
}
