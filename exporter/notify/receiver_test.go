package notify

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
)

// counts is an Observer.
type counts struct {
	mu  sync.Mutex // guards all
	all map[string]int
}

func (c *counts) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]int{}
	}
	c.all[what]++
}

func (c *counts) of(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[what]
}

func (c *counts) Notified(profile string, category int) { c.add(fmt.Sprint(profile, " ", category)) }
func (c *counts) NotificationRefused(reason string)     { c.add(reason) }
func (c *counts) String() string                        { c.mu.Lock(); defer c.mu.Unlock(); return fmt.Sprint(c.all) }

// noon is when the notifications of these tests arrive.
var noon = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

const anna, annasSecret, bensSecret = "41730256", Secret("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), Secret("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

// hall is a receiver with a box of Anna and one of Ben, and what they were told.
type hall struct {
	*Receiver
	counts  counts
	annas   *Box
	mu      sync.Mutex // guards what follows
	told    []exporter.Hint
	bed     []exporter.BedEvent
	blocked chan struct{} // if not nil, whoever is told waits for it to be closed
}

func newHall() *hall {
	h := &hall{annas: NewBox("Anna")}
	h.Receiver = NewReceiver(&h.counts, func() time.Time { return noon })
	for box, is := range map[*Box]struct {
		owner  string
		secret Secret
	}{h.annas: {anna, annasSecret}, NewBox("Ben"): {"41730257", bensSecret}} {
		h.move(box, is.secret)
		box.Give(Taker{
			Owner: func() string { return is.owner },
			All:   func() []exporter.Service { return []exporter.Service{exporter.Measure, exporter.Device} },
			Tell: func(hint exporter.Hint) {
				h.wait()
				h.mu.Lock()
				defer h.mu.Unlock()
				h.told = append(h.told, hint)
			},
			Bed: func(_ string, e exporter.BedEvent) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.bed = append(h.bed, e)
			},
		})
	}
	return h
}

func (h *hall) wait() {
	if h.blocked != nil {
		<-h.blocked
	}
}

// send sends one request straight to the receiver.
func (h *hall) send(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body)))
	return w
}

func TestANotificationTellsWhoseServicesHaveNewsOfWhen(t *testing.T) {
	day := exporter.Span{From: time.Date(2026, 7, 14, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 7, 16, 12, 0, 0, 0, time.UTC)}
	night := exporter.Span{From: time.Unix(1784065560, 0).UTC(), To: time.Unix(1784093101, 0).UTC()}
	some := []exporter.Service{exporter.Measure, exporter.Device}
	for _, c := range []struct {
		name, body string
		category   int
		services   []exporter.Service // nil: nobody is told
		span       exporter.Span
	}{
		{"a weigh-in", "userid=41730256&appli=1&startdate=1784094310&enddate=1784094311", 1, []exporter.Service{exporter.Measure},
			exporter.Span{From: time.Unix(1784094310, 0).UTC(), To: time.Unix(1784094312, 0).UTC()}},
		{"one that begins and ends in the same second", "userid=41730256&appli=4&startdate=1784094310&enddate=1784094310", 4, []exporter.Service{exporter.Measure},
			exporter.Span{From: time.Unix(1784094310, 0).UTC(), To: time.Unix(1784094311, 0).UTC()}},
		{"a day, in any time zone", "userid=41730256&appli=16&date=2026-07-15", 16, Services(16), day},
		{"a day as a moment", "userid=41730256&appli=16&date=1784094310", 16, Services(16), exporter.Span{}},
		{"a night, with fields of the documentation's sample", "userid=41730256&appli=44&startdate=1784065560&enddate=1784093100&foo=bar", 44, Services(44), night},
		{"dates as days", "userid=41730256&appli=44&startdate=2026-07-15&enddate=2026-07-15", 44, Services(44), day},
		{"an ECG that failed", "userid=41730256&appli=55&date=1784094310&deviceid=d20b", 55, []exporter.Service{exporter.Heart}, exporter.Span{}},
		{"a stethoscope", "userid=41730256&appli=61&date=2026-07-15", 61, []exporter.Service{exporter.Stetho}, day},
		{"heart rate variability", "userid=41730256&appli=62&date=2026-07-15", 62, []exporter.Service{exporter.Intraday}, day},
		{"without a time", "userid=41730256&appli=58", 58, []exporter.Service{exporter.Measure}, exporter.Span{}},
		{"times the wrong way round", "userid=41730256&appli=1&startdate=1784094311&enddate=1784094310", 1, []exporter.Service{exporter.Measure}, exporter.Span{}},
		{"the account is deleted", "userid=41730256&appli=46&action=delete", 46, some, exporter.Span{}},
		{"the authorisation has ended", "userid=41730256&appli=46&action=unlink", 46, some, exporter.Span{}},
		{"the profile has changed", "userid=41730256&appli=46&action=update", 46, nil, exporter.Span{}},
		{"a mat is ready", "userid=41730256&appli=52&date=1784094310&deviceid=77e4", 52, nil, exporter.Span{}},
		{"a device without an account", "userid=41730256&appli=53&deviceid=77e4", 53, nil, exporter.Span{}},
		{"a doubled field", "userid=41730256&userid=1&appli=1&appli=4", 1, []exporter.Service{exporter.Measure}, exporter.Span{}},
		{"escapes and spaces", "userid=+41730256+&appli=%31&x=%zz", 1, []exporter.Service{exporter.Measure}, exporter.Span{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall()
			if w := h.send(http.MethodPost, Path(annasSecret), c.body); w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("answered %d %q, want 200 and nothing", w.Code, w.Body)
			}
			if h.counts.of(fmt.Sprint("Anna ", c.category)) != 1 || len(h.counts.all) != 1 {
				t.Errorf("counted %v, want one of category %d", &h.counts, c.category)
			}
			switch {
			case c.services == nil && len(h.told) > 0, c.services != nil && len(h.told) != 1:
				t.Fatalf("told %v", h.told)
			case c.services == nil:
				return
			}
			if got := h.told[0]; !slices.Equal(got.Services, c.services) || got.Span != c.span || !got.At.Equal(noon) {
				t.Errorf("told %v of %v, want %v of %v", got.Services, got.Span, c.services, c.span)
			}
		})
	}
}

