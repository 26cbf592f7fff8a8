package testrun

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAPageIsWhatIsAnsweredWith200(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
		_, _ = w.Write([]byte("hello"))
	}))
	if text, err := Page(server.URL); err != nil || text != "hello" {
		t.Errorf("%q, %v", text, err)
	}
	if status, text, err := Answer(server.URL + "/gone"); err != nil || status != http.StatusGone || text != "hello" {
		t.Errorf("%d, %q, %v", status, text, err)
	}
	if _, err := Page(server.URL + "/gone"); err == nil {
		t.Error("a page that is gone is one")
	}
	server.Close()
	if _, err := Page(server.URL); err == nil {
		t.Error("a server that is closed answers")
	}
}
