package prom

import (
	"log/slog"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/common/expfmt"
)

// Handler serves what g gathers as text, OpenMetrics or protobuf, compressed with
// gzip or zstd, whichever the scraper asks for. What cannot be gathered or written
// is logged, and the rest is served.
//
// It is used instead of promhttp, which encodes everything at every scrape; that
// would take nearly all of the time.
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
	families, err := h.g.Gather()
	if err != nil {
		h.log.Error("metrics about the exporter itself not gathered in full", "err", err)
	}
	texts, err := h.pages.encode(families, format)
	if err != nil {
		h.log.Error("metrics not written in full", "format", string(format), "err", err)
	}
	w.Header().Set("Content-Type", string(format))
	for _, text := range texts {
		if _, err := w.Write(text); err != nil {
			return // the scraper has disconnected
		}
	}
	if closer, ok := expfmt.NewEncoder(w, format).(expfmt.Closer); ok {
		_ = closer.Close()
	}
}
