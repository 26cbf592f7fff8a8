package envelope

import (
	"bytes"
	"iter"

	"github.com/valyala/fastjson"
)

const (
	// minSplit is the size of the smallest answer, in bytes, that is worth splitting.
	minSplit = 32 << 10
	// maxDepth is how deeply an answer that is split may be nested; those of Withings are
	// less than ten deep.
	maxDepth = 100
)

// Split lets the rows of a long answer be read one after the other: the tree of a page of
// nights would take ten megabytes. A short answer is not split, nor is one that is not
// exactly what is expected: those are passed on whole.
type Split struct {
	List string // name of the list in the body

	rows  []byte // what is between its brackets; nil if the answer is not split
	count int    // of its rows
}

// Has reports whether the answer was split: the list in its body is empty, and the rows are
// here.
func (s *Split) Has() bool { return s != nil && s.rows != nil }

// Len is how many rows there are.
func (s *Split) Len() int { return s.count }

// Rows are the elements of the list, each of which is valid until the next.
func (s *Split) Rows() iter.Seq[*fastjson.Value] {
	return func(yield func(*fastjson.Value) bool) {
		parser, longest := parsers.Get(), 0
		defer func() {
			if longest <= maxTree {
				parsers.Put(parser)
			}
		}()
		for rest := s.rows; ; {
			rest = bytes.TrimLeft(rest, blanks+",")
			end := skip(rest)
			if end <= 0 {
				return
			}
			longest = max(longest, end)
			row, err := parser.ParseBytes(rest[:end])
			if err != nil || !yield(row) { // it was valid before
				return
			}
			rest = rest[end:]
		}
	}
}

// of takes the rows out of an answer, and returns the rest of it with an empty list; the
// whole answer if it is not to be split.
func (s *Split) of(data []byte) []byte {
	if s == nil {
		return data
	}
	s.rows, s.count = nil, 0
	if len(data) < minSplit || skip(data) != len(bytes.TrimRight(data, blanks)) || fastjson.ValidateBytes(data) != nil {
		return data
	}
	begin := member(data, 0, "body")
	if begin < 0 || data[begin] != '{' {
		return data
	}
	if begin = member(data, begin, s.List); begin < 0 || data[begin] != '[' {
		return data
	}
	begin++
	end := begin
	for {
		end = next(data, end, ',')
		if data[end] == ']' {
			break
		}
		end += skip(data[end:])
		s.count++
	}
	if s.count == 0 {
		return data
	}
	s.rows = data[begin:end]
	return append(bytes.Clone(data[:begin]), data[end:]...)
}

const blanks = " \t\r\n"

// next is where the next thing begins that is neither a blank nor a mark.
func next(data []byte, at int, mark byte) int {
	for data[at] == ' ' || data[at] == '\t' || data[at] == '\r' || data[at] == '\n' || data[at] == mark {
		at++
	}
	return at
}

// member is where a member's value begins in the object at a place of valid JSON; -1 if
// there is none, or if a key is written in a way that nobody writes it.
func member(data []byte, at int, name string) int {
	at = next(data, at, ' ')
	if data[at] != '{' {
		return -1
	}
	for at++; ; {
		at = next(data, at, ',')
		if data[at] == '}' {
			return -1
		}
		length := skip(data[at:])
		key := data[at+1 : at+length-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			return -1
		}
		at = next(data, at+length, ':')
		if string(key) == name {
			return at
		}
		at += skip(data[at:])
	}
}

// skip is the length of the value that the data begins with, after blanks; 0 if it does not
// end or is nested too deeply. Only strings and brackets are looked at.
func skip(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			if i = endOfString(data, i); i < 0 {
				return 0
			}
		case '{', '[':
			if depth++; depth > maxDepth {
				return 0
			}
			continue
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
			continue
		case ' ', '\t', '\r', '\n', ':':
			continue
		default: // a number or a word
			for i+1 < len(data) && !special[data[i+1]] {
				i++
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return 0
}

// special are the characters that end a number or a word.
var special = func() (is [256]bool) {
	for _, c := range []byte(`"{}[],:` + blanks) {
		is[c] = true
	}
	return is
}()

// endOfString is where the string that begins at a place ends; -1 if it does not.
func endOfString(data []byte, begin int) int {
	for i := begin + 1; ; i++ {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		slashes := 0
		for data[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}
