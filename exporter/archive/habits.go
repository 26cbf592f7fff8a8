package archive

import (
	"context"

	"withings-exporter/exporter"
)

// habits are how a file writes what alone could be read in two ways: dates and
// numbers. They are found by reading all of it once more, when the first such cell
// needs them.
type habits struct {
	dayFirst, monthFirst bool
	file                 votes
	columns              map[string]*votes // by the key of what is in them
}

// votes are the notations of the numbers that can be read in one way only.
type votes struct{ point, comma bool }

func (v *votes) add(in notation) {
	v.point = v.point || in == pointDecimal
	v.comma = v.comma || in == commaDecimal
}

// notation is what the votes agree on; torn when they do not agree.
func (v votes) notation() (in notation, torn bool) {
	switch {
	case v.point && v.comma:
		return notationUnknown, true
	case v.point:
		return pointDecimal, false
	case v.comma:
		return commaDecimal, false
	}
	return notationUnknown, false
}

// of is the notation of a column: its own, or else that of the file.
func (h *habits) of(key string) (in notation, torn bool) {
	if v := h.columns[key]; v != nil {
		return v.notation()
	}
	return h.file.notation()
}

// order is how the file writes its dates: a day after the twelfth tells. Without one,
// or with both, it is not to be known.
func (h *habits) order() (dateOrder, error) {
	switch {
	case h.dayFirst && h.monthFirst:
		return orderUnknown, refusal("some dates begin with the day, others with the month")
	case h.dayFirst:
		return dayFirst, nil
	case h.monthFirst:
		return monthFirst, nil
	}
	return orderUnknown, refusal("dates may begin with the day or with the month")
}

// look finds the habits of a file. Where it is damaged they end, as its rows do.
func look(ctx context.Context, t *table, b *binding) (*habits, error) {
	h := &habits{columns: map[string]*votes{}}
	for {
		if err := interrupted(ctx); err != nil {
			return nil, err
		}
		fields, err := t.next()
		if err != nil {
			return h, nil //nolint:nilerr // who reads the rows comes to the same end
		}
		h.dates(b, fields)
		h.numbers(b, fields)
	}
}

func (h *habits) dates(b *binding, fields []string) {
	for _, column := range []int{b.start, b.end} {
		if s, ok := parseStamp(cell(fields, column), orderUnknown); ok {
			h.dayFirst = h.dayFirst || s.order == dayFirst
			h.monthFirst = h.monthFirst || s.order == monthFirst
		}
	}
}

func (h *habits) numbers(b *binding, fields []string) {
	if b.tooLong(fields) {
		return
	}
	if b.shape == typed {
		if value, why := b.typed(fields); why == "" {
			h.number(&value, cell(fields, b.amount))
		}
		return
	}
	for i := range b.cells {
		h.number(&b.cells[i], cell(fields, b.cells[i].index))
	}
}

// number notes the notation of a cell that what it counts, if not its form, leaves but
// one reading.
func (h *habits) number(b *bound, text string) {
	all, why := numbers(text)
	if why != "" {
		return
	}
	if all = b.likely(all); len(all) != 1 || all[0].in == notationUnknown {
		return
	}
	if h.columns[b.key] == nil {
		h.columns[b.key] = &votes{}
	}
	h.columns[b.key].add(all[0].in)
	h.file.add(all[0].in)
}

// likely are the readings that can be of what a column counts, or all when none can.
func (b *bound) likely(all []reading) []reading {
	var rest []reading
	for _, r := range all {
		if b.possible(r.value) {
			rest = append(rest, r)
		}
	}
	if rest == nil {
		return all
	}
	return rest
}

// possible reports whether a number, in the unit of its column, can be of what it counts.
func (b *bound) possible(d exporter.Decimal) bool {
	d, err := b.unit.apply(d)
	if err != nil {
		return false
	}
	if b.whole() && !exact(d).IsInt() {
		return false
	}
	in, ok := plausible[b.key]
	return !ok || in.least <= d.Float() && d.Float() <= in.most
}

// whole reports whether what a column counts has no fractions.
func (b *bound) whole() bool {
	switch b.of {
	case count, class:
		return true
	case seconds:
		return b.named == "s" || b.named == "sec"
	}
	return false
}
