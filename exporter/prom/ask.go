package prom

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ask is what a scraper asks for.
type ask struct {
	format   expfmt.Format
	ours     bool   // one of the two text formats that pages are written in
	open     bool   // OpenMetrics, among those
	encoding string // gzip, zstd, or "" for none
}

// asks remembers what was asked for by the headers: a scraper sends the same each time, and
// reading them takes as long as writing a small page.
type asks struct {
	mu    sync.Mutex // guards known
	known map[[2]string]ask
}

// asksKept is how many different headers are remembered.
const asksKept = 16

func (a *asks) of(r *http.Request) ask {
	key := [2]string{r.Header.Get("Accept"), r.Header.Get("Accept-Encoding")}
	if r.Method == http.MethodHead {
		key[1] = "" // some proxies do not expect an answer without a body to be compressed
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	is, known := a.known[key]
	if !known {
		is = newAsk(r.Header, key[1])
		if a.known == nil || len(a.known) >= asksKept {
			a.known = map[[2]string]ask{}
		}
		a.known[key] = is
	}
	return is
}

func newAsk(header http.Header, encoding string) ask {
	is := ask{format: expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...), encoding: encodingOf(encoding)}
	if is.format.ToEscapingScheme() != model.DotsEscaping { // the others leave our names as they are
		is.open = is.format.FormatType() == expfmt.TypeOpenMetrics
		is.ours = is.open || is.format.FormatType() == expfmt.TypeTextPlain
	}
	return is
}

// encodingOf chooses between gzip and zstd by what an Accept-Encoding header prefers; zstd if it likes
// both the same.
func encodingOf(header string) string {
	best, chosen := 0.0, ""
	for item := range strings.SplitSeq(header, ",") {
		name, options, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "zstd" {
			continue
		}
		weight := 1.0
		if q, given := strings.CutPrefix(strings.ToLower(strings.TrimSpace(options)), "q="); given {
			weight, _ = strconv.ParseFloat(q, 64) // what is not a number is not wanted
		}
		if weight > best || weight == best && weight > 0 && name == "zstd" {
			best, chosen = weight, name
		}
	}
	return chosen
}
