package config

import (
	"cmp"
	"os"
	"slices"

	"github.com/alecthomas/kong"
)

// Source is where a flag's value comes from, the stronger the later.
type Source int

const (
	fromNowhere Source = iota // or its default
	fromFile
	fromEnvironment
	fromCommandLine
)

// String is the source in a word.
func (s Source) String() string { return [...]string{"default", "file", "environment", "flag"}[s] }

// Prefer settles flags of which only one can count, such as a secret and the
// file that holds it: those that come from a weaker place than another of them
// are taken back. Two from the same place both stay, for the program to refuse.
func Prefer(ctx *kong.Context, names ...string) {
	var flags []*kong.Flag
	strongest := fromNowhere
	for _, flag := range ctx.Flags() {
		if slices.Contains(names, flag.Name) {
			flags = append(flags, flag)
			strongest = max(strongest, SourceOf(ctx, flag))
		}
	}
	for _, flag := range flags {
		if SourceOf(ctx, flag) < strongest {
			flag.Target.SetZero()
		}
	}
}

// Yield takes back a flag that comes from a weaker place than another one, with which it would count more than that.
func Yield(ctx *kong.Context, name, to string) {
	weak, strong := flagOf(ctx, name), flagOf(ctx, to)
	if weak != nil && strong != nil && SourceOf(ctx, weak) < SourceOf(ctx, strong) {
		weak.Target.SetZero()
	}
}

// Place is where the value of a flag was given.
type Place struct {
	Name   string // in the words of whoever gave it: the flag, its variable, the configuration file or secrets.yaml; "" for nowhere
	Reread bool   // a reload reads it again; otherwise a change takes a restart
}

// Given says where the value of a flag comes from.
func Given(ctx *kong.Context, name string) Place {
	flag := flagOf(ctx, name)
	if flag == nil {
		return Place{}
	}
	switch SourceOf(ctx, flag) {
	case fromCommandLine:
		return Place{Name: "--" + name}
	case fromEnvironment:
		return Place{Name: cmp.Or(origin(name), Variable(name))}
	case fromFile:
		place := Place{Reread: true}
		_, _ = ctx.Call(func(file *File) { place.Name = file.holder(flag) }) // Files.Read has bound it
		return place
	}
	return Place{}
}

// flagOf is the flag of a command line that has a name; nil without one.
func flagOf(ctx *kong.Context, name string) *kong.Flag {
	for _, flag := range ctx.Flags() {
		if flag.Name == name {
			return flag
		}
	}
	return nil
}

// SourceOf tells where the value of a flag comes from.
func SourceOf(ctx *kong.Context, flag *kong.Flag) Source {
	given := slices.IndexFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag == flag })
	switch {
	case given >= 0 && !ctx.Path[given].Resolved:
		return fromCommandLine
	case slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set }):
		return fromEnvironment
	case given >= 0:
		return fromFile
	}
	return fromNowhere
}
