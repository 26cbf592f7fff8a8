package proof

import (
	"fmt"
	"os"
	"testing"
	"time"
	"withings-exporter/grafana/boards"
	"withings-exporter/grafana/queries"
)

func TestZ(t *testing.T) {
	all := people(t)
	s := newPrometheus(t, all)
	h := all[1]
	f, _ := os.Create("/tmp/proof-times")
	pages, _ := boards.Pages("prometheus", boards.Default())
	for _, p := range pages {
		ps, _ := queries.Panels(p.Slug, p.JSON, chosen(t, s, p, asked{history: h}))
		for _, x := range ps {
			a := time.Now()
			show(s, x)
			fmt.Fprintln(f, time.Since(a).Milliseconds(), p.Slug, x.Title, len(x.Queries))
		}
	}
}
