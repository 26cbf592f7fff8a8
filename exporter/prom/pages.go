package prom

import (
	"bytes"
	"slices"
	"sync"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// formatsKept is how many formats are kept encoded: Prometheus uses one, a browser
// another.
const formatsKept = 2

// pages caches encoded families. A family that was handed out never changes, so
// its pointer tells whether the cached text is still valid.
type pages struct {
	mu   sync.Mutex // guards kept
	kept []*page    // most recently used first
}

// page is every kept family in one format.
type page struct {
	format expfmt.Format
	texts  map[*dto.MetricFamily][]byte
}

// encode returns the families in a format, cached or encoded now.
func (p *pages) encode(families []*dto.MetricFamily, format expfmt.Format) ([][]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.take(format)
	next := &page{format: format, texts: make(map[*dto.MetricFamily][]byte, len(families))}
	all := make([][]byte, len(families))
	var failed error
	for i, f := range families {
		text, ok := old.texts[f]
		if !ok {
			var err error
			if text, err = encode(f, format); err != nil {
				failed = err // the other families are still served
			}
		}
		next.texts[f], all[i] = text, text
	}
	p.kept = slices.Insert(p.kept, 0, next)
	p.kept = p.kept[:min(len(p.kept), formatsKept)]
	return all, failed
}

// take removes the page of a format from the cache and returns it; without one it
// returns an empty page.
func (p *pages) take(format expfmt.Format) *page {
	i := slices.IndexFunc(p.kept, func(k *page) bool { return k.format == format })
	if i < 0 {
		return &page{}
	}
	found := p.kept[i]
	p.kept = slices.Delete(p.kept, i, i+1)
	return found
}

// encode writes one family. Every exposition format is a sequence of families, so
// each can be encoded by itself.
func encode(f *dto.MetricFamily, format expfmt.Format) ([]byte, error) {
	var text bytes.Buffer
	if err := expfmt.NewEncoder(&text, format).Encode(f); err != nil {
		return nil, err
	}
	return slices.Clip(text.Bytes()), nil
}
