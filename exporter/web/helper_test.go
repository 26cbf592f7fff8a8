package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// now is the moment at which every status of these tests was taken.
var now = time.Date(2026, 1, 31, 8, 15, 0, 0, time.UTC)

// testOptions are options of a server with nothing special about it.
func testOptions() Options {
	return Options{
		ListenAddresses: []string{"localhost:0"},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "withings_up 1\n")
		}),
		Status:  func() Status { return Status{Now: now, Started: now.Add(-3 * time.Hour)} },
		Version: "1.2.3",
	}
}

// newServer makes a server from testOptions as changed by each function.
func newServer(t *testing.T, change ...func(*Options)) *Server {
	t.Helper()
	opts := testOptions()
	for _, f := range change {
		f(&opts)
	}
	s, err := New(opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// withStatus makes the page show the given status, taken now.
func withStatus(st Status) func(*Options) {
	st.Now, st.Started = now, now.Add(-3*time.Hour)
	return func(o *Options) { o.Status = func() Status { return st } }
}

// withExternal sets the external URL.
func withExternal(address string) func(*Options) {
	return func(o *Options) { o.ExternalURL = address }
}

// do sends one request straight to the handler; headers come as name, value pairs.
func do(t *testing.T, s *Server, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// browse asks for a page as a browser does.
func browse(t *testing.T, s *Server, target string) string {
	t.Helper()
	return do(t, s, http.MethodGet, target, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8").Body.String()
}

// fine is a profile in order.
func fine(name string) Profile {
	return Profile{
		Name: name, State: StateOK, Newest: now.Add(-2 * time.Hour),
		NextPoll: now.Add(50 * time.Second), TokenExpiry: now.Add(150 * time.Minute),
		Services: []Service{{Name: "measure", LastSuccess: now.Add(-4 * time.Minute), Newest: now.Add(-2 * time.Hour), Readings: 96}},
		Readings: []Reading{{Label: "Weight", Value: "72.5", Unit: "kg", At: now.Add(-2 * time.Hour)}},
	}
}
