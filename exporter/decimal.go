package exporter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number, Mantissa × 10^Exponent, the form in
// which Withings sends its measures. It is kept normal (no trailing zeros in
// the mantissa), so two equal numbers are equal with ==. The zero value is 0.
type Decimal struct {
	mantissa int64
	exponent int
}

const (
	// maxDigits always fit into an int64.
	maxDigits = 18
	// maxExponent keeps String short; no measure of a person comes near it.
	maxExponent = 30
)

// NewDecimal returns mantissa × 10^exponent. It fails for an exponent beyond
// ±30 or a mantissa of more than 18 digits.
func NewDecimal(mantissa int64, exponent int) (Decimal, error) {
	if mantissa == 0 {
		return Decimal{}, nil
	}
	if mantissa == math.MinInt64 || digits(mantissa) > maxDigits {
		return Decimal{}, fmt.Errorf("number %de%d has more than %d digits", mantissa, exponent, maxDigits)
	}
	for mantissa%10 == 0 {
		mantissa /= 10
		exponent++
	}
	if exponent < -maxExponent || exponent > maxExponent {
		return Decimal{}, fmt.Errorf("number %de%d is out of range", mantissa, exponent)
	}
	return Decimal{mantissa, exponent}, nil
}

// Integer returns n as a Decimal; digits beyond the eighteenth are lost, which
// no count, identifier or timestamp of this API reaches.
func Integer(n int64) Decimal {
	exponent := 0
	for n == math.MinInt64 || digits(n) > maxDigits {
		n /= 10
		exponent++
	}
	d, _ := NewDecimal(n, exponent)
	return d
}

// ParseDecimal reads a JSON number ("6120.44", "-1", "1.2e-3"). Digits beyond
// the eighteenth are cut off after the point; before it they must be zeros.
func ParseDecimal(text string) (Decimal, error) {
	number, power, err := splitExponent(text)
	if err != nil {
		return Decimal{}, err
	}
	var mantissa int64
	seen, point := 0, false
	body := strings.TrimPrefix(number, "-")
	for _, c := range []byte(body) {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return Decimal{}, fmt.Errorf("%q is not a number", shorten(text))
		}
		seen++
		if mantissa >= 1e17 { // it has eighteen digits already
			switch {
			case point:
			case c == '0':
				power++
			default:
				return Decimal{}, fmt.Errorf("number %q has more than %d digits", shorten(text), maxDigits)
			}
			continue
		}
		mantissa = mantissa*10 + int64(c-'0')
		if point {
			power--
		}
	}
	if seen == 0 {
		return Decimal{}, fmt.Errorf("%q is not a number", shorten(text))
	}
	if len(body) < len(number) {
		mantissa = -mantissa
	}
	return NewDecimal(mantissa, power)
}

// splitExponent splits "1.2e-3" into "1.2" and -3.
func splitExponent(text string) (number string, power int, err error) {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, nil
	}
	power, err = strconv.Atoi(text[i+1:])
	if err != nil || power < -1000 || power > 1000 {
		return "", 0, fmt.Errorf("%q is not a number in range", shorten(text))
	}
	return text[:i], power, nil
}

// Scale returns d × factor × 10^power; factor must not be negative. It is exact
// while the product has at most 18 digits. Beyond that, digits of d after its
// point are rounded away, of which a PHP float such as 402.11799999999999 has
// plenty; digits before the point never are.
func (d Decimal) Scale(factor int64, power int) (Decimal, error) {
	if d.mantissa == 0 || factor == 0 {
		return Decimal{}, nil
	}
	mantissa, exponent := d.mantissa, d.exponent
	for {
		product := mantissa * factor
		if product/factor == mantissa && digits(product) <= maxDigits {
			return NewDecimal(product, exponent+power)
		}
		if exponent >= 0 {
			return Decimal{}, fmt.Errorf("number %s × %d is out of range", d, factor)
		}
		mantissa, exponent = (mantissa+5*int64(d.Sign()))/10, exponent+1
	}
}

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.mantissa < 0:
		return -1
	case d.mantissa > 0:
		return 1
	}
	return 0
}

// Float returns the float64 nearest to d. In the common case it does one operation
// on two exact operands, so the result is correctly rounded: 26800 with exponent
// -3 and a shift of -2 is exactly 0.268.
func (d Decimal) Float() float64 {
	const exact = 1 << 53
	if d.mantissa > -exact && d.mantissa < exact && d.exponent >= -22 && d.exponent <= 22 {
		if d.exponent < 0 {
			return float64(d.mantissa) / math.Pow10(-d.exponent)
		}
		return float64(d.mantissa) * math.Pow10(d.exponent)
	}
	f, _ := strconv.ParseFloat(strconv.FormatInt(d.mantissa, 10)+"e"+strconv.Itoa(d.exponent), 64)
	return f
}

// String writes d without an exponent: "72345", "0.268", "-0.5".
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append adds what String returns to a text.
func (d Decimal) Append(text []byte) []byte {
	if d.mantissa < 0 {
		text = append(text, '-')
	}
	var room [20]byte // for the longest int64
	number := strconv.AppendUint(room[:0], magnitude(d.mantissa), 10)
	if d.exponent >= 0 {
		text = append(text, number...)
		return appendZeros(text, d.exponent)
	}
	point := len(number) + d.exponent
	if point <= 0 {
		text = append(text, "0."...)
		return append(appendZeros(text, -point), number...)
	}
	text = append(append(text, number[:point]...), '.')
	return append(text, number[point:]...)
}

// Fixed writes d for people, with a fixed number of places after the point. Halves are rounded away from zero, as Grafana
// does: 87.35 with one place is "87.4", which no float64 gives.
func (d Decimal) Fixed(places int) string {
	number, excess := magnitude(d.mantissa), -d.exponent-places
	switch {
	case excess > maxDigits:
		number = 0
	case excess > 0:
		power := uint64(math.Pow10(excess))
		number = (number + power/2) / power
	}
	text := strconv.FormatUint(number, 10)
	if excess < 0 && number > 0 {
		text += strings.Repeat("0", -excess)
	}
	if short := places + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	if point := len(text) - places; places > 0 {
		text = text[:point] + "." + text[point:]
	}
	if d.mantissa < 0 && number > 0 {
		text = "-" + text
	}
	return text
}

// magnitude is n without its sign.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func appendZeros(text []byte, n int) []byte {
	for ; n > 0; n-- {
		text = append(text, '0')
	}
	return text
}

// MarshalJSON writes d as a JSON number, every digit kept.
func (d Decimal) MarshalJSON() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalJSON reads a JSON number.
func (d *Decimal) UnmarshalJSON(data []byte) (err error) {
	*d, err = ParseDecimal(string(data))
	return err
}

func digits(n int64) int {
	count := 0
	for ; n != 0; n /= 10 {
		count++
	}
	return count
}

// shorten keeps quoted input from filling a line.
func shorten(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
