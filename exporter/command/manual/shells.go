package manual

import (
	_ "embed" // the scripts
	"fmt"
	"io"
	"strings"
)

// The scripts that teach a shell to complete. They ask the program itself, by
// its hidden command complete, what may stand where the cursor is.
var (
	//go:embed completion.bash
	bash string
	//go:embed completion.zsh
	zsh string
	//go:embed completion.fish
	fish string
)

// Script is what a shell is to read to complete the program's command lines. The
// shell is "bash", "zsh" or "fish".
func Script(shell string) (string, error) {
	switch shell {
	case "bash":
		return bash, nil
	case "zsh":
		return zsh, nil
	case "fish":
		return fish, nil
	}
	return "", fmt.Errorf("there is no completion for the shell %q; give bash, zsh or fish", shell)
}

// Reply answers a script of Script. What it is asked with is what the shell has
// at hand: bash the line up to the cursor and the characters at which it breaks
// words, the others the words after the program's name. The first line of the
// answer is the kind of paths, a tab, and how much of the last word stands before
// them; each further line a value, with a tab and its meaning for those who show it.
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

// replyBash gives the values that fit what was typed, quoted as that is, without
// what bash keeps of the word: it replaces only what follows a character it breaks
// words at, or an open quote.
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
