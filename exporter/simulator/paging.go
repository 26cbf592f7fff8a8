package simulator

import "sort"

// sortKey orders rows: by time, and by id among rows of one moment.
type sortKey struct{ at, id int64 }

// arrange sorts rows in place as the switch says. The order depends on nothing but the rows, so that pages
// cut from it are complete. It is sort.Slice because slices.SortFunc is compiled again for every type of row, with
// fifteen kilobytes each.
func arrange[T any](rows []T, order Order, key func(T) sortKey) {
	sort.Slice(rows, func(i, j int) bool { return order.before(key(rows[i]), key(rows[j])) })
}

// before reports whether a row stands before another.
func (o Order) before(a, b sortKey) bool {
	switch o {
	case Shuffled:
		return hash(uint64(a.id), uint64(a.at)) < hash(uint64(b.id), uint64(b.at))
	case NewestFirst:
		a, b = b, a
	}
	return a.at < b.at || a.at == b.at && a.id < b.id
}

// page is a cut of a list.
type page struct {
	from, to int
	more     bool
}

// row is one entry of a list: where it stands, and how it is written once it is on the page asked for.
type row struct {
	sortKey
	fields func() Fields
}

// list returns the page of rows that a call asks for, written down.
func (c *Cloud) list(q *call, rows []row, size int) ([]any, page, *refusal) {
	arrange(rows, c.switches.Order, func(r row) sortKey { return r.sortKey })
	cut, refused := q.cut(len(rows), size)
	if refused != nil {
		return nil, page{}, refused
	}
	list := make([]any, 0, cut.to-cut.from)
	for _, r := range rows[cut.from:cut.to] {
		list = append(list, r.fields())
	}
	return list, cut, nil
}

// cut returns the page that a call asks for with its offset.
func (q *call) cut(rows, size int) (page, *refusal) {
	offset, _, refused := q.integer("offset")
	if refused != nil {
		return page{}, refused
	}
	if offset < 0 {
		return page{}, invalidParam("invalid offset")
	}
	from := int(min(offset, int64(rows)))
	if size < 0 || rows-from <= size {
		return page{from: from, to: rows}, nil
	}
	return page{from: from, to: from + size, more: true}, nil
}

// paged ends the body of a list with more as a boolean and the next offset, 0 on the last page.
func (p page) paged(body Fields) Fields {
	next := 0
	if p.more {
		next = p.to
	}
	return body.and(Fields{{"more", p.more}, {"offset", next}})
}
