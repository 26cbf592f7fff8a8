package stage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
)

func TestTheDoorLeadsWhereItIsOpened(t *testing.T) {
	door := &Door{}
	client := &http.Client{Transport: door}
	if _, err := client.Head(DoorURL + "/notify/x"); err == nil {
		t.Error("a shut door answers")
	}
	door.Open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.RequestURI, body)
	}))
	answer, err := client.Post(DoorURL+"/notify/x?y", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if got, want := string(text), "POST /notify/x?y hello"; got != want || answer.StatusCode != http.StatusTeapot {
		t.Errorf("status %d, %q; want 418, %q", answer.StatusCode, got, want)
	}
	if n := len(door.Knocks()); n != 2 {
		t.Errorf("%d knocks, want 2", n)
	}
}

func TestTheProxyLeadsWhereItIsTold(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	defer server.Close()
	proxy := NewProxy(t)
	if status, _ := Get(t, proxy.URL+"/notify/x"); status != http.StatusBadGateway {
		t.Errorf("before: status %d", status)
	}
	proxy.Lead(strings.TrimPrefix(server.URL, "http://"))
	if status, text := Get(t, proxy.URL+"/notify/x"); status != http.StatusOK || text != "/notify/x" {
		t.Errorf("after: status %d, %q", status, text)
	}
}

// TestAToldWorldGetsItsNotifications subscribes by hand.
func TestAToldWorldGetsItsNotifications(t *testing.T) {
	var came []string
	InBubbleOf(t, t.TempDir(), func(w *World) {
		w.Settings.ExternalURL = DoorURL
		w.Entrance = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if r.URL.Path == "/by-hand" {
				came = append(came, r.Method+" "+strings.TrimSuffix(string(body), "&foo=bar"))
			}
		})
		w.Play()
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(time.Minute)
		ctx := context.Background()
		token, err := auth.NewStore(w.Set.Dir, "Anna", w.Settings.ClientID, w.Settings.Now).Load(ctx)
		w.Try(err)
		form := url.Values{"action": {"subscribe"}, "appli": {"50"}, "callbackurl": {DoorURL + "/by-hand"}, "access_token": {token.AccessToken}}
		answer, err := w.Settings.HTTP.PostForm(w.Settings.APIURL+"/notify", form)
		w.Try(err)
		w.Try(answer.Body.Close())
		w.Try(w.Sim.GetInBed(w.ID("Anna"), w.Sim.Now()))
		w.Pass(time.Second)
		if len(came) != 2 || came[0] != "HEAD " || !strings.HasPrefix(came[1], fmt.Sprintf("POST userid=%d&appli=50&date=", w.ID("Anna"))) {
			t.Errorf("came: %q", came)
		}
	})
}
