package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// secretsName is the file Home Assistant keeps what "!secret name" refers to in.
const secretsName = "secrets.yaml"

// secretTag marks a value that is the name of a secret.
const secretTag = "!secret"

// secretsFile is the secrets.yaml beside a configuration file. It is read when the first "!secret" asks for it.
type secretsFile struct {
	beside string // path of the configuration file
	path   string // empty until read
	values map[string]*yaml.Node
}

// lookup returns the text of a name. On failure it fills in and returns asked, the error of the setting that
// asks, or returns an error about secrets.yaml itself.
func (s *secretsFile) lookup(asked *Error, name string) (string, error) {
	if s.path == "" {
		if err := s.load(); errors.Is(err, fs.ErrNotExist) {
			asked.Problem = fmt.Sprintf("refers to !secret %s, but %s does not exist", show(name), filepath.Join(filepath.Dir(s.beside), secretsName))
			asked.Advice = fmt.Sprintf("create it with the line \"%s: …\", or give the value here", show(name))
			return "", asked
		} else if err != nil {
			return "", err
		}
	}
	node, ok := s.values[name]
	if !ok {
		asked.Problem = fmt.Sprintf("refers to !secret %s, which is not in %s", show(name), s.path)
		asked.Advice = "add it there, or fix the name"
		return "", asked
	}
	bad := &Error{Path: s.path, Line: node.Line, Key: show(name)}
	switch node = target(node); {
	case node.Kind != yaml.ScalarNode:
		bad.Problem, bad.Advice = "is not a single value", "write one value, in quotes if it holds special characters"
		return "", bad
	case isNull(node) || strings.TrimSpace(node.Value) == "":
		bad.Problem, bad.Advice = "has no value", "give it one"
		return "", bad
	}
	return node.Value, nil
}

// load reads the file.
func (s *secretsFile) load() error {
	path := filepath.Join(filepath.Dir(s.beside), secretsName)
	data, err := read(path)
	if err != nil {
		return err
	}
	root, err := parse(path, data)
	if err != nil {
		return err
	}
	values := make(map[string]*yaml.Node)
	if root != nil {
		pairs, err := (&reader{path: path}).pairs(root, func(name string) string { return name }, 0)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			values[p.key] = p.value
		}
	}
	s.path, s.values = path, values
	return nil
}
