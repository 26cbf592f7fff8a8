package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

func TestClockRunsAtItsSpeedAndNeverBack(t *testing.T) {
	c, real := newCloud(t, Options{Speed: 60})
	if !c.Now().Equal(testStart) {
		t.Errorf("starts at %v, want %v", c.Now(), testStart)
	}
	real.move(time.Minute)
	if want := testStart.Add(time.Hour); !c.Now().Equal(want) {
		t.Errorf("after a minute at speed 60: %v, want %v", c.Now(), want)
	}
	c.Advance(-time.Hour)
	real.move(-time.Hour)
	if want := testStart.Add(time.Hour); !c.Now().Equal(want) {
		t.Errorf("went back to %v", c.Now())
	}
	c.Advance(48 * time.Hour)
	real.move(time.Hour)
	if want := testStart.Add(49 * time.Hour); !c.Now().Equal(want) {
		t.Errorf("after Advance: %v, want %v", c.Now(), want)
	}
}

func TestCounts(t *testing.T) {
	c, _ := newCloud(t, Options{})
	anna, ben := visit(c, Full), visit(c, Scale)
	for range 3 {
		anna.call(t, "/measure", params{"action": "getmeas", "lastupdate": epoch(testStart)})
	}
	ben.call(t, "/measure", params{"action": "getmeas", "lastupdate": "x"})
	post(t, c, "/measure", "garbage", params{"action": "getmeas"})
	for _, test := range []struct {
		action string
		user   int64
		status int
		want   int
	}{
		{"getmeas", 0, AnyStatus, 5}, {"getmeas", anna.user, 0, 3}, {"getmeas", ben.user, 503, 1},
		{"getmeas", 0, 401, 1}, {"requesttoken", 0, 0, 2}, {"", anna.user, AnyStatus, 4}, {"getactivity", 0, AnyStatus, 0},
	} {
		if got := c.Count(test.action, test.user, test.status); got != test.want {
			t.Errorf("Count(%q, %d, %d) = %d, want %d", test.action, test.user, test.status, got, test.want)
		}
	}
	if last := c.Requests(); len(last) != 7 || last[6].Status != 401 || last[6].Service != "measure" {
		t.Errorf("requests %+v", last)
	}
}

