package withings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

const (
	historyGroups = 30_000 // a dozen years of a full household scale
	historyPage   = 250
)

// history is a long history as getmeas would page it: weigh-ins as recorded in
// testdata/measure/weigh-in.json, of which one group in five is the long one.
func history(b *testing.B) [][]byte {
	b.Helper()
	var recorded struct {
		Body struct {
			Groups []json.RawMessage `json:"measuregrps"`
		} `json:"body"`
	}
	for _, r := range recordings(b) {
		if strings.HasSuffix(r.path, "weigh-in.json") {
			if err := json.Unmarshal(r.answer, &recorded); err != nil {
				b.Fatal(err)
			}
		}
	}
	groups := recorded.Body.Groups
	var pages [][]byte
	for first := 0; first < historyGroups; first += historyPage {
		var page bytes.Buffer
		page.WriteString(`{"status":0,"body":{"updatetime":1784102461,"timezone":"Europe/Vienna","measuregrps":[`)
		for n := first; n < first+historyPage; n++ {
			if n > first {
				page.WriteByte(',')
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, groups[n%len(groups)]); err != nil {
				b.Fatal(err)
			}
			// Ids and dates of its own.
			_, rest, _ := strings.Cut(compact.String(), `"created"`)
			fmt.Fprintf(&page, `{"grpid":%d,"attrib":0,"date":%d,"created"%s`, int64(7_000_000_000)+int64(n), int64(1_400_000_000)+int64(n)*10_000, rest)
		}
		fmt.Fprintf(&page, `],"more":1,"offset":%d}}`, first+historyPage)
		pages = append(pages, page.Bytes())
	}
	return pages
}

// BenchmarkDecodeHistory decodes a long history page by page, and as its floor
// does no more than have encoding/json fill plain structs with the same pages.
//
// The metric peak-pages is what the decoder has in use at its highest, in units
// of what it has in use for the first page alone: 1 means that never more than
// one page is held.
func BenchmarkDecodeHistory(b *testing.B) {
	pages := history(b)
	size := int64(0)
	for _, p := range pages {
		size += int64(len(p))
	}
	b.Run("decoder", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			decodePages(b, pages, func(*exporter.Batch) {})
		}
	})
	b.Run("floor/encoding-json", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			unmarshalPages(b, pages)
		}
	})
	b.Run("memory", func(b *testing.B) {
		var first, peak uint64
		for b.Loop() {
			before := heapInUse()
			first, peak = 0, 0
			decodePages(b, pages, func(batch *exporter.Batch) {
				used := heapInUse() - before
				runtime.KeepAlive(batch)
				if first == 0 {
					first = used
				}
				peak = max(peak, used)
			})
		}
		b.ReportMetric(float64(peak)/float64(first), "peak-pages")
		b.ReportMetric(float64(peak), "peak-B")
	})
}

// decodePages does what the client does with answers; held is called while an
// answer and its records are in memory.
func decodePages(b *testing.B, pages [][]byte, held func(*exporter.Batch)) {
	records := 0
	for _, page := range pages {
		d := &decoder{now: noon, skip: func(string) {}, unknown: func(exporter.Service, string) {}}
		err := envelope.Open("getmeas", http.StatusOK, page, func(body *fastjson.Value) {
			batch := d.decode(exporter.Measure, body)
			records += len(batch.Records)
			held(&batch)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if records != historyGroups {
		b.Fatalf("%d records, want %d", records, historyGroups)
	}
}

// plainAnswer is getmeas in structs, with nothing tolerated.
type plainAnswer struct {
	Status int `json:"status"`
	Body   struct {
		UpdateTime int64  `json:"updatetime"`
		Timezone   string `json:"timezone"`
		More       int    `json:"more"`
		Offset     int    `json:"offset"`
		Groups     []struct {
			ID       int64 `json:"grpid"`
			Attrib   int   `json:"attrib"`
			Date     int64 `json:"date"`
			Created  int64 `json:"created"`
			Modified int64 `json:"modified"`
			Category int   `json:"category"`
			Measures []struct {
				Value    int64 `json:"value"`
				Type     int   `json:"type"`
				Unit     int   `json:"unit"`
				Position *int  `json:"position"`
			} `json:"measures"`
		} `json:"measuregrps"`
	} `json:"body"`
}

func unmarshalPages(b *testing.B, pages [][]byte) {
	groups := 0
	for _, page := range pages {
		var answer plainAnswer
		if err := json.Unmarshal(page, &answer); err != nil {
			b.Fatal(err)
		}
		groups += len(answer.Body.Groups)
	}
	if groups != historyGroups {
		b.Fatalf("%d groups, want %d", groups, historyGroups)
	}
}