func TestABedEventIsPassedOnWithItsMoment(t *testing.T) {
	const mat = "77e4f1a05cd2438eb9107b36ac5d0e92f48813c6"
	for name, c := range map[string]struct {
		body string
		want []exporter.BedEvent
	}{
		"in":                         {"userid=41730256&appli=50&date=1784065560&deviceid=" + mat, []exporter.BedEvent{{In: true, At: time.Unix(1784065560, 0).UTC(), Device: mat}}},
		"out":                        {"userid=41730256&appli=51&date=1784065560&deviceid=" + mat, []exporter.BedEvent{{At: time.Unix(1784065560, 0).UTC(), Device: mat}}},
		"without a device":           {"userid=41730256&appli=50&date=1784065560", []exporter.BedEvent{{In: true, At: time.Unix(1784065560, 0).UTC()}}},
		"a device that is a text":    {"userid=41730256&appli=50&date=1784065560&deviceid=%3Cb%3E", []exporter.BedEvent{{In: true, At: time.Unix(1784065560, 0).UTC()}}},
		"with a date: just now":      {"userid=41730256&appli=50&date=2026-07-15", []exporter.BedEvent{{In: true, At: noon}}},
		"with the date of tomorrow":  {"userid=41730256&appli=50&date=2026-07-16", []exporter.BedEvent{{In: true, At: noon}}},
		"with the date of last week": {"userid=41730256&appli=50&date=2026-07-08", nil},
		"without a time":             {"userid=41730256&appli=50", nil},
		"with a time of nonsense":    {"userid=41730256&appli=50&date=soon", nil},
		"at the end of all time":     {"userid=41730256&appli=50&date=99999999999999", nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall()
			h.send(http.MethodPost, Path(annasSecret), c.body)
			if !slices.Equal(h.bed, c.want) {
				t.Errorf("got %v, want %v", h.bed, c.want)
			}
			if refused := h.counts.of(Malformed); refused != 1-len(c.want) {
				t.Errorf("counted %v", &h.counts)
			}
		})
	}
}

