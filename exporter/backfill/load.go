package backfill

import (
	"cmp"
	"slices"
	"time"

	"withings-exporter/exporter"
)

// take removes from the queue what is to be written next, all for one target: what
// waits before the first item with something to do afterwards or, if that is more than
// enough at once, the newest of it. The caller holds the lock.
func (d *delivery) take() (load []item) {
	if len(d.queue) == 0 {
		return nil
	}
	if d.queue[0].then != nil {
		load, d.queue = slices.Clone(d.queue[:1]), d.queue[1:]
		return load
	}
	ready := d.queue
	if i := slices.IndexFunc(ready, func(p item) bool { return p.then != nil }); i >= 0 {
		ready = ready[:i]
	}
	to := heaviest(ready)
	since := newestOf(ready, to)
	var stay []item
	behind := map[exporter.Service]bool{} // services of which an earlier item stays
	for i := range d.queue {
		p := d.queue[i]
		if i >= len(ready) || p.to != to {
			stay = append(stay, p)
			continue
		}
		now, later := p.split(since)
		// What an item covers also needs the items before it.
		if behind[p.batch.Service] = behind[p.batch.Service] || len(later.batch.Records) > 0; !behind[p.batch.Service] {
			load = append(load, p)
			continue
		}
		stay = append(stay, later)
		if len(now.batch.Records) > 0 {
			load = append(load, now)
		}
	}
	d.queue = stay
	return load
}

// heaviest is the target with the most to write.
func heaviest(items []item) (to *Profile) {
	weights := map[*Profile]int{}
	for i := range items {
		weights[items[i].to] += items[i].weight
	}
	most := 0
	for i := range items { // in their order, so that equal ones take turns
		if w := weights[items[i].to]; w > most {
			to, most = items[i].to, w
		}
	}
	return to
}

// newestOf is since when the newest records of a target are about enough at once; the
// zero time if that is all of them.
func newestOf(items []item, to *Profile) time.Time {
	type part struct {
		at     int64
		weight int
	}
	var all []part
	total := 0
	for i := range items {
		if items[i].to != to {
			continue
		}
		for j := range items[i].batch.Records {
			r := &items[i].batch.Records[j]
			all = append(all, part{at: placeOf(r).Unix(), weight: weightOf(r)})
			total += weightOf(r)
		}
	}
	if total <= enough+enough/4 {
		return time.Time{}
	}
	slices.SortFunc(all, func(a, b part) int { return cmp.Compare(b.at, a.at) })
	sum, i := 0, 0
	for ; i < len(all)-1 && sum < enough; i++ {
		sum += all[i].weight
	}
	return time.Unix(all[i].at, 0)
}

// placeOf is where a record belongs in the order of time. All versions of a date have
// the same place, so that they are written in the order in which they came.
func placeOf(r *exporter.Record) time.Time {
	if at, err := time.Parse(time.DateOnly, r.Date); err == nil {
		return at
	}
	return r.Start
}

// split divides an item into its records since a moment and the others, with which
// everything else stays.
func (p *item) split(since time.Time) (now, later item) {
	if since.IsZero() {
		return *p, item{}
	}
	now, later = item{to: p.to, batch: p.batch, news: p.news, asked: p.asked}, *p
	now.batch.Records, later.batch.Records = nil, nil
	for i := range p.batch.Records {
		r := &p.batch.Records[i]
		if placeOf(r).Before(since) {
			later.batch.Records = append(later.batch.Records, *r)
			continue
		}
		now.batch.Records = append(now.batch.Records, *r)
		now.weight += weightOf(r)
	}
	later.weight -= now.weight
	return now, later
}
