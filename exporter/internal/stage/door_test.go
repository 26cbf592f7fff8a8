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
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
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
	entrance := func(*profiles.Set) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			came = append(came, r.Method+" "+r.URL.Path+" "+string(body))
		})
	}
	InWorldTold(t, time.Hour, simulator.Switches{}, entrance, func(w *World) {
		ctx := context.Background()
		dir, err := statedir.Open(w.Settings.StateDir)
		w.Try(err)
		token, err := auth.NewStore(dir, "Anna", w.Settings.ClientID, w.Settings.Now).Load(ctx)
		w.Try(err)
		form := url.Values{"action": {"subscribe"}, "appli": {"50"}, "callbackurl": {DoorURL + "/by-hand"}, "access_token": {token.AccessToken}}
		answer, err := w.Settings.HTTP.PostForm(w.Settings.APIURL+"/notify", form)
		w.Try(err)
		w.Try(answer.Body.Close())
		w.Try(w.Sim.GetInBed(w.ID("Anna"), w.Sim.Now()))
		w.Pass(time.Second)
		var here []string
		for _, one := range came {
			if strings.Contains(one, "/by-hand") {
				here = append(here, strings.TrimSuffix(one, "&foo=bar"))
			}
		}
		if len(here) != 2 || here[0] != "HEAD /by-hand " || !strings.HasPrefix(here[1], fmt.Sprintf("POST /by-hand userid=%d&appli=50&date=", w.ID("Anna"))) {
			t.Errorf("came: %q", here)
		}
	})
}
