package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
)

// maxFile is the size in bytes above which a configuration is refused: a thousand times a long one.
const maxFile = 1 << 20

// Load reads a YAML file and checks all that can be checked without knowing the flags: syntax, shape, double and empty
// settings, profile names. An empty file sets nothing. The error is an *Error naming the file and, where there is one,
// the line.
func Load(path string) (*File, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	root, err := parse(path, data)
	if err != nil {
		return nil, err
	}
	r := &reader{path: path, secrets: &secretsFile{beside: path}}
	if root != nil {
		if err := wholeHome(path, root); err != nil {
			return nil, err
		}
		if err := r.section(root, "", 0); err != nil {
			return nil, err
		}
	}
	f := &File{path: path, settings: r.settings, secrets: r.secrets, notes: r.notes}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// read returns the content of a file.
func read(path string) ([]byte, error) {
	data, kind, err := content(path, maxFile)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if kind.IsDir() {
		return nil, &Error{Path: path, Problem: "is a directory, not a file", Advice: "name the file inside it"}
	}
	if len(data) > maxFile {
		return nil, &Error{Path: path, Problem: "is larger than 1 MiB", Advice: "check that it is the right file"}
	}
	return data, nil
}

// parse returns the outermost map of a YAML file, or nil when the file sets nothing.
func parse(path string, data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(path, data, err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, &Error{Path: path, Line: second.Line, Problem: "a second document starts here",
			Advice: `remove the line "---" or "..." and keep one document`}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(path, data, err)
	}
	root := target(doc.Content[0])
	switch {
	case isNull(root):
		return nil, nil
	case root.Kind != yaml.MappingNode:
		if slip := slipped(path, data); slip != nil {
			return nil, slip
		}
		return nil, &Error{Path: path, Line: root.Line, Problem: "is not a map of settings",
			Advice: `write one setting per line, such as "client_id: abc", with a space after the colon`}
	}
	return root, nil
}

// brackets are those of what the parser was reading; "" if it has none.
func brackets(reading string) (open, closed string) {
	switch reading {
	case "while parsing a flow sequence":
		return "[", "]"
	case "while parsing a flow mapping":
		return "{", "}"
	}
	return "", ""
}

// syntaxError words an error of the YAML parser. Of the file's own words the parser repeats only the name of an unknown
// anchor, and that may be a password that begins with a star: it is not shown.
func syntaxError(path string, data []byte, err error) *Error {
	e := &Error{Path: path, Problem: "is not valid YAML", Advice: "check the indentation, and put text with special characters in quotes"}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return e
	}
	e.Line = load.Mark.Line
	if load.Stage == yaml.ComposerStage {
		e.Problem = "a value that begins with a star refers to an anchor that does not exist"
		e.Advice = "put the value in quotes if the star is part of it"
		return e
	}
	if slip := slipped(path, data); slip != nil {
		return slip
	}
	switch load.Message {
	case "mapping values are not allowed in this context":
		load.Message = "here is a colon too many, or an indentation that does not fit"
	case "did not find expected node content":
		load.Message = "here a value is missing, or a comma is too many"
	}
	if open, closed := brackets(load.ContextMsg); open != "" && load.ContextMark.Line != e.Line { // which the parser notices where the next setting begins
		return &Error{Path: path, Line: load.ContextMark.Line, Problem: fmt.Sprintf("is not valid YAML: a %q that begins here is not closed, or lacks a comma", open),
			Advice: fmt.Sprintf("write %q at the end of it, and put text with special characters in quotes", closed)}
	}
	e.Problem += ": " + load.Message
	switch begun := load.ContextMark.Line; {
	case begun == 0 || begun == e.Line:
	case load.Stage == yaml.ScannerStage: // a quote that is never closed is noticed at the end of the file
		e.Line = begun
	default:
		e.Problem += fmt.Sprintf(" %s that begins on line %d", load.ContextMsg, begun)
	}
	return e
}
