package envelope

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// opened is what use gets of an answer, as text, or the error.
func opened(s *Split, answer string) (text string, split bool) {
	err := s.Open("list", http.StatusOK, []byte(answer), func(body *fastjson.Value) {
		if body == nil {
			text = "no body"
			return
		}
		if !s.Has() {
			text = string(body.MarshalTo(nil))
			return
		}
		split = true
		var rows []string
		for row := range s.Rows() {
			rows = append(rows, string(row.MarshalTo(nil)))
		}
		if len(rows) != s.Len() {
			rows = append(rows, fmt.Sprintf("%d rows are promised", s.Len()))
		}
		text = strings.Replace(string(body.MarshalTo(nil)), `"rows":[]`, `"rows":[`+strings.Join(rows, ",")+"]", 1)
	})
	if err != nil {
		return err.Error(), split
	}
	return text, split
}

// long makes an answer long enough to be split.
func long(answer string) string { return answer + strings.Repeat(" ", minSplit) }

func TestASplitAnswerSaysTheSame(t *testing.T) {
	for answer, want := range map[string]bool{
		`{"status":0,"body":{"rows":[{"a":1},{"a":"]}\\"},[2,"\""],3,null],"more":1}}`:               true,
		" {\t\"status\" : 0 , \"body\" : {\"offset\":3,\"rows\" : [ 1 , {} ] } }\n":                  true,
		`{"body":{"rows":[7]},"status":0,"body":{"rows":[8,9]}}`:                                     true, // the first counts
		`{"status":0,"body":{"rows":[7],"rows":[8,9]}}`:                                              true,
		`{"status":0,"other":{"rows":[1]},"body":{"in":{"rows":[2]},"rows":[{"rows":[3]}]}}`:         true,
		`{"status":0,"body":{"rows":[]}}`:                                                            false,
		`{"status":0,"body":{"rows":{"0":1}}}`:                                                       false,
		`{"status":0,"body":[{"rows":[1]}]}`:                                                         false,
		`{"status":0,"body":{"other":[1]}}`:                                                          false,
		`{"status":0,"bod\u0079":{"rows":[1]}}`:                                                      false,
		`{"status":0,"body":{"rows":[1,2}`:                                                           false,
		`{"status":0,"body":{"rows":[1,,2]}}`:                                                        false,
		`{"status":0,"body":{"rows":[{"a":tru}]}}`:                                                   false,
		`{"status":0,"body":{"rows":["unended]}}`:                                                    false,
		`{"status":0,"body":{"rows":[1]}}]`:                                                          false,
		`{"status":0,"body":{"rows":[` + strings.Repeat("[", 150) + strings.Repeat("]", 150) + `]}}`: false,
		`{"status":503,"body":{"rows":[1]},"error":"no"}`:                                            false,
		`[1]`: false, `"`: false, `}`: false, `,`: false, ``: false, `{`: false, `{"`: false, `{"\`: false,
	} {
		answer = long(answer)
		whole, _ := opened(nil, answer)
		got, split := opened(&Split{List: "rows"}, answer)
		if got != whole || split != want {
			t.Errorf("%.100s\nsplit (%t, want %t) is\n%s\nand whole\n%s", answer, split, want, got, whole)
		}
	}
}

func TestAShortAnswerIsNotSplit(t *testing.T) {
	if _, split := opened(&Split{List: "rows"}, `{"status":0,"body":{"rows":[1]}}`); split {
		t.Error("it is split")
	}
}

// TestTheRowsOfALongAnswerTakeLittleMemory: the tree of all of them takes several times
// as much as their text.
func TestTheRowsOfALongAnswerTakeLittleMemory(t *testing.T) {
	row := `{"id":1,"data":{` + strings.Repeat(`"n":12345,`, 40) + `"last":1}},`
	answer := []byte(`{"status":0,"body":{"rows":[` + strings.TrimSuffix(strings.Repeat(row, 2000), ",") + `]}}`)
	s, n := &Split{List: "rows"}, 0
	use := func(*fastjson.Value) {
		for range s.Rows() {
			n++
		}
	}
	read := func() {
		if err := s.Open("list", http.StatusOK, answer, use); err != nil {
			t.Fatal(err)
		}
	}
	read() // what is used again is there now
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if n != 4000 {
		t.Errorf("%d rows, want 2000 each time", n)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(len(answer)/4); got > most {
		t.Errorf("%d bytes are allocated for an answer of %d, want at most %d", got, len(answer), most)
	}
}

// FuzzSplit compares what is read of an answer row by row with what is read at once.
func FuzzSplit(f *testing.F) {
	for _, answer := range []string{
		`{"status":0,"body":{"rows":[{"a":1},{"a":"]}\\"},[2,"\""],3,null],"more":1}}`,
		`{"status":0,"other":{"rows":[1]},"body":{"in":{"rows":[2]},"rows":[{"rows":[3]}]}}`,
		`{"bod\u0079":{"rows":[1 ,2]},"status":"0"}`, `{"status":0,"body":{"rows":["`,
	} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if bytes.Count(answer, []byte(`"rows":[]`)) > 0 { // which opened cannot tell from the split one
			return
		}
		answer = []byte(long(string(answer)))
		whole, _ := opened(nil, string(answer))
		if got, _ := opened(&Split{List: "rows"}, string(answer)); got != whole {
			t.Errorf("read row by row it is\n%s\nand at once\n%s", got, whole)
		}
	})
}
