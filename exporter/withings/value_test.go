package withings

import (
	"strconv"
	"testing"

	"github.com/valyala/fastjson"
)

func parse(t *testing.T, text string) *fastjson.Value {
	t.Helper()
	v, err := fastjson.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestValuesAreReadFromWhateverPHPWrites(t *testing.T) {
	const none = "none"
	for _, c := range []struct{ json, number, integer, text, epoch string }{
		{`7`, "7", "7", "7", "7"},
		{`"7"`, "7", "7", "7", "7"},
		{`" 7 "`, "7", "7", " 7 ", "7"},
		{`7.0`, "7", "7", "7.0", "7"},
		{`7.5`, "7.5", none, "7.5", none},
		{`-1`, "-1", "-1", "-1", none},
		{`0`, "0", "0", "0", none},
		{`1e3`, "1000", "1000", "1e3", "1000"},
		{`9007199254740993`, "9007199254740993", "9007199254740993", "9007199254740993", none},
		{`1e400`, none, none, "1e400", none},
		{`123456789012345678901234567890`, none, none, "123456789012345678901234567890", none},
		{`"abc"`, none, none, "abc", none},
		{`""`, none, none, "", none},
		{`null`, none, none, "", none},
		{`false`, none, none, "", none},
		{`true`, none, none, "", none},
		{`[]`, none, none, "", none},
		{`{}`, none, none, "", none},
		{`nan`, none, none, "nan", none},
	} {
		t.Run(c.json, func(t *testing.T) {
			v := parse(t, c.json)
			number, integer, epoch := numberText(v), integerText(v), epochText(v)
			if number != c.number || integer != c.integer || text(v) != c.text || epoch != c.epoch {
				t.Errorf("number %s, integer %s, text %q, epoch %s; want %s, %s, %q, %s",
					number, integer, text(v), epoch, c.number, c.integer, c.text, c.epoch)
			}
		})
	}
}

func numberText(v *fastjson.Value) string {
	if d, ok := number(v); ok {
		return d.String()
	}
	return "none"
}

func integerText(v *fastjson.Value) string {
	if n, ok := integer(v); ok {
		return strconv.FormatInt(n, 10)
	}
	return "none"
}

func epochText(v *fastjson.Value) string {
	if t, ok := epoch(v); ok {
		return strconv.FormatInt(t.Unix(), 10)
	}
	return "none"
}

func TestMoreIsWhateverMeansYes(t *testing.T) {
	for json, want := range map[string]bool{
		`1`: true, `true`: true, `"1"`: true, `250`: true,
		`0`: false, `false`: false, `null`: false, `""`: false, `"0"`: false, `[]`: false, `{}`: false,
	} {
		if got := truth(parse(t, json)); got != want {
			t.Errorf("truth(%s) = %t, want %t", json, got, want)
		}
	}
	if truth(nil) {
		t.Error("what is absent is true")
	}
}
