package archive

import "io"

// orderOf reads a file once more for how it writes its dates: a day after the
// twelfth tells. Without one, or with both, it is not to be known.
func orderOf(open func() (*table, error), b *binding) (dateOrder, error) {
	t, err := open()
	if err != nil {
		return orderUnknown, err
	}
	defer t.close()
	order := orderUnknown
	for {
		fields, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return orderUnknown, err
		}
		for _, column := range []int{b.start, b.end} {
			s, ok := parseStamp(cell(fields, column), orderUnknown)
			if !ok || s.order == orderUnknown {
				continue
			}
			if order != orderUnknown && order != s.order {
				return orderUnknown, refusal("some dates begin with the day, others with the month")
			}
			order = s.order
		}
	}
	if order == orderUnknown {
		return orderUnknown, refusal("dates may begin with the day or with the month")
	}
	return order, nil
}
