package openmetrics

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// unescaper is the reverse of escaper.
var unescaper = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`)

// People are the profiles that a file has samples of, sorted.
func People(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found, last := map[string]bool{}, []byte(nil)
	lines := bufio.NewReaderSize(file, 1<<16)
	for whole := true; ; { // of a line that is longer, only the beginning is looked at
		line, err := lines.ReadSlice('\n')
		if whole {
			if name := profileOf(line); name != nil && !bytes.Equal(name, last) {
				last = append(last[:0], name...)
				found[unescaper.Replace(string(name))] = true
			}
		}
		whole = !errors.Is(err, bufio.ErrBufferFull)
		switch {
		case errors.Is(err, io.EOF):
			return slices.Sorted(maps.Keys(found)), nil
		case err != nil && whole:
			return nil, err
		}
	}
}

// profileOf is the profile of a sample as it is written, nil of another line.
func profileOf(line []byte) []byte {
	const label = `{profile="`
	_, rest, ok := bytes.Cut(line, []byte(label))
	if !ok || line[0] == '#' {
		return nil
	}
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return rest[:i]
		}
	}
	return nil
}
