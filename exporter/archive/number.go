package archive

import (
	"strings"

	"withings-exporter/exporter"
)

// Why a value was left out of a row.
const (
	valueMalformed    = "not a number"
	valueTwoWays      = "ambiguous number"
	valueNotAvailable = "marked as not measured"
	valueOutOfRange   = "number out of range"
	valueNoUnit       = "no unit given"
	valueNoPosition   = "no body position given"
	valueNoRow        = "unknown kind of value"
	valueNotImported  = "raw or derived value, not imported"
)

// number reads a number as people and spreadsheets write it; why is not "" when
// it is not a number. comma tells that commas separate no fields here, so that one in a
// number is the decimal point.
func number(text string, comma bool) (d exporter.Decimal, why string) {
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\'', '’':
			return -1 // between groups of digits
		}
		return r
	}, strings.TrimSpace(text))
	text = strings.TrimPrefix(text, "+")
	text, why = decimalPoint(text, comma)
	if why != "" {
		return d, why
	}
	d, err := exporter.ParseDecimal(text)
	if err != nil {
		return d, valueMalformed
	}
	return d, ""
}

// decimalPoint writes a number with the point that ParseDecimal reads, and
// without any between groups of three.
func decimalPoint(text string, comma bool) (plain, why string) {
	points, commas := strings.Count(text, "."), strings.Count(text, ",")
	switch {
	case commas == 0 && points <= 1:
		return text, ""
	case commas == 0:
		return ungroup(text, ".")
	case points == 0 && commas > 1:
		return ungroup(text, ",")
	case points == 0:
		whole, fraction, _ := strings.Cut(text, ",")
		if len(fraction) == 3 && len(whole) <= 3 && !comma {
			return "", valueTwoWays
		}
		return whole + "." + fraction, ""
	case points == 1 && strings.LastIndex(text, ".") > strings.LastIndex(text, ","):
		whole, fraction, _ := strings.Cut(text, ".")
		whole, why = ungroup(whole, ",")
		return whole + "." + fraction, why
	case commas == 1 && strings.LastIndex(text, ",") > strings.LastIndex(text, "."):
		whole, fraction, _ := strings.Cut(text, ",")
		whole, why = ungroup(whole, ".")
		return whole + "." + fraction, why
	}
	return "", valueMalformed
}

// ungroup joins groups of three digits.
func ungroup(text, separator string) (joined, why string) {
	for i, group := range strings.Split(text, separator) {
		if i > 0 && len(group) != 3 || group == "" {
			return "", valueMalformed
		}
		joined += group
	}
	return joined, ""
}

// feet reads a height such as 5' 10.5”, in inches.
func feet(text string) (d exporter.Decimal, ok bool) {
	whole, rest, ok := strings.Cut(text, "'")
	if !ok {
		return d, false
	}
	rest = strings.Trim(rest, " '\"”″")
	if rest == "" {
		rest = "0"
	}
	f, err := exporter.ParseDecimal(strings.TrimSpace(whole))
	if err != nil {
		return d, false
	}
	inches, err := exporter.ParseDecimal(rest)
	if err != nil {
		return d, false
	}
	if f, err = f.Scale(12, 0); err != nil {
		return d, false
	}
	d, err = sum(f, inches)
	return d, err == nil
}

// absent reports whether a cell says that there is no value.
func absent(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "-", "--", "–", "null", "none", "nan", "n/a":
		return true
	}
	return false
}
