package manual_test

import (
	"testing"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/command/manual"
)

// bakery is a grammar with one of everything.
type bakery struct {
	Bake struct {
		Who    []string `arg:"" optional:"" name:"PROFILE" help:"For whom."`
		Size   string   `enum:"small,large" default:"small" placeholder:"SIZE" env:"BAKERY_SIZE" help:"small or large."`
		Recipe string   `placeholder:"FILE" help:"From a | b."`
		To     string   `placeholder:"WHERE" help:"Where it goes."`
		Quick  bool     `help:"At once."`
		oven   `embed:"" group:"Oven:"`
	} `cmd:"" default:"withargs" help:"Bake bread." example:"bake Anna --size=large"`
	Open struct {
		File string `arg:"" name:"FILE.zip" help:"What to open."`
		Name string `name:"profile" placeholder:"NAME" help:"Whose."`
		oven `embed:"" group:"Oven:"`
	} `cmd:"" help:".Open things."`
	Secret struct{} `cmd:"" hidden:"" help:"Nobody is told."`
}

type oven struct {
	Dir    string   `name:"oven.dir" placeholder:"DIR" default:"/a/long/way/to/the/oven" help:"Where it stands."`
	People []string `name:"people" placeholder:"NAME" help:"Who eats."`
	Spare  string   `hidden:"" help:"Nobody is told."`
}

func model(t testing.TB) *kong.Application {
	t.Helper()
	parser, err := kong.New(&bakery{}, kong.Name("bakery"), kong.Description("Bread at home."), kong.ValueFormatter(manual.Meaning))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}
