package envelope

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/valyala/fastjson"
)

const (
	// MaxValues limits how many values an answer has, each of which takes about a
	// hundred bytes, however short it is. A measure group has about 30.
	MaxValues = 2_000_000
	// maxKept is the size of the largest answer whose memory is reused: a page of a
	// long history. Larger ones are rare.
	maxKept = 1 << 20
	// maxTree is the same for the parsed tree, which takes about fifteen times as
	// much as the text. For a page of measures it is reused; for a page of nights it
	// has ten megabytes and is not.
	maxTree = 256 << 10
)

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	parsers fastjson.ParserPool
)

// recycle reuses ordinary buffers and drops huge ones.
func recycle(b *bytes.Buffer) {
	if b.Cap() <= maxKept {
		buffers.Put(b)
	}
}

// Open passes the body of an envelope to use, which must not keep it; it is nil if
// there is none. The HTTP status must be below 500.
func Open(action string, code int, data []byte, use func(body *fastjson.Value)) error {
	return (*Split)(nil).Open(action, code, data, use)
}

// Open is [Open], with the rows of a long list apart; nil leaves them where they are.
func (s *Split) Open(action string, code int, data []byte, use func(body *fastjson.Value)) error {
	if bytes.Count(data, []byte{','}) > MaxValues {
		return tooLarge(action, fmt.Sprintf("has more than %d values", MaxValues))
	}
	parser := parsers.Get()
	all := data
	if data = s.of(data); len(data) <= maxTree {
		defer parsers.Put(parser)
	}
	answer, err := parser.ParseBytes(data)
	status, known := wholeNumber(answer.Get("status"))
	failed := code < 200 || code > 299
	switch {
	case known && status != 0 && !(failed && Classify(status) == Unknown): // otherwise the HTTP status says more
		return &Error{Action: action, Status: status, Text: cmp.Or(Text(answer.Get("error")), Text(answer.Get("detail")))}
	case failed, code != http.StatusOK && !known:
		return httpError(action, code, "")
	case err != nil:
		return notJSON(action, describe(all))
	case !known:
		return notJSON(action, "it has no status")
	}
	use(answer.Get("body"))
	return nil
}

// describe says what was sent instead of JSON, without quoting it.
func describe(data []byte) string {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return "it is empty"
	case data[0] == '<':
		return "it is a web page"
	case data[0] == '{':
		return fmt.Sprintf("it breaks off or is damaged, %d bytes", len(data))
	}
	return fmt.Sprintf("%d bytes of something else", len(data))
}

// Text returns a string, or a number as it is written; "" for anything else.
func Text(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return strings.ToValidUTF8(string(v.GetStringBytes()), "�")
	case fastjson.TypeNumber:
		return string(v.MarshalTo(nil))
	}
	return ""
}

// wholeNumber returns an integer that is written as a number or a string.
func wholeNumber(v *fastjson.Value) (int, bool) {
	n, err := strconv.ParseFloat(Text(v), 64)
	return int(n), err == nil && n == math.Trunc(n) && math.Abs(n) < 1<<31
}

// count returns how many rows the lists of a body have; false if it has no list.
func count(body *fastjson.Value) (rows int, known bool) {
	body.GetObject().Visit(func(_ []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeArray {
			rows, known = rows+len(v.GetArray()), true
		}
	})
	return rows, known
}
