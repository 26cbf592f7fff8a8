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
	// MaxValues caps how many values an answer has, each of which takes some hundred
	// bytes however short it is. A measure group has about 30.
	MaxValues = 2_000_000
	// maxKept is the largest answer whose memory is kept for the next one, the page
	// of a long history; a larger one is met once in a lifetime.
	maxKept = 1 << 20
	// maxTree is the same for the tree of a parsed answer, which takes some fifteen
	// times its text. That of a page of measures is kept, that of a page of nights is
	// ten megabytes and is not.
	maxTree = 256 << 10
)

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	parsers fastjson.ParserPool
)

// recycle keeps ordinary buffers and lets go of huge ones.
func recycle(b *bytes.Buffer) {
	if b.Cap() <= maxKept {
		buffers.Put(b)
	}
}

// Open lifts the body out of an envelope that came with a status of HTTP below 500.
// What use sees is gone afterwards; the body is nil where there is none.
func Open(action string, code int, data []byte, use func(body *fastjson.Value)) error {
	if bytes.Count(data, []byte{','}) > MaxValues {
		return tooLarge(action, fmt.Sprintf("has more than %d values", MaxValues))
	}
	parser := parsers.Get()
	if len(data) <= maxTree {
		defer parsers.Put(parser)
	}
	answer, err := parser.ParseBytes(data)
	status, known := wholeNumber(answer.Get("status"))
	failed := code < 200 || code > 299
	switch {
	case known && status != 0 && !(failed && Classify(status) == Unknown): // else that of HTTP says more
		return &Error{Action: action, Status: status, Text: cmp.Or(Text(answer.Get("error")), Text(answer.Get("detail")))}
	case failed, code != http.StatusOK && !known:
		return httpError(action, code, "")
	case err != nil:
		return notJSON(action, describe(data))
	case !known:
		return notJSON(action, "it has no status")
	}
	use(answer.Get("body"))
	return nil
}

// describe tells what stands where JSON should, without repeating it.
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

// Text is a string, or a number as it is written; "" for anything else.
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

// wholeNumber is an integer, written as a number or a string.
func wholeNumber(v *fastjson.Value) (int, bool) {
	n, err := strconv.ParseFloat(Text(v), 64)
	return int(n), err == nil && n == math.Trunc(n) && math.Abs(n) < 1<<31
}

// count is how many rows the list of a body has; false where it has no list.
func count(body *fastjson.Value) (rows int, known bool) {
	body.GetObject().Visit(func(_ []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeArray {
			rows, known = rows+len(v.GetArray()), true
		}
	})
	return rows, known
}
