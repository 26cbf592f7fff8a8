package config

import (
	"slices"
	"strings"
)

// Nearest returns the candidate most like a mistyped word, or "": the only one that begins with it, or else one of which
// about a third differs at most. Upper and lower case are the same.
func Nearest(word string, candidates []string) string {
	begun := slices.DeleteFunc(slices.Clone(candidates), func(c string) bool { return !strings.HasPrefix(c, word) })
	if len(begun) == 1 {
		return begun[0]
	}
	best, least := "", max(1, (len(word)+1)/3)+1
	for _, c := range candidates {
		if abs(len(c)-len(word)) > least {
			continue
		}
		// Of two that are as near, the longer: a letter is lost more often than mistaken.
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least || d == least && best != "" && len(c) > len(best) {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, change or swap with the next to get from a to b (optimal string
// alignment), comparing bytes: names of flags are ASCII.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

func abs(n int) int { return max(n, -n) }
