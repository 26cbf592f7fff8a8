package withings

import (
	"math"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// number reads a JSON number, or a number in a string; false for anything else.
func number(v *fastjson.Value) (exporter.Decimal, bool) {
	if v == nil {
		return exporter.Decimal{}, false
	}
	switch v.Type() {
	case fastjson.TypeNumber:
		if n, err := v.Int64(); err == nil {
			d, err := exporter.NewDecimal(n, 0)
			return d, err == nil
		}
		d, err := exporter.ParseDecimal(string(v.MarshalTo(nil)))
		return d, err == nil
	case fastjson.TypeString:
		d, err := exporter.ParseDecimal(strings.TrimSpace(string(v.GetStringBytes())))
		return d, err == nil
	}
	return exporter.Decimal{}, false
}

// integer reads a whole number, as number does.
func integer(v *fastjson.Value) (int64, bool) {
	if v == nil {
		return 0, false
	}
	if v.Type() == fastjson.TypeNumber {
		if n, err := v.Int64(); err == nil {
			return n, true
		}
	}
	d, ok := number(v)
	if !ok {
		return 0, false
	}
	f := d.Float()
	if f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// truth reads true, or a number that is not 0.
func truth(v *fastjson.Value) bool {
	if v != nil && v.Type() == fastjson.TypeTrue {
		return true
	}
	n, ok := integer(v)
	return ok && n != 0
}

// text reads a string, or a number as a string; "" for anything else.
func text(v *fastjson.Value) string { return envelope.Text(v) }

// latest is the end of what this program accepts as a time.
var latest = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// epoch reads UNIX seconds; 0, null and false are not a time.
func epoch(v *fastjson.Value) (time.Time, bool) {
	n, ok := integer(v)
	if !ok || n <= 0 || n >= latest {
		return time.Time{}, false
	}
	return time.Unix(n, 0).UTC(), true
}

// object returns v if it is a JSON object. PHP writes an empty one as [].
func object(v *fastjson.Value) *fastjson.Value {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	return v
}

// empty reports whether v is absent or one of PHP's ways to write "nothing": null,
// false, [], {}.
func empty(v *fastjson.Value) bool {
	if v == nil {
		return true
	}
	switch v.Type() {
	case fastjson.TypeNull, fastjson.TypeFalse:
		return true
	case fastjson.TypeArray:
		return len(v.GetArray()) == 0
	case fastjson.TypeObject:
		return v.GetObject().Len() == 0
	}
	return false
}

// list returns the elements of an array, even if PHP has made it an object with
// numbers as keys; none for anything else.
func list(v *fastjson.Value) []*fastjson.Value {
	if v == nil {
		return nil
	}
	if v.Type() == fastjson.TypeArray {
		return v.GetArray()
	}
	var all []*fastjson.Value
	if o := v.GetObject(); o != nil {
		o.Visit(func(_ []byte, e *fastjson.Value) { all = append(all, e) })
	}
	return all
}
