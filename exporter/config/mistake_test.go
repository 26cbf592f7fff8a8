package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"withings-exporter/exporter/hint"
)

// garden is a grammar in which much can be typed wrongly.
type garden struct {
	Water struct {
		Every time.Duration `env:"GARDEN_EVERY" placeholder:"TIME"`
		Beds  int
		Share float64
		Level string `enum:"low,high" default:"low" env:"GARDEN_LEVEL"`
		Dry   bool
	} `cmd:"" default:"withargs"`
	Plant struct {
		What []string `arg:"" name:"WHAT"`
		Deep bool
		Dry  bool
	} `cmd:""`
	Show struct {
		Whose string `arg:"" optional:"" name:"NAME"`
	} `cmd:""`
	Dig struct {
		Side string `arg:"" name:"SIDE" enum:"left,right"`
	} `cmd:"" hidden:""`
	Hidden struct{} `cmd:"" hidden:""`
}

func TestMistakesOfTheCommandLineAreExplained(t *testing.T) {
	for _, test := range []struct{ name, line, want, advice string }{
		{"unknown command", "fly", `unknown command "fly"`, "choose from water, plant, show"},
		{"mistyped command", "plan", `unknown command "plan"`, "did you mean plant?"},
		{"a command of other programs", "start", `unknown command "start"`, "choose from water, plant, show"},
		{"help as a command", "help", `unknown command "help"`, "write garden -h, or garden COMMAND -h"},
		{"a flag without dashes", "beds=x", `unknown command "beds…"`, "did you mean --beds?"},
		{"a time with a unit of its own", "water --every=5min", `--every: "5min" is not a duration (for example 30s, 5m or 1h30m)`, "write 5s for seconds, 5m for minutes, 5h for hours"},
		{"a flag of other programs", "water --verbose", "unknown flag --verbose", "see garden water -h"},
		{"unknown flag", "plant x --moonlight", "unknown flag --moonlight", "see garden plant -h"},
		{"unknown flag with a secret", "plant x --moonlight=hunter2", "unknown flag --moonlight", "see garden plant -h"},
		{"unknown flag before the rest", "plant --moonlight x --deep", "unknown flag --moonlight", "see garden plant -h"},
		{"short flag", "plant x -q", "unknown flag -q", "see garden plant -h"},
		{"mistyped flag", "plant x --deeep", "unknown flag --deeep", "did you mean --deep?"},
		{"a letter forgotten", "water --evry=5m", "unknown flag --evry", "did you mean --every?"},
		{"half a flag", "plant x --de", "unknown flag --de", "did you mean --deep?"},
		{"another command's flag", "show --beds=3", "--beds is a flag of garden water, not of this command", "see garden show -h"},
		{"flag before the command", "--dry plant x", "--dry must come after the command", "write garden plant --dry"},
		{"no argument", "plant", "WHAT is missing", "write garden plant WHAT"},
		{"one argument too many", "show Anna Müller", `unexpected argument "Müller"`, "quote names that contain spaces"},
		{"one too many that looks like a flag", "show -- Anna --dry", `unexpected argument "--dry"`, "quote names that contain spaces"},
		{"word behind a command that takes none", "water roses", `unexpected argument "roses": garden water takes none`, "see garden water -h"},
		{"no value", "water --every", "--every needs a value", "give --every=TIME"},
		{"a flag in place of a value", "water --every --dry", "--every needs a value", "give --every=TIME"},
		{"time without a unit", "water --every=5", `--every: "5" is not a duration (for example 30s, 5m or 1h30m)`, "add the unit: 5s for seconds, 5m for minutes, 5h for hours"},
		{"value in a word of its own", "water --every 5 --dry", `--every: "5" is not a duration (for example 30s, 5m or 1h30m)`, "add the unit: 5s for seconds, 5m for minutes, 5h for hours"},
		{"a time of thousands of years", "water --every=9999999h", `--every: "9999999h" is too large`, "write a smaller one"},
		{"a number that no computer has", "--beds=99999999999999999999", `--beds: "99999999999999999999" is too large`, "write a smaller one"},
		{"a number where yes or no is meant", "--dry=9", `--dry: "9" is not true or false`, "see garden -h"},
		{"no whole number", "--beds=x", `--beds: "x" is not a whole number (for example 100)`, "see garden -h"},
		{"no number", "--share=x", `--share: "x" is not a number (for example 1.5)`, "see garden -h"},
		{"neither yes nor no", "--dry=x", `--dry: "x" is not true or false`, "see garden -h"},
		{"no choice", "--level=x", `--level: "x" is not one of low, high`, "see garden -h"},
		{"no choice as an argument", "dig x", `SIDE: "x" is not one of left, right`, "see garden dig -h"},
		{"time in a variable", "GARDEN_EVERY=x", `GARDEN_EVERY: "x" is not a duration (for example 30s, 5m or 1h30m)`, "see garden -h"},
		{"choice in a variable", "GARDEN_LEVEL=x", `GARDEN_LEVEL: "x" is not one of low, high`, "see garden -h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Fields(test.line)
			if name, value, ok := strings.Cut(args[0], "="); ok && strings.HasPrefix(name, "GARDEN_") {
				t.Setenv(name, value)
				args = args[1:]
			}
			parser, err := kong.New(&garden{}, kong.Name("garden"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = parser.Parse(args)
			if err == nil {
				t.Fatal("kong finds nothing wrong")
			}
			explained := Explain(err)
			told, advice := hint.Text(explained), hint.Of(explained)
			if told != test.want {
				t.Errorf("got  %q\nwant %q\nkong %q", told, test.want, err)
			}
			if advice != test.advice {
				t.Errorf("the advice is %q, want %q", advice, test.advice)
			}
		})
	}
}

func TestNoMistakeIsLeftInTheWordsOfKong(t *testing.T) {
	words := []string{"plant", "show", "dig", "fly", "x", "--", "-q", "--dry", "--dry=x", "--beds", "--beds=3", "--level=x", "--what", ""}
	var lines [][]string
	for _, a := range words {
		lines = append(lines, []string{a})
		for _, b := range words {
			lines = append(lines, []string{a, b}, []string{"plant", a, b}, []string{"--beds", a, b})
		}
	}
	for _, args := range lines {
		parser, err := kong.New(&garden{}, kong.Name("garden"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(args)
		if parse := (*kong.ParseError)(nil); errors.As(err, &parse) {
			m := mistake{ctx: parse.Context, command: parse.Context.Selected()}
			if m.explain() == nil {
				t.Errorf("%q: %v", args, err)
			}
		}
	}
}

func TestOtherErrorsAreNotExplained(t *testing.T) {
	for _, err := range []error{errors.New("unexpected argument x"), &Error{Path: "withings.yaml", Problem: "unknown"}} {
		if got := Explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}
