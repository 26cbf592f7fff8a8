package exporter

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// plainReading is what encoding/json alone makes of a reading.
type plainReading readingJSON

func TestSavedReadingsAreReadAsByEncodingJSON(t *testing.T) {
	for _, text := range []string{
		`null`, `[]`, ` [ ] `, `[null]`, `[{}]`,
		`[{"metric":"weight_grams","value":72345.5}]`,
		"[ {\"metric\" : \"weight_grams\" ,\n\t\"value\" : -1e-3 } , { \"value\":0 , \"labels\":[ \"a]\\\"}\" , \"b,\" ] , \"metric\":\"no_such\" } ]",
		`[{"metric":"weight\u005fgrams","value":1,"more":{"metric":[{"a":"}"}],"b":[]},"labels":null},{"metric":"\"weight_grams\"","value":2}]`,
		`[{"metric":"weight_grams","metric":"height_meters","value":1,"value":2}]`,
		`{}`, `"text"`, `[1]`, `["x"]`, `[{"metric":1}]`, `[{"metric":"x","value":"1"}]`, `[{"metric":"x","value":null}]`, `[{"labels":[1]}]`, `[{"value":1e99}]`,
	} {
		var got readingsJSON
		var want []plainReading
		failed, wanted := json.Unmarshal([]byte(text), &got), json.Unmarshal([]byte(text), &want)
		if (failed == nil) != (wanted == nil) {
			t.Errorf("%s: got error %v, want %v", text, failed, wanted)
		}
		if wanted == nil && len(got)+len(want) > 0 && !reflect.DeepEqual(got, same(want)) {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

func same(plain []plainReading) (all readingsJSON) {
	for _, r := range plain {
		all = append(all, readingJSON(r))
	}
	return all
}

// TestSavedReadingsCostLittle bounds what reading them leaves for the garbage collector.
func TestSavedReadingsCostLittle(t *testing.T) {
	text := []byte("[" + strings.Repeat(`{"metric":"weight_grams","value":72345},`, 99) + `{"metric":"weight_grams","value":1}]`)
	if n := testing.AllocsPerRun(10, func() {
		var got readingsJSON
		if err := got.UnmarshalJSON(text); err != nil || len(got) != 100 {
			t.Fatal(len(got), err)
		}
	}); n > 110 {
		t.Errorf("%.0f allocations for 100 readings, want one each and a few", n)
	}
}

// FuzzSavedReadings reads any list, and what encoding/json writes of it.
func FuzzSavedReadings(f *testing.F) {
	f.Add([]byte(`[{"metric":"weight_grams","value":72345.5},{"labels":["a","\\\""],"metric":"x","more":[{}]}]`))
	f.Add([]byte(`[{"metric":"a\"b","value":-0.001,"labels":null}, null]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var any, got readingsJSON
		_ = json.Unmarshal(text, &any)
		var want []plainReading
		if json.Unmarshal(text, &want) != nil {
			return
		}
		written, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if plain := []plainReading(nil); json.Unmarshal(written, &plain) != nil || len(got)+len(plain) > 0 && !reflect.DeepEqual(got, same(plain)) {
			t.Errorf("%s: got %+v, want %+v", written, got, plain)
		}
	})
}
