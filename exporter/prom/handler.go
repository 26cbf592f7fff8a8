package prom

import (
	"log/slog"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Handler serves what g gathers as text, OpenMetrics or protobuf, compressed by
// gzip or zstd, as the scraper likes. What cannot be gathered or written is
// logged and does not keep back the rest.
//
// It stands where promhttp would: that one encodes everything at every scrape,
// which is where nearly all the time goes.
func Handler(g *Gatherer, log *slog.Logger) http.Handler {
	return gzhttp.GzipHandler(&handler{g: g, log: log})
}

type handler struct {
	g     *Gatherer
	log   *slog.Logger
	pages pages
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	readings := h.g.gather()
	others, err := h.g.others.Gather()
	if err != nil {
		h.log.Error("metrics about the exporter itself not gathered in full", "err", err)
	}
	texts, err := h.pages.encode(readings, format)
	if err != nil {
		h.log.Error("metrics not written in full", "format", string(format), "err", err)
	}
	w.Header().Set("Content-Type", string(format))
	h.write(w, format, readings, texts, others)
}

// write sends both lists, each sorted by name, as one. That the scraper has
// gone is no matter of ours.
func (h *handler) write(w http.ResponseWriter, format expfmt.Format, readings []*dto.MetricFamily, texts [][]byte, others []*dto.MetricFamily) {
	encoder := expfmt.NewEncoder(w, format)
	for i, f := range readings {
		for len(others) > 0 && byName(others[0], f) < 0 {
			if encoder.Encode(others[0]) != nil {
				return
			}
			others = others[1:]
		}
		if _, err := w.Write(texts[i]); err != nil {
			return
		}
	}
	for _, f := range others {
		if encoder.Encode(f) != nil {
			return
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		_ = closer.Close()
	}
}
