package config

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/hint"
)

// Place turns an error whose lines begin with a flag, such as `--timezone "Vienna" is not a time zone`, into one about the place from which the
// flag has its value: key, line and file, or a variable. What comes from the command line stays as it is, and every other error.
//
// Values are refused at many places, after all of them were read. There, nobody needs to know who gave them: the flag at the
// beginning is enough.
func (f *Files) Place(ctx *kong.Context, err error) error {
	if file := (*Error)(nil); err == nil || errors.As(err, &file) {
		return err
	}
	var all []error
	moved := false
	for _, line := range hint.Lines(err) {
		placed := f.placeLine(ctx, line)
		moved = moved || placed != nil
		all = append(all, cmp.Or(placed, hint.Wrap(errors.New(line.Text), line.Advice)))
	}
	if !moved {
		return err
	}
	return errors.Join(all...)
}

// placeLine is Place for one line; nil if it stays.
func (f *Files) placeLine(ctx *kong.Context, line hint.Line) error {
	begin := flagFirst().FindStringSubmatch(line.Text)
	if begin == nil {
		return nil
	}
	flag := flagOf(ctx, begin[1])
	if flag == nil {
		return nil
	}
	rest := strings.TrimPrefix(line.Text, begin[0])
	value := !sentence().MatchString(rest)
	rest = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	switch SourceOf(ctx, flag) {
	case fromEnvironment:
		place := cmp.Or(origin(flag.Name), Variable(flag.Name))
		if value {
			place += ":"
		} else {
			rest = inEnvironment(ctx, rest)
		}
		return hint.Wrap(errors.New(place+" "+rest), line.Advice)
	case fromFile:
		if s, found := f.file.setting(flag); found {
			e := f.file.complain(s, f.file.keys(s.hide(flag, rest)), s.hide(flag, line.Advice))
			e.Value, e.named = value, value && flag.PlaceHolder == "FILE"
			return e
		}
	}
	return nil
}

// hide is a text about a flag without what may be a secret of its value in the file. The name of a file is none.
func (s setting) hide(flag *kong.Flag, text string) string {
	for _, value := range s.values {
		file := false
		_, _ = named(flag.Value, value, func(name string) (string, *fault) {
			file = true
			return name, nil
		})
		if !file {
			text = strings.ReplaceAll(text, value, veil(value))
		}
	}
	return text
}

// inEnvironment is a text about flags with the variables of those that have their value from one.
func inEnvironment(ctx *kong.Context, text string) string {
	return flagAnywhere().ReplaceAllStringFunc(text, func(name string) string {
		if flag := flagOf(ctx, strings.TrimPrefix(name, "--")); flag != nil && SourceOf(ctx, flag) == fromEnvironment {
			return Variable(flag.Name)
		}
		return name
	})
}

// keys is a text about flags as whoever wrote the file calls them.
func (f *File) keys(text string) string {
	return flagAnywhere().ReplaceAllStringFunc(text, func(name string) string {
		name = strings.TrimPrefix(name, "--")
		for _, s := range f.settings {
			if s.name == flagName(name) {
				return s.key
			}
		}
		return name
	})
}

var (
	flagFirst    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^--([a-z0-9]+(?:[.-][a-z0-9]+)*)`) })
	flagAnywhere = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`--[a-z0-9]+(?:[.-][a-z0-9]+)*`) })
	// sentence matches what continues a sentence that begins with the flag. Otherwise its value follows.
	sentence = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ [a-z]`) })
)