func TestJournalIsBounded(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for range 2*journalSize + 10 {
		c.journal.add(Request{Action: "getmeas"})
	}
	if n := len(c.Requests()); n > journalSize || n < journalSize/2 {
		t.Errorf("%d requests are kept", n)
	}
	if n := c.Count("getmeas", 0, AnyStatus); n != 2*journalSize+10 {
		t.Errorf("%d are counted", n)
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	c, _ := newCloud(t, Options{})
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", 404}, {http.MethodPost, "/oauth2/token", 404}, {http.MethodPut, "/measure", 405},
	} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.want {
			t.Errorf("%s %s: HTTP %d, want %d", test.method, test.path, w.Code, test.want)
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	c, real := newCloud(t, Options{People: 9, Speed: 60})
	var group sync.WaitGroup
	for _, p := range c.People() {
		v := &visitor{c: c, user: p.ID}
		everyCall(t, v) // signs in: a code would not survive the jumps below
		group.Go(func() {
			for range 3 {
				everyCall(t, v)
				real.move(time.Second)
			}
		})
	}
	group.Go(func() {
		for range 20 {
			p := c.people[Full]
			if groups := c.Measures(p.ID, c.Now().AddDate(0, 0, -20), c.Now()); len(groups) > 0 {
				_ = c.CorrectGroup(p.ID, groups[0].ID, groups[0].Measures[0].Type, 1, 0)
				_ = c.DeleteGroup(p.ID, groups[len(groups)-1].ID)
			}
			_ = c.MoveTo(p.ID, []string{"Asia/Tokyo", "Europe/Vienna"}[real.now().Second()%2])
			c.Inject(Fault{Kind: FaultUnknowns, Action: "getworkouts", Times: 1})
			c.People()
			c.Requests()
			c.Advance(time.Minute)
		}
	})
	group.Wait()
	if c.Count("getmeas", 0, 0) == 0 {
		t.Error("nothing was answered")
	}
}

// everyCall makes one call of each kind; any status is fine, only JSON must come back.
func everyCall(t *testing.T, v *visitor) {
	since := epoch(v.c.Now().AddDate(0, 0, -10))
	v.call(t, "/measure", params{"action": "getmeas", "lastupdate": since})
	v.call(t, "/v2/measure", params{"action": "getactivity", "lastupdate": since})
	v.call(t, "/v2/measure", params{"action": "getworkouts", "lastupdate": since})
	v.call(t, "/v2/measure", params{"action": "getintradayactivity", "startdate": since})
	v.call(t, "/v2/sleep", params{"action": "getsummary", "lastupdate": since})
	v.call(t, "/v2/heart", params{"action": "list", "startdate": since})
	v.call(t, "/v2/user", params{"action": "getdevice"})
}

// FuzzRequest sends any parameters to every service: the answer must be an envelope.
func FuzzRequest(f *testing.F) {
	f.Add("/measure", "action=getmeas&lastupdate=0&offset=3&meastypes=1,4")
	f.Add("/measure", "action=getmeas&startdate=-9223372036854775808&enddate=9223372036854775807")
	f.Add("/v2/measure", "action=getactivity&startdateymd=0001-01-01&enddateymd=9999-12-31")
	f.Add("/v2/measure", "action=getintradayactivity&startdate=-1&enddate=99999999999999")
	f.Add("/v2/measure", "action=getintradayactivity&enddate=-9223372036854775808")
	f.Add("/v2/sleep", "action=get&startdate=-9223372036854775808&enddate=9223372036854775807")
	f.Add("/v2/sleep", "action=getsummary&data_fields=,,&lastupdate=-5")
	f.Add("/v2/heart", "action=get&signalid=9223372036854775807")
	f.Add("/notify", "action=update&appli=1")
	f.Add("/v2/oauth2", "action=requesttoken&grant_type=refresh_token")
	c, _ := newCloud(f, Options{Years: 1})
	pair := signIn(f, c, c.people[Full].ID, allScopes)
	f.Fuzz(func(t *testing.T, path, query string) {
		if _, ok := c.services[path]; !ok {
			return
		}
		form, err := url.ParseQuery(query)
		if err != nil || form.Get("action") == "subscribe" || form.Has("new_callbackurl") {
			return // callbacks would leave this machine
		}
		r := httptest.NewRequest(http.MethodPost, path+"?"+form.Encode(), nil)
		r.Header.Set("Authorization", "Bearer "+pair.Access)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		var envelope struct {
			Status *int `json:"status"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil || envelope.Status == nil {
			t.Errorf("answer %.100q: %v", w.Body.String(), err)
		}
	})
}

// FuzzText compares our JSON strings with the standard library's reading of them.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "Europe/Vienna", `{"1":[0]}`, "a\x00\n\u2028", "Zoë", "back\\slash", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got, want string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		standard, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(standard, &want); err != nil || got != want {
			t.Errorf("%q reads as %q, want %q", s, got, want)
		}
	})
}

// BenchmarkFullHistory answers all measure groups of five years, page by page, as a first poll would ask.
func BenchmarkFullHistory(b *testing.B) {
	for b.Loop() {
		c, _ := newCloud(b, Options{})
		visit(c, Full).all(b, "/measure", params{"action": "getmeas", "lastupdate": "0"})
	}
}

// BenchmarkPoll answers the call that an exporter makes every few minutes.
func BenchmarkPoll(b *testing.B) {
	c, _ := newCloud(b, Options{})
	v := visit(c, Full)
	since := epoch(testStart.Add(-10 * time.Minute))
	for b.Loop() {
		v.call(b, "/measure", params{"action": "getmeas", "lastupdate": since})
	}
}
