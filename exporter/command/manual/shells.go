package manual

import (
	_ "embed" // the scripts
	"fmt"
	"io"
	"strings"

	"withings-exporter/exporter/hint"
)

// The completion scripts. They ask the program itself, by its hidden command complete,
// what can follow at the cursor.
var (
	//go:embed completion.bash
	bash string
	//go:embed completion.zsh
	zsh string
	//go:embed completion.fish
	fish string
)

// Script is the completion script for a shell: "bash", "zsh" or "fish".
func Script(shell string) (string, error) {
	switch shell {
	case "bash":
		return bash, nil
	case "zsh":
		return zsh, nil
	case "fish":
		return fish, nil
	}
	return "", hint.Wrap(fmt.Errorf("no completion script for shell %q", shell), "give bash, zsh or fish")
}

// Reply answers a completion script. Bash asks with the line up to the cursor and the
// characters at which it splits words, the others with the words after the program's
// name. The first line of the answer is the kind of paths, a tab, and the part of the
// last word before them; each further line is a value, a tab and its meaning.
func Reply(w io.Writer, shell string, asked []string, complete func(words []string) Answer) error {
	if shell == "bash" {
		asked = append(asked, "", "")
		return replyBash(w, asked[0], asked[1], complete)
	}
	answer := complete(asked)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\t%s\n", answer.Paths, answer.Before)
	for _, value := range answer.Values {
		word := value.Word
		if shell == "fish" { // which replaces the whole word
			word = answer.Before + word
		}
		fmt.Fprintf(&b, "%s\t%s\n", word, value.Help)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// replyBash gives the values that match what was typed, quoted in the same way,
// without the part that bash keeps: it replaces only what follows an open quote or a
// character that it splits words at.
func replyBash(w io.Writer, typed, breaks string, complete func(words []string) Answer) error {
	l := split(typed, breaks)
	answer := complete(l.words[1:])
	last := l.words[len(l.words)-1]
	var b strings.Builder
	fmt.Fprintln(&b, answer.Paths)
	for _, value := range answer.Values {
		if word := answer.Before + value.Word; strings.HasPrefix(word, last) {
			fmt.Fprintln(&b, l.quote(word[l.kept:]))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
