package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
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
	Hidden struct{} `cmd:"" hidden:""`
}

func TestMistakesOfTheCommandLineAreExplained(t *testing.T) {
	for _, test := range []struct{ name, line, want, see string }{
		{"unknown command", "fly", `there is no command "fly"; there are water, plant, show`, "garden -h"},
		{"mistyped command", "plan", `there is no command "plan"; did you mean plant?`, "garden -h"},
		{"unknown flag", "plant x --moonlight", "there is no flag --moonlight", "garden plant -h"},
		{"mistyped flag", "plant x --deeep", "there is no flag --deeep; did you mean --deep?", "garden plant -h"},
		{"a letter forgotten", "water --evry=5m", "there is no flag --evry; did you mean --every?", "garden water -h"},
		{"another command's flag", "show --beds=3", "there is no flag --beds here; it belongs to garden water", "garden show -h"},
		{"flag before the command", "--dry plant x", "--dry stands before the command: write it behind, as in garden plant --dry", "garden"},
		{"no argument", "plant", "WHAT is missing: give garden plant WHAT", "garden plant -h"},
		{"one argument too many", "show Anna Müller", `"Müller" is one word too many: give garden show [<NAME>], and what has spaces in quotes`, "garden show -h"},
		{"word behind a command that takes none", "water roses", `"roses" is one word too many: give garden water`, "garden water -h"},
		{"no value", "water --every", "--every: its value is missing; give --every=TIME", "garden water -h"},
		{"time without a unit", "water --every=5", `--every: "5" is no time; write it like 30s, 5m or 1h30m`, "garden water -h"},
		{"no whole number", "--beds=x", `--beds: "x" is no whole number; give one such as 100`, "garden -h"},
		{"no number", "--share=x", `--share: "x" is no number; give one such as 1.5`, "garden -h"},
		{"neither yes nor no", "--dry=x", `--dry: "x" is neither yes nor no; write it alone, or =true or =false behind it`, "garden -h"},
		{"no choice", "--level=x", `--level: "x" is none of low, high`, "garden -h"},
		{"time in a variable", "GARDEN_EVERY=x", `GARDEN_EVERY: "x" is no time; write it like 30s, 5m or 1h30m`, "garden -h"},
		{"choice in a variable", "GARDEN_LEVEL=x", `GARDEN_LEVEL: "x" is none of low, high`, "garden -h"},
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
			told, see, _ := strings.Cut(Explain(parser.Model, err).Error(), "\n")
			if told != test.want {
				t.Errorf("got  %q\nwant %q\nkong %q", told, test.want, err)
			}
			if !strings.HasPrefix(see, "see "+test.see) {
				t.Errorf("it ends in %q, want the help of %q", see, test.see)
			}
		})
	}
}

func TestOtherErrorsAreNotExplained(t *testing.T) {
	for _, err := range []error{errors.New("unexpected argument x"), &Error{Path: "withings.yaml", Problem: "unknown"}} {
		if got := Explain(&kong.Application{}, err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}
