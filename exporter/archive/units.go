package archive

import (
	"errors"
	"math/big"

	"withings-exporter/exporter"
)

// quantity is what a column counts, and so which units it can have.
type quantity int

const (
	plain    quantity = iota // scores, years
	class                    // codes
	reaction                 // of the skin, whose unit sources disagree on: left as it is
	count
	mass        // Withings sends kg
	length      // m
	seconds     // s
	energy      // kcal
	temperature // °C
	pressure    // mmHg
	rate        // per minute
	speed       // m/s
	percent     // %
	millis      // ms
	uptake      // ml/min/kg
	conductance // µS
	micromolar  // µmol/L
	millimolar  // mmol/L
	molar       // mmol/mmol
)

// unit converts a value to what the API sends: × factor × 10^power, or by a
// function where that does not do.
type unit struct {
	factor  int64
	power   int
	convert func(exporter.Decimal) (exporter.Decimal, error)
}

func (u unit) apply(d exporter.Decimal) (exporter.Decimal, error) {
	if u.convert != nil {
		return u.convert(d)
	}
	return d.Scale(u.factor, u.power)
}

var one = unit{factor: 1}

// units are the units of each quantity as headers write them, folded. A pound
// is 0.45359237 kg, an inch 0.0254 m, a mile 1609.344 m, by definition.
var units = map[quantity]map[string]unit{
	plain:       {"": one, "years": one, "year": one},
	class:       {"": one},
	reaction:    {"": one, "%": one, "us": one},
	count:       {"": one},
	mass:        {"kg": one, "g": {factor: 1, power: -3}, "lb": pound, "lbs": pound},
	length:      {"m": one, "km": {factor: 1, power: 3}, "cm": {factor: 1, power: -2}, "in": inch, "ft": {factor: 3048, power: -4}, "mi": {factor: 1609344, power: -3}},
	seconds:     {"s": one, "sec": one, "h": {factor: 3600}},
	energy:      {"kcal": one, "kcal/day": one},
	temperature: {"°c": one, "c": one, "celsius": one, "°f": {convert: fahrenheit}, "f": {convert: fahrenheit}, degrees: {convert: eitherScale}},
	pressure:    {"mmhg": one},
	rate:        {"bpm": one},
	speed:       {"m/s": one},
	percent:     {"%": one},
	millis:      {"ms": one, "s": {factor: 1, power: 3}},
	uptake:      {"ml/min/kg": one, "ml/kg/min": one},
	conductance: {"us": one},
	micromolar:  {"umol/l": one, "mmol/l": {factor: 1, power: 3}},
	millimolar:  {"mmol/l": one, "umol/l": {factor: 1, power: -3}},
	molar:       {"": one, "mmol/mmol": one, "mol/mol": one},
}

// degrees are those of a person's temperature, whose number tells the scale.
const degrees = "°"

var (
	pound = unit{factor: 45359237, power: -8}
	inch  = unit{factor: 254, power: -4}
)

// isUnit reports whether a folded text is a unit of anything.
func isUnit(text string) bool {
	if text == "" {
		return false
	}
	for _, known := range units {
		if _, ok := known[text]; ok {
			return true
		}
	}
	return false
}

// fahrenheit is a temperature in °C, rounded to a thousandth since five ninths
// have no end.
func fahrenheit(d exporter.Decimal) (exporter.Decimal, error) {
	r := exact(d)
	r.Sub(r, big.NewRat(32, 1))
	r.Mul(r, big.NewRat(5, 9))
	return exporter.ParseDecimal(r.FloatString(3))
}

// eitherScale is a temperature of a body or its skin, in °C, from a number without a unit:
// no number can be one on both scales.
func eitherScale(d exporter.Decimal) (exporter.Decimal, error) {
	switch f := d.Float(); {
	case f >= 20 && f <= 50:
		return d, nil
	case f >= 68 && f <= 122:
		return fahrenheit(d)
	}
	return d, errors.New("no temperature of a person")
}

// sum is a + b.
func sum(a, b exporter.Decimal) (exporter.Decimal, error) {
	r := exact(a)
	return exporter.ParseDecimal(r.Add(r, exact(b)).FloatString(12)) // Withings sends nine digits after the point at most
}

func exact(d exporter.Decimal) *big.Rat {
	r, _ := new(big.Rat).SetString(d.String()) // a decimal is always a fraction
	return r
}
