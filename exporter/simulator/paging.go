package simulator

import (
	"cmp"
	"slices"
)

// sortKey orders rows: by time, and by id among rows of one moment.
type sortKey struct{ at, id int64 }

// arrange sorts rows in place as the switch says. The order depends on nothing but the rows, so that pages
// cut from it are complete.
func arrange[T any](rows []T, order Order, key func(T) sortKey) {
	slices.SortFunc(rows, func(a, b T) int {
		ka, kb := key(a), key(b)
		switch order {
		case Shuffled:
			return cmp.Compare(hash(uint64(ka.id), uint64(ka.at)), hash(uint64(kb.id), uint64(kb.at)))
		case NewestFirst:
			ka, kb = kb, ka
		}
		return cmp.Or(cmp.Compare(ka.at, kb.at), cmp.Compare(ka.id, kb.id))
	})
}

// page is a cut of a list.
type page struct {
	from, to int
	more     bool
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
		return page{from, rows, false}, nil
	}
	return page{from, from + size, true}, nil
}

// paged ends the body of a list with more as a boolean and the next offset, 0 on the last page.
func (p page) paged(body Fields) Fields {
	next := 0
	if p.more {
		next = p.to
	}
	return append(body, Field{"more", p.more}, Field{"offset", next})
}
