package notify

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkForged is what the receiver itself does about a forged post, without what a web server does about any request.
func BenchmarkForged(b *testing.B) {
	for name, path := range map[string]string{"no secret": Prefix + "x", "a wrong secret": Path(annasSecret[:42] + "E"), "too many": Path(annasSecret)} {
		b.Run(name, func(b *testing.B) {
			h := newHall()
			w := &nowhere{header: http.Header{}}
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, path, strings.NewReader("userid=1&appli=1"))
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

// nowhere is a response that nobody reads.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(int)             {}