func TestWhatIsNotForAProfileIsRefusedAndCounted(t *testing.T) {
	const good = "userid=41730256&appli=1"
	for _, c := range []struct {
		name, method, path, body string
		code                     int
		reason                   string // "": it is not counted as refused
	}{
		{"no secret", http.MethodPost, Prefix, good, 404, UnknownPath},
		{"a wrong secret", http.MethodPost, Path(annasSecret[:42] + "E"), good, 404, UnknownPath},
		{"half of a secret", http.MethodPost, Path(annasSecret[:20]), good, 404, UnknownPath},
		{"a secret and more", http.MethodPost, Path(annasSecret) + "/", good, 404, UnknownPath},
		{"a secret in upper case", http.MethodPost, strings.ToUpper(Path(annasSecret)), good, 404, UnknownPath},
		{"a long path", http.MethodPost, Prefix + strings.Repeat("x", 60_000), good, 404, UnknownPath},
		{"HEAD without a secret", http.MethodHead, Prefix, "", 404, UnknownPath},
		{"GET without a secret", http.MethodGet, Prefix, "", 404, UnknownPath},
		{"HEAD", http.MethodHead, Path(annasSecret), "", 200, ""},
		{"GET", http.MethodGet, Path(annasSecret), "", 405, Method},
		{"PUT", http.MethodPut, Path(annasSecret), good, 405, Method},
		{"an empty notification, as at first", http.MethodPost, Path(annasSecret), "", 200, ""},
		{"another person", http.MethodPost, Path(annasSecret), "userid=41730257&appli=1", 200, OtherUser},
		{"another person at the right address of a third", http.MethodPost, Path(bensSecret), good, 200, OtherUser},
		{"nobody", http.MethodPost, Path(annasSecret), "appli=1", 200, Malformed},
		{"nobody, in spaces", http.MethodPost, Path(annasSecret), "userid=++&appli=1", 200, Malformed},
		{"no category", http.MethodPost, Path(annasSecret), "userid=41730256", 200, Malformed},
		{"a category in words", http.MethodPost, Path(annasSecret), "userid=41730256&appli=weight", 200, Malformed},
		{"a category that nobody knows", http.MethodPost, Path(annasSecret), "userid=41730256&appli=99", 200, Malformed},
		{"JSON", http.MethodPost, Path(annasSecret), `{"userid":41730256,"appli":1}`, 200, Malformed},
		{"the largest", http.MethodPost, Path(annasSecret), "userid=41730257&x=" + strings.Repeat("x", maxBody-18), 200, Malformed},
		{"one that is too large", http.MethodPost, Path(annasSecret), good + "&x=" + strings.Repeat("x", maxBody-25), 413, TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall()
			w := h.send(c.method, c.path, c.body)
			if w.Code != c.code || w.Body.Len() != 0 {
				t.Errorf("answered %d %q, want %d and nothing", w.Code, w.Body, c.code)
			}
			if c.reason == "" && len(h.counts.all) > 0 || c.reason != "" && (h.counts.of(c.reason) != 1 || len(h.counts.all) != 1) {
				t.Errorf("counted %v, want %q once", &h.counts, c.reason)
			}
			if len(h.told)+len(h.bed) > 0 {
				t.Errorf("told %v %v, want nothing", h.told, h.bed)
			}
			if asked := h.annas.Asked(); asked.IsZero() == (c.name == "HEAD") {
				t.Errorf("the address was asked at %v", asked)
			}
		})
	}
	if got, want := len(Refusals()), 6; got != want {
		t.Errorf("%d reasons, want %d", got, want)
	}
}

func TestAProfileOfAnUnknownPersonTakesWhatComes(t *testing.T) {
	h := newHall()
	h.annas.Give(Taker{Owner: func() string { return "" }, Tell: func(hint exporter.Hint) { h.told = append(h.told, hint) }})
	if h.send(http.MethodPost, Path(annasSecret), "userid=1&appli=1"); len(h.told) != 1 {
		t.Errorf("told %v, counted %v", h.told, &h.counts)
	}
}

