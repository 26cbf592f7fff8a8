package manual_test

import (
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/command/manual"
)

// known has two people at home, and one more in another state directory.
func known(flags []string) []string {
	names := []string{"Anna", "Anna Müller"}
	if slices.Contains(flags, "--oven.dir=elsewhere") {
		names = append(names, "Zoe")
	}
	return names
}

func TestWhatMayComeNextIsSaid(t *testing.T) {
	for _, test := range []struct {
		name, line string // words are apart by spaces, the last is being typed
		want       string // before + value, or the kind of paths
	}{
		{"commands, none of the hidden", "", "bake open"},
		{"no commands behind one", "open x", "files"},
		{"flags of a command", "open -", "--profile --oven.dir --people --help"},
		{"flags of the command meant without one", "--q", "--help --size --recipe --to --quick --oven.dir --people"},
		{"no flag twice, unless it is a list", "open --profile x --people y -", "--oven.dir --people --help"},
		{"a choice as the next word", "bake --size ", "small large"},
		{"a choice in the same word", "bake --size=", "--size=small --size=large"},
		{"a file", "bake --recipe ", "files"},
		{"a file in the same word", "bake --recipe=a", "--recipe= files"},
		{"a folder", "bake --oven.dir ", "folders"},
		{"a target", "bake --to ", "influx openmetrics="},
		{"a target's file", "bake --to openmetrics=a", "openmetrics= files"},
		{"a target's file in the same word", "bake --to=openmetrics=a", "--to=openmetrics= files"},
		{"people", "bake ", "Anna Anna_Müller"},
		{"people not named yet", "bake Anna ", "Anna_Müller"},
		{"people of a flag", "open --profile ", "Anna Anna_Müller"},
		{"people in a list", "bake --people=Ben,", "--people=Ben,Anna --people=Ben,Anna_Müller"},
		{"people in a list, nobody twice", "bake --people=Anna,", "--people=Anna,Anna_Müller"},
		{"people of the folder typed before", "bake --oven.dir elsewhere Z", "Anna Anna_Müller Zoe"},
		{"people of the folder in one word", "bake --oven.dir=elsewhere Z", "Anna Anna_Müller Zoe"},
		{"no flags after two hyphens", "bake -- -", "Anna Anna_Müller"},
		{"nothing behind the last argument", "open x.zip ", ""},
		{"nothing for a flag that does not exist", "bake --butter=", ""},
		{"nothing is known of an unknown command", "dance -- ", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := manual.Complete(model(t), strings.Split(test.line, " "), known)
			var got []string
			for _, value := range answer.Values {
				got = append(got, strings.ReplaceAll(answer.Before+value.Word, " ", "_"))
			}
			if answer.Paths != manual.NoPaths {
				if answer.Before != "" {
					got = append(got, answer.Before)
				}
				got = append(got, string(answer.Paths))
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("after %q comes %q, want %q", test.line, got, test.want)
			}
		})
	}
}

func TestBashIsToldWhatItReplacesQuotedAsItWasBegun(t *testing.T) {
	const breaks = " \t\n\"'><=;|&(:"
	for _, test := range []struct{ name, line, breaks, want string }{
		{"the rest of a command", "bakery ba", breaks, "bake"},
		{"nothing typed yet", "bakery ", breaks, "bake open"},
		{"only the program", "bakery", breaks, "bake open"},
		{"without quotes", "bakery bake Anna", breaks, `Anna Anna\ Müller`},
		{"behind a backslash", `bakery bake Anna\ `, breaks, `Anna\ Müller`},
		{"within double quotes", `bakery bake "Anna M`, breaks, "Anna Müller"},
		{"within single quotes", `bakery bake 'Anna M`, breaks, "Anna Müller"},
		{"behind the equals sign", "bakery bake --size=l", breaks, "large"},
		{"with it, where it breaks no words", "bakery bake --size=l", " \t", "--size=large"},
		{"quotes behind the equals sign", `bakery open --profile="Anna M`, breaks, "Anna Müller"},
		{"a list", "bakery bake --people=Ben,Anna", breaks, `Ben,Anna Ben,Anna\ Müller`},
		{"what was quoted before", `bakery bake --oven.dir "else""where" Z`, breaks, "Zoe"},
		{"nothing that does not fit", "bakery bake X", breaks, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			err := manual.Reply(&out, "bash", []string{test.line, test.breaks}, func(words []string) manual.Answer {
				return manual.Complete(model(t), words, known)
			})
			if err != nil {
				t.Fatal(err)
			}
			_, replies, _ := strings.Cut(strings.TrimSuffix(out.String(), "\n"), "\n")
			if got := strings.ReplaceAll(replies, "\n", " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEveryShellHasAScriptThatAsksTheProgram(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, err := manual.Script(shell)
		if err != nil || !strings.Contains(script, " complete "+shell+" ") {
			t.Errorf("the script for %s does not ask (%v):\n%s", shell, err, script)
		}
	}
	if _, err := manual.Script("tcsh"); err == nil || !strings.Contains(err.Error(), "bash, zsh or fish") {
		t.Errorf("for tcsh the error is %v, want one that says what there is", err)
	}
}

// FuzzBashGetsBackWhatItMeans: whatever a name holds, what bash is told to put
// there is that name again when it is read.
func FuzzBashGetsBackWhatItMeans(f *testing.F) {
	for _, name := range []string{"Anna", "Anna Müller", "Ann O'Neil", `a\b`, "$HOME", "a=b:c", `"`, "-x", "~"} {
		for _, quote := range []string{"", `"`, "'"} {
			f.Add(name, quote)
		}
	}
	f.Fuzz(func(t *testing.T, name, quote string) {
		if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '�' }) || strings.Trim(quote, `'"`) != "" || len(quote) > 1 {
			return // no name, or no quote
		}
		ask := func(line string) (words []string, reply string) {
			var out strings.Builder
			err := manual.Reply(&out, "bash", []string{line, ""}, func(asked []string) manual.Answer {
				words = asked
				return manual.Answer{Values: []manual.Value{{Word: name}}, Paths: manual.NoPaths}
			})
			if err != nil {
				t.Fatal(err)
			}
			_, reply, _ = strings.Cut(strings.TrimSuffix(out.String(), "\n"), "\n")
			return words, reply
		}
		_, reply := ask("bakery " + quote)
		if got, _ := ask("bakery " + quote + reply + quote); name != "" && !slices.Equal(got, []string{name}) {
			t.Errorf("%q was given as %s%s%s, which reads %q", name, quote, reply, quote, got)
		}
	})
}
