package exporter

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestDecimalKeepsEveryDigit(t *testing.T) {
	for _, c := range []struct {
		name     string
		mantissa int64
		exponent int
		power    int
		factor   int64
		text     string
		float    float64
	}{
		{"weight in grams", 72345, -3, 3, 1, "72345", 72345},
		{"weight of a manual entry", 7910, -2, 3, 1, "79100", 79100},
		{"fat ratio", 26800, -3, -2, 1, "0.268", 0.268},
		{"10.1 percent", 101, -1, -2, 1, "0.101", 0.101},
		{"kilocalories to joules", 402118, -3, 0, 4184, "1682461.712", 1682461.712},
		{"artefact of other tools", 6575, -2, 0, 1, "65.75", 65.75},
		{"zero", 0, -3, 3, 1, "0", 0},
		{"negative", -5, -1, 0, 1, "-0.5", -0.5},
		{"small", 62, 0, -6, 1, "0.000062", 0.000062},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := NewDecimal(c.mantissa, c.exponent)
			if err != nil {
				t.Fatal(err)
			}
			if d, err = d.Scale(c.factor, c.power); err != nil {
				t.Fatal(err)
			}
			if got := d.String(); got != c.text {
				t.Errorf("text is %s, want %s", got, c.text)
			}
			if got := d.Float(); got != c.float {
				t.Errorf("float is %v, want %v", got, c.float)
			}
		})
	}
}

func TestDecimalRefusesWhatItCannotHold(t *testing.T) {
	for _, text := range []string{
		"", "-", ".", "abc", "1e", "1e99999", "1e40", "1e-40", "--1", "1.2.3", "+1", "0x10", "NaN",
		"1234567890123456789", "1000000000000000000001",
	} {
		if d, err := ParseDecimal(text); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", text, d)
		}
	}
	big, _ := NewDecimal(123456789012345678, 0)
	if d, err := big.Scale(4184, 0); err == nil {
		t.Errorf("overflow gave %s, want an error", d)
	}
}

func TestDecimalCutsDigitsAFloatCannotShow(t *testing.T) {
	d, err := ParseDecimal("0.1000000000000000055511151231257827")
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Float(); got != 0.1 {
		t.Errorf("got %v, want 0.1", got)
	}
}

func TestDecimalRoundsWhatOnlyAFloatOfTheSenderSays(t *testing.T) {
	for _, c := range []struct{ sent, want string }{
		{"402.11799999999999", "1682461.712"},
		{"1784.4900000000000001", "7466306.16"},
		{"-0.29999999999999999", "-1255.2"},
		{"99999999999999.999", "418400000000000000"},
	} {
		d, err := ParseDecimal(c.sent)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Scale(4184, 0); err != nil || got.String() != c.want {
			t.Errorf("%s × 4184 is %s (%v), want %s", c.sent, got, err, c.want)
		}
	}
}

func TestDecimalReadsBackWhateverItWrites(t *testing.T) {
	for _, text := range []string{"1e20", "1e30", "1e-30", "123456789012345678e30", "-123456789012345678e-12", "0", "-0"} {
		d, err := ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseDecimal(d.String()); err != nil || again != d {
			t.Errorf("%s is written as %s and read as %s (%v)", text, d, again, err)
		}
	}
}

func TestDecimalIsRoundedForPeopleOnceAndHalvesUp(t *testing.T) {
	for _, text := range []string{"0", "87.35", "87.25", "-87.35", "0.05", "-0.04", "0.005", "9.995", "99.95", "120", "9e4", "1e-30", "123456789012345678e-12", "1e20"} {
		d, err := ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := new(big.Rat).SetString(text)
		for places := range 4 {
			want := exact.FloatString(places)
			if strings.Trim(want, "-0.") == "" {
				want = strings.TrimPrefix(want, "-")
			}
			if got := d.Fixed(places); got != want {
				t.Errorf("%s with %d places is %q, want %q", text, places, got, want)
			}
		}
	}
}

func FuzzDecimalAgreesWithStrconv(f *testing.F) {
	for _, seed := range []string{"0", "-1", "6120.44", "1e3", "0.1", "99999999999999999", "1e20", "1784.4900000000000001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		again, err := ParseDecimal(d.String())
		if err != nil || again != d {
			t.Fatalf("%q became %s, which reads as %s (%v)", text, d, again, err)
		}
		want, err := strconv.ParseFloat(d.String(), 64)
		if err != nil || d.Float() != want {
			t.Fatalf("%s is the float %v, want %v", d, d.Float(), want)
		}
	})
}
