package reach

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
)

// overHTTP2 starts a server with HTTP/2 and returns a client that trusts it.
func overHTTP2(t *testing.T, h http.HandlerFunc) (*http.Client, string) {
	t.Helper()
	server := quiet(h)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport := Transport()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return &http.Client{Transport: transport}, server.URL
}

func TestRequestsGoOverHTTP2WhereTheServerSpeaksIt(t *testing.T) {
	client, address := overHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto+" "+r.FormValue("action")+" "+r.Header.Get("Authorization"))
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("action=getmeas"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer abc")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if got, want := string(body), "HTTP/2.0 getmeas Bearer abc"; err != nil || got != want {
		t.Errorf("the server saw %q (%v), want %q", got, err, want)
	}
}

func TestAnHTTP2AnswerThatBreaksOffIsExplained(t *testing.T) {
	client, address := overHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	})
	for _, path := range []string{"/", "/half"} {
		answer, err := client.Post(address+path, "text/plain", nil)
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
		}
		if err == nil {
			t.Fatalf("%s is answered whole", path)
		}
		if what, hint := Explain(err); what != "its answer breaks off" || hint == "" {
			t.Errorf("%s: %v is told as %q, %q", path, err, what, hint)
		}
	}
}
