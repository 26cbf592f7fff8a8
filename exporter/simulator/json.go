package simulator

import (
	"encoding/json"
	"strconv"
)

// Field is one member of a JSON object.
type Field struct {
	Name string
	// Value is an int, int64, float64, string, bool, nil, Fields or []any.
	Value any
}

// Fields is a JSON object that keeps the order of its members. Answers are trees of Fields and []any, so
// that faults can bend them before they are written.
type Fields []Field

// Get returns the value of the named member, and whether there is one.
func (f Fields) Get(name string) (any, bool) {
	for _, field := range f {
		if field.Name == name {
			return field.Value, true
		}
	}
	return nil, false
}

// Number returns the named member as a number, and whether it is there and is one.
func (f Fields) Number(name string) (float64, bool) {
	value, _ := f.Get(name)
	switch v := value.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// add puts a member at the end.
//
//go:noinline
func (f *Fields) add(name string, value any) { *f = append(*f, Field{name, value}) }

// and returns the object with more members at its end. Like add it is a call, because the code of append is longer.
//
//go:noinline
func (f Fields) and(more Fields) Fields { return append(f, more...) }

// only returns the members whose names are wanted, in their own order.
func (f Fields) only(wanted map[string]bool) Fields {
	kept := make(Fields, 0, len(wanted))
	for _, field := range f {
		if wanted[field.Name] {
			kept = append(kept, field)
		}
	}
	return kept
}

// with returns the object with the named member set, in place when it is there already.
func (f Fields) with(name string, value any) Fields {
	for i := range f {
		if f[i].Name == name {
			f[i].Value = value
			return f
		}
	}
	return append(f, Field{name, value})
}

// appendJSON writes a tree as compact JSON.
func appendJSON(dst []byte, value any) []byte {
	switch v := value.(type) {
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendText(dst, v)
	case Fields:
		return appendObject(dst, v)
	case []any:
		return appendList(dst, v)
	}
	return append(dst, "null"...)
}

func appendObject(dst []byte, f Fields) []byte {
	dst = append(dst, '{')
	for i, field := range f {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, field.Name)
		dst = append(dst, ':')
		dst = appendJSON(dst, field.Value)
	}
	return append(dst, '}')
}

func appendList(dst []byte, list []any) []byte {
	dst = append(dst, '[')
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, item)
	}
	return append(dst, ']')
}

// appendText writes a JSON string; plain ASCII, nearly all there is, skips the general encoder.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // cannot happen for a string
				return append(dst, `""`...)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