func TestTooManyNotificationsAreDroppedAndAnsweredAsEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall()
		post := func(n int) {
			for range n {
				if w := h.send(http.MethodPost, Path(annasSecret), "userid=41730256&appli=1"); w.Code != http.StatusOK {
					t.Fatalf("answered %d", w.Code)
				}
			}
		}
		post(10_000)
		if h.counts.of("Anna 1") != burst || h.counts.of(TooMany) != 10_000-burst || len(h.told) != burst {
			t.Errorf("counted %v, told %d, want %d taken", &h.counts, len(h.told), burst)
		}
		if w := h.send(http.MethodHead, Path(annasSecret), ""); w.Code != http.StatusOK {
			t.Errorf("HEAD is answered %d", w.Code)
		}
		if h.send(http.MethodPost, Path(bensSecret), "userid=41730257&appli=1"); h.counts.of("Ben 1") != 1 {
			t.Errorf("counted %v, want one of Ben", &h.counts)
		}
		time.Sleep(10 * time.Second)
		if post(100); h.counts.of("Anna 1") != burst+10*perSecond {
			t.Errorf("counted %v, want %d more after ten seconds", &h.counts, 10*perSecond)
		}
	})
}

func TestTheAnswerDoesNotWaitForAnythingToBeDone(t *testing.T) {
	h := newHall()
	h.blocked = make(chan struct{})
	server := httptest.NewServer(h)
	defer server.Close()
	defer close(h.blocked)
	answer, err := http.Post(server.URL+Path(annasSecret), "application/x-www-form-urlencoded", strings.NewReader("userid=41730256&appli=1"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || len(body) > 0 || answer.ContentLength != 0 {
		t.Errorf("answered %d with %q, error %v", answer.StatusCode, body, err)
	}
}

// TestWhoSendsSlowlyOrTooMuchIsCutOff speaks over a real connection: the server waits for what it has not read when it has
// answered.
func TestWhoSendsSlowlyOrTooMuchIsCutOff(t *testing.T) {
	for _, c := range []struct {
		name, path string
		length     int
		body       string
		code       int
	}{
		{"too much at the right address", Path(annasSecret), 200_000, strings.Repeat("x", maxBody+1), 413},
		{"too slowly at the right address", Path(annasSecret), 60, "userid=41730256&", 400},
		{"nothing at the right address", Path(annasSecret), 60, "", 400},
		{"too much elsewhere", Prefix + "x", 200_000, strings.Repeat("x", maxBody+1), 404},
		{"nothing elsewhere", Prefix + "x", 60, "", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall()
			h.readTime = 20 * time.Millisecond
			server := httptest.NewServer(h)
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", c.path, c.length, c.body)
			r := bufio.NewReader(conn)
			answer, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != c.code {
				t.Errorf("answered %d, want %d", answer.StatusCode, c.code)
			}
			if _, err := r.ReadByte(); err == nil { // it would hang if the connection went on
				t.Error("the connection goes on")
			}
			if len(h.told) > 0 {
				t.Errorf("told %v", h.told)
			}
		})
	}
}

func TestAReceiverAnswersOnlyForTheBoxesItServes(t *testing.T) {
	h := newHall()
	carla := NewBox("Carla")
	h.Serve([]*Box{h.annas, carla})
	const third = Secret("CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	h.move(carla, third)
	h.move(h.annas, bensSecret)
	for path, want := range map[string]int{Path(annasSecret): 404, Path(bensSecret): 200, Path(third): 200, Prefix: 404} {
		if w := h.send(http.MethodHead, path, ""); w.Code != want {
			t.Errorf("%s is answered %d, want %d", path, w.Code, want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, body := range []string{
		"userid=41730256&appli=1&startdate=1784094310&enddate=1784094311", "userid=41730256&appli=16&date=2026-07-15",
		"userid=41730256&appli=50&date=1784065560&deviceid=77e4", "userid=41730256&appli=46&action=unlink", "userid=1&appli=44&startdate=0&enddate=9e9",
		"&&=;%", "userid=1&appli=44&startdate=0001-01-01&enddate=9999-12-31",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, ok := read(body)
		if again, _ := read(body); again != m {
			t.Errorf("%+v and then %+v", m, again)
		}
		if !ok && m != (message{}) || ok && m.user == "" {
			t.Errorf("%t %+v", ok, m)
		}
		if !m.span.From.IsZero() && m.span.Empty() || m.span.To.Year() > 9999+1 || len(m.device) > maxDevice {
			t.Errorf("%+v", m)
		}
		h := newHall()
		h.send(http.MethodPost, Path(annasSecret), body)
		if n := len(h.counts.all); len(body) > 0 && n != 1 || len(h.told) > 1 || len(h.bed) > 1 {
			t.Errorf("counted %v, told %v %v", &h.counts, h.told, h.bed)
		}
	})
}
