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
	valueWrongUnit    = "unit does not fit"
	valueNoPosition   = "no body position given"
	valueNoRow        = "unknown kind of value"
	valueNotImported  = "raw or derived value, not imported"
	valueNoMetric     = "kind of value without a metric, not imported"
)

// notation is how a file writes numbers.
type notation int

const (
	notationUnknown notation = iota
	pointDecimal             // 1,234.5
	commaDecimal             // 1.234,5
)

// reading is one way to read a number, with the notation that it takes.
type reading struct {
	value exporter.Decimal
	in    notation
}

// numbers are the ways to read a number as people and spreadsheets write it: one, or
// two where a single point or comma may be that of a fraction or stand between thousands.
// That of the fraction comes first. why is not "" when it is not a number.
func numbers(text string) (all []reading, why string) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	for _, w := range writings(text) {
		d, err := exporter.ParseDecimal(w.plain)
		if err != nil {
			return nil, valueMalformed
		}
		all = append(all, reading{d, w.in})
	}
	if all == nil {
		return nil, valueMalformed
	}
	return all, ""
}

// writing is a number with the point that ParseDecimal reads, and without any
// between groups of three.
type writing struct {
	plain string
	in    notation
}

// writings are the ways to read the points, commas and spaces of a number; none when
// there is no way.
func writings(text string) []writing {
	if strings.ContainsFunc(text, isGap) {
		return gapped(text)
	}
	points, commas := strings.Count(text, "."), strings.Count(text, ",")
	switch {
	case points == 0 && commas == 0:
		return []writing{{text, notationUnknown}}
	case points == 1 && commas == 0:
		return single(text, ".", pointDecimal, commaDecimal)
	case points == 0 && commas == 1:
		return single(text, ",", commaDecimal, pointDecimal)
	case commas == 0:
		return grouped(text, "", ".", commaDecimal)
	case points == 0:
		return grouped(text, "", ",", pointDecimal)
	case points == 1 && strings.LastIndex(text, ".") > strings.LastIndex(text, ","):
		whole, fraction, _ := strings.Cut(text, ".")
		return grouped(whole, "."+fraction, ",", pointDecimal)
	case commas == 1 && strings.LastIndex(text, ",") > strings.LastIndex(text, "."):
		whole, fraction, _ := strings.Cut(text, ",")
		return grouped(whole, "."+fraction, ".", commaDecimal)
	}
	return nil
}

// single reads a number with one mark, of a fraction or between thousands.
func single(text, mark string, fractional, thousands notation) []writing {
	whole, fraction, _ := strings.Cut(text, mark)
	all := []writing{{whole + "." + fraction, fractional}}
	digits := strings.TrimPrefix(whole, "-")
	if len(fraction) == 3 && areDigits(fraction) && len(digits) <= 3 && areDigits(digits) && digits[0] != '0' {
		all = append(all, writing{whole + fraction, thousands})
	}
	return all
}

// grouped reads a whole number in groups of three digits, and the rest after it.
func grouped(whole, rest, separator string, in notation) []writing {
	groups := strings.Split(whole, separator)
	for i, group := range groups {
		if i == 0 {
			group = strings.TrimPrefix(group, "-")
		}
		if !areDigits(group) || i > 0 && len(group) != 3 || len(groups) > 1 && len(group) > 3 {
			return nil
		}
	}
	return []writing{{strings.Join(groups, "") + rest, in}}
}

// areDigits reports whether a text is made of digits alone, so that it is no exponent.
func areDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// gapped reads a number whose groups are separated by spaces or apostrophes, so that
// the one point or comma in it is that of a fraction.
func gapped(text string) []writing {
	whole, rest, in := text, "", notationUnknown
	if at := strings.IndexAny(text, ".,"); at >= 0 {
		whole, rest, in = text[:at], "."+text[at+1:], pointDecimal
		if text[at] == ',' {
			in = commaDecimal
		}
	}
	whole = strings.Map(func(r rune) rune {
		if isGap(r) {
			return ' '
		}
		return r
	}, whole)
	return grouped(whole, rest, " ", in)
}

// isGap reports whether a character is one that people put between groups of digits.
func isGap(r rune) bool { return strings.ContainsRune(" \u00a0\u2009\u202f'’", r) }

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
