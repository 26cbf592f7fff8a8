package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/spelling"
)

// Bounds on what aliases can blow a file up to.
const (
	maxDepth = 8      // levels of nesting; a flag's name has at most three parts
	maxNodes = 20_000 // keys and list items looked at
)

// block is the section of the Home Assistant documentation; its keys are flags without a prefix.
const block = "withings"

// blockKeys are the settings of the Home Assistant block, by the name of their flag.
var blockKeys = []string{"client-id", "client-secret", "profiles"}

// homeOnly are further settings that Home Assistant has or had in its block, by the name a flag would have, and what does here what
// they do there. They are no mistake: whoever copies the block copies them.
var homeOnly = map[string]string{
	"use-webhook": "to have Withings announce news, set web.external-url",
	"base-url":    "the callback URL is set by redirect-url",
}

type kind int

const (
	text    kind = iota // one value
	list                // several values
	section             // a map of further settings
	nothing             // a key without a value: set by nobody, but its name is checked all the same
)

// setting is one key of the file.
type setting struct {
	name    string // as a flag: dots and dashes
	key     string // as people read it in messages
	line    int    // from 1
	kind    kind
	values  []string // one for text, any number for list
	inBlock bool     // written inside the Home Assistant block
	literal bool     // the text stands in this file, not in secrets.yaml
}

// valued reports whether it has a value of its own.
func (s setting) valued() bool { return s.kind == text || s.kind == list }

// reader turns YAML nodes into settings, in the order of the file.
type reader struct {
	path     string
	secrets  *secretsFile
	settings []setting
	notes    []string // about settings that have no meaning here
	nodes    int
}

// section reads a map whose keys stand below prefix ("" or "influx.").
func (r *reader) section(node *yaml.Node, prefix string, depth int) error {
	if depth > maxDepth {
		return &Error{Path: r.path, Line: node.Line, Problem: "settings are nested too deeply",
			Advice: "no setting has more than three levels"}
	}
	pairs, err := r.pairs(node, flagName, depth)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if err := r.pair(p, prefix, depth); err != nil {
			return err
		}
	}
	return nil
}

// pair reads one key and its value.
func (r *reader) pair(p pair, prefix string, depth int) error {
	s := setting{name: flagName(prefix + p.key), key: show(prefix + p.key), line: p.line}
	if rest, ok := strings.CutPrefix(s.name, block+"."); ok {
		s.inBlock, s.key = true, show(strings.TrimPrefix(p.key, block+"."))
		if slices.Contains(blockKeys, rest) {
			s.name = rest
		}
		if instead, ok := homeOnly[rest]; ok {
			if off := target(p.value).Value; off != "false" && off != "no" && off != "off" && !isNull(target(p.value)) {
				r.notes = append(r.notes, fmt.Sprintf("%s:%d: key %q is Home Assistant's and has no effect here; %s", r.path, s.line, s.key, instead))
			}
			return nil
		}
	}
	switch value := target(p.value); {
	case isNull(value):
		s.kind = nothing
	case value.Kind == yaml.MappingNode && s.name == "profiles" && len(value.Content) > 0:
		names, err := r.names(s, value, depth)
		if err != nil {
			return err
		}
		s.kind, s.values = list, names
	case value.Kind == yaml.MappingNode && !isSecret(s.name):
		s.kind = section
		r.settings = append(r.settings, s)
		return r.section(value, prefix+p.key+".", depth+1)
	case value.Kind == yaml.SequenceNode && s.name == block:
		s.kind = list // which File.check refuses, whatever is in it
	case value.Kind == yaml.SequenceNode && !isSecret(s.name):
		s.kind = list
		for _, item := range value.Content {
			v, err := r.text(s, target(item))
			if err != nil {
				return err
			}
			s.values = append(s.values, v)
		}
	default:
		v, err := r.text(s, value)
		if err != nil {
			return err
		}
		s.values, s.literal = []string{v}, value.Tag != secretTag
	}
	r.settings = append(r.settings, s)
	return nil
}

// names reads profiles that are written as a map, whose keys are the names, each with a colon and nothing after it.
func (r *reader) names(s setting, node *yaml.Node, depth int) ([]string, error) {
	pairs, err := r.pairs(node, spelling.Of, depth)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range pairs {
		if value := target(p.value); !isNull(value) && (value.Kind != yaml.MappingNode || len(value.Content) > 0) {
			return nil, &Error{Path: r.path, Line: p.value.Line, Key: s.key, Value: true,
				Problem: fmt.Sprintf("profile %q has settings of its own", veil(clip(p.key))), Advice: "remove what is after its name: all settings are for everybody"}
		}
		names = append(names, p.key)
	}
	return names, nil
}

// text returns the text of a single value, as it is written: 0123 stays 0123.
func (r *reader) text(s setting, node *yaml.Node) (string, error) {
	if err := r.count(node); err != nil {
		return "", err
	}
	bad := &Error{Path: r.path, Line: node.Line, Key: s.key}
	switch {
	case node.Kind != yaml.ScalarNode:
		bad.Problem, bad.Advice = "is not a single value", "write one value, in quotes if it holds special characters"
		return "", bad
	case node.Tag == secretTag:
		return r.secrets.lookup(bad, node.Value)
	}
	switch node.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!merge":
		return node.Value, nil
	case "!!null":
		bad.Problem, bad.Advice = "has no value", "give it one or remove it"
	case "!include", "!include_dir_list", "!include_dir_named", "!include_dir_merge_list", "!include_dir_merge_named", "!env_var":
		bad.Problem = "has " + node.Tag + ", which only Home Assistant understands"
		bad.Advice = "write here what it means; of these words, only !secret works here"
		if isSecret(s.name) {
			bad.Advice = fmt.Sprintf("write the value itself, or its file as %s-file; of these words, only !secret works here", s.name)
		}
	default:
		// The tag is not shown: it may be a password starting with an exclamation mark.
		bad.Problem = "starts with an exclamation mark that is not !secret"
		bad.Advice = "put the value in quotes if the mark is part of it"
	}
	return "", bad
}

// count keeps a file with many aliases from being read for ever.
func (r *reader) count(node *yaml.Node) error {
	if r.nodes++; r.nodes > maxNodes {
		return &Error{Path: r.path, Line: node.Line, Problem: fmt.Sprintf("has more than %d settings and values", maxNodes),
			Advice: "check that it is the right file, and its aliases"}
	}
	return nil
}

// target follows an alias to the node it names.
func target(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// isNull reports whether a node is the absence of a value; "" in quotes is not.
func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// flagName returns the name of the flag that a key sets.
func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// isSecret reports whether the value of a flag must never be shown. It goes by the name's ending, so that it holds for
// flags this package has never heard of; client-secret-file is a path and no secret.
func isSecret(name string) bool {
	for _, ending := range []string{"secret", "token", "password"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}
