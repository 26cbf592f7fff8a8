package exporter

import (
	"bytes"
	"encoding/json"
	"errors"
)

// readingsJSON are the readings of a saved record. They are nearly all of a state file, and read without reflection: a start
// consists of that for the most part.
type readingsJSON []readingJSON

// UnmarshalJSON reads a list. It is called by encoding/json, which has found the text valid.
func (l *readingsJSON) UnmarshalJSON(text []byte) error {
	t := jsonText{text}
	if t.isNull() {
		return nil
	}
	if !t.take('[') {
		return errors.New("readings are not a list")
	}
	all := make(readingsJSON, 0, bytes.Count(text, []byte(`"metric"`)))
	for !t.take(']') {
		all = append(all, readingJSON{})
		if err := all[len(all)-1].read(&t); err != nil {
			return err
		}
		t.take(',')
	}
	*l = all
	return nil
}

// read reads one reading; what it does not know is ignored.
func (w *readingJSON) read(t *jsonText) (err error) {
	if !t.take('{') {
		if string(t.value()) != "null" {
			return errors.New("a reading is not an object")
		}
		return nil
	}
	for err == nil && !t.take('}') {
		key := t.value()
		t.take(':')
		value := t.value()
		t.take(',')
		switch string(key) {
		case `"metric"`:
			if m := byName[string(bytes.Trim(value, `"`))]; m != nil {
				w.Metric = m.Name
			} else {
				err = json.Unmarshal(value, &w.Metric)
			}
		case `"labels"`:
			err = json.Unmarshal(value, &w.Labels)
		case `"value"`:
			err = w.Value.UnmarshalJSON(value)
		}
	}
	return err
}

// jsonText is valid JSON, or what is left of it.
type jsonText struct{ rest []byte }

// isNull reports whether it is only a null.
func (t jsonText) isNull() bool { return string(t.rest) == "null" }

// take takes a byte, after space, if it comes next.
func (t *jsonText) take(c byte) bool {
	t.skipSpace()
	if len(t.rest) == 0 || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *jsonText) skipSpace() {
	i := 0
	for i < len(t.rest) && t.rest[i] <= ' ' {
		i++
	}
	t.rest = t.rest[i:]
}

// value takes the next value as it stands.
func (t *jsonText) value() []byte {
	t.skipSpace()
	depth, i := 0, 0
	for i < len(t.rest) {
		switch t.rest[i] {
		case '"':
			i += quoted(t.rest[i:])
			if depth == 0 {
				return t.cut(i)
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			if depth == 0 {
				return t.cut(i)
			}
			if depth--; depth == 0 {
				return t.cut(i + 1)
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return t.cut(i)
			}
		}
		i++
	}
	return t.cut(i)
}

// quoted is the length of the string at the beginning of a text, with its quotes.
func quoted(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
}

// cut takes the first n bytes.
func (t *jsonText) cut(n int) []byte {
	is := t.rest[:n]
	t.rest = t.rest[n:]
	return is
}
