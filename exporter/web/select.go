package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/dustin/go-humanize"
)

const (
	// compactFrom is the number of profiles from which those that are OK shrink to one
	// row each, so that those that need attention stay in sight.
	compactFrom = 13
	// mostCards is how many of many profiles are shown in full.
	mostCards = 24
	// mostRows is how many rows a page has.
	mostRows = 500
)

// wish is what of the status somebody wants to see.
type wish struct {
	profile string // this one alone; "" for all
	from    int    // the first row, of many
}

// wishOf reads the query of a page; what makes no sense is left out.
func wishOf(query url.Values) wish {
	from, err := strconv.Atoi(query.Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	return wish{profile: query.Get("profile"), from: from}
}

// chosen are the profiles to be shown in full and as rows: all in full if they are
// few, else those in need of attention first.
func chosen(profiles []Profile) (cards, rows []*Profile) {
	for i := range profiles {
		cards = append(cards, &profiles[i])
	}
	if len(profiles) < compactFrom {
		return cards, nil
	}
	slices.SortStableFunc(cards, func(a, b *Profile) int { return b.urgency() - a.urgency() })
	n := 0
	for n < len(cards) && n < mostCards && !cards[n].small() {
		n++
	}
	return cards[:n], cards[n:]
}

// urgency is the higher, the more a profile needs a person.
func (p *Profile) urgency() int {
	_, text := textOf(p.State)
	if p.small() {
		return 0
	}
	return text.urgency + 1
}

// small reports whether nothing has to be said about a profile.
func (p *Profile) small() bool {
	kind, _ := textOf(p.State)
	return (kind == StateOK || kind == StateWaiting) && len(p.Notes) == 0
}

// window are the rows of a page, and the pages beside it.
func (v *view) window(rows []*Profile, from int) []*Profile {
	if len(rows) <= mostRows {
		return rows
	}
	from = min(from, len(rows)-1) / mostRows * mostRows
	to := min(from+mostRows, len(rows))
	v.Part = fmt.Sprintf("%s to %s of %s", humanize.Comma(int64(from+1)), humanize.Comma(int64(to)), humanize.Comma(int64(len(rows))))
	if from > 0 {
		v.Before = fmt.Sprintf("%s?from=%d", v.Home, from-mostRows)
	}
	if to < len(rows) {
		v.After = fmt.Sprintf("%s?from=%d", v.Home, to)
	}
	return rows[from:to]
}
