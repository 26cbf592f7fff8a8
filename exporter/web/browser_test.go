package web

import (
	"fmt"
	"maps"
	"math"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter/chart"
	"withings-exporter/exporter/internal/browser"
	"withings-exporter/exporter/testrun"
)

// drawn is a chart of thirty days with a few gaps.
func drawn(label string, from float64, bars bool, lower float64) func() *chart.Chart {
	return func() *chart.Chart {
		c := &chart.Chart{Label: label, Bars: bars}
		for i := range 30 {
			day := chart.Day{Date: now.AddDate(0, 0, i-29), Value: from + math.Sin(float64(i)), Known: i%7 != 3}
			day.Text = fmt.Sprintf("%.1f", day.Value)
			c.Days = append(c.Days, day)
			if lower > 0 {
				day.Value -= lower
				day.Text = fmt.Sprintf("%.1f", day.Value)
				c.Lower = append(c.Lower, day)
			}
		}
		return c
	}
}

// pagesOf are the conditions of a page, by what somebody sees.
func pagesOf() map[string]Status {
	full := fine("Anna Wilhelmina Müller-Lüdenscheidt")
	full.Zone = time.FixedZone("Europe/Oslo", 3600)
	full.Asked, full.Sent = "A poll asks whether a device has synchronised, and then for what that device may have sent. Most readings come at 6:00–23:30; at other hours polls are fewer.", "14 in the last hour, 1,352 in the last 24 hours"
	full.NotAllowed = "heart, stetho"
	full.Readings = []Reading{
		{Label: "Weight", Value: "72.5", Unit: "kg", At: now.Add(-2 * time.Hour), Chart: drawn("Weight", 72, false, 0)},
		{Label: "Blood pressure", Value: "128/82", Unit: "mmHg", At: now.Add(-26 * time.Hour), Chart: drawn("Blood pressure", 128, false, 40)},
		{Label: "Steps today", Value: "12,345", At: now.Add(-time.Minute), Chart: drawn("Steps", 9000, true, 0)},
		{Label: "Sleep score", Value: "81", At: now.Add(-5 * time.Hour)},
		{Label: "ECG", Value: "not classified", At: now.Add(-50 * time.Hour), Page: ECGPage("Anna", 7)},
	}
	mum := Profile{Name: "Mum", State: StateAuthorize, Command: "withings-exporter auth Mum"}
	broken := full
	broken.Name, broken.State, broken.Since = "Ben", StateFailing, now.Add(-3*time.Hour)
	broken.Causes = []Cause{{Text: "InfluxDB: cannot reach http://influx.example.org:8086/api/v2/write?org=home&bucket=withings: connection refused.", Do: "It catches up by itself."}}
	broken.Services = append(broken.Services[:1:1], Service{Name: "InfluxDB", Sink: true, LastSuccess: now.Add(-3 * time.Hour), Err: "x", Told: true, FailingSince: now.Add(-3 * time.Hour)})
	noted := full
	noted.Name, noted.State, noted.Notes = "Cleo", StateNoted, []string{"InfluxDB rejects 12 points of withings_body: older than the retention policy allows."}
	paused := full
	paused.Name, paused.State, paused.NextPoll = "Dora", StateCooling, now.Add(time.Minute)
	reading := fine("Noé")
	reading.State, reading.Polling, reading.Headline, reading.NextPoll = StateWaiting, true, "First reading under way: 11 of 11 services are read up to now, and the past of 4 of 9.", time.Time{}
	reading.Services = append(reading.Services, Service{Name: "sleep", LastSuccess: now, Note: "read up to now, the past is still being read"}, Service{Name: "heart"})
	again := fine("Ines")
	again.State, again.Polling, again.Headline = StateWaiting, true, "Known from before the restart: Withings was last asked 3 days ago. What is new since then is being read."
	away := []Profile{full, fine("Ben"), fine("Cleo"), fine("Dora"), fine("Eve")}
	for i := range away {
		away[i].State, away[i].Since = StateFailing, now.Add(-3*time.Hour)
		away[i].Causes = []Cause{{Text: "Cannot reach Withings: dial tcp: lookup wbsapi.withings.net: no such host.", Do: "The exporter keeps trying, and known values stay available."}}
		away[i].Services[0].Err, away[i].Services[0].Told, away[i].Services[0].FailingSince = "x", true, now.Add(-3*time.Hour)
	}
	empty := Profile{Name: "Nobody yet", State: StateOK, NextPoll: now.Add(time.Minute), TokenExpiry: now.Add(time.Hour),
		Services: []Service{{Name: "measure", LastSuccess: now}, {Name: "sleep", LastSuccess: now, Note: "asked once a day: no device of this account records it"}}}
	apart, long, right := full, full, full
	apart.Name, apart.Zone = "Zoe\u0308 Mu\u0308ller", time.FixedZone("Pacific/Kiritimati", 14*3600)
	long.Name, long.Zone = strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 5)+" the elder", time.FixedZone("Pacific/Pago_Pago", -11*3600)
	right.Name, right.Zone = "\u05d3\u05d5\u05d3 \u05db\u05d4\u05df", time.FixedZone("Asia/Jerusalem", 2*3600)
	thirty := []Profile{broken, mum}
	for i := range 28 {
		thirty = append(thirty, fine(fmt.Sprintf("Person %02d", i)))
	}
	thirty[9].Name, thirty[11].Name = long.Name, right.Name
	var many []Profile
	for i := range 600 {
		many = append(many, fine(fmt.Sprintf("Person %03d", i)))
	}
	many[3].State, many[5].State = StateFailing, StateAuthorize
	return map[string]Status{
		"fresh":          {},
		"in order":       {Profiles: []Profile{full, fine("Ben")}, Requests: "Requests to Withings: 76 in the last hour."},
		"not authorised": {Profiles: []Profile{mum}},
		"first poll":     {Profiles: []Profile{{Name: "Noé", State: StateWaiting, NextPoll: now, Services: []Service{{Name: "sleep"}}}}},
		"broken":         {Profiles: []Profile{full, broken, mum, noted, paused}, Notes: []string{"The state of Eve was damaged and is now eve.state.damaged-20260131."}},
		"many":           {Profiles: many},
		"first minute":   {Profiles: []Profile{reading, again, {Name: "Mia", State: StateWaiting, NextPoll: now, Services: []Service{{Name: "sleep"}}}}},
		"withings away":  {Profiles: away},
		"no data":        {Profiles: []Profile{empty}},
		"names":          {Profiles: []Profile{apart, long, right}},
		"thirty":         {Profiles: thirty},
	}
}

// TestEverybodyCanReadThePage shows every condition on a telephone, a tablet and a large
// screen, by day and by night, has axe-core judge it, and looks for what reaches over the edge.
func TestEverybodyCanReadThePage(t *testing.T) {
	testrun.Unraced(t, "the browser asks for one page after the other, as other tests do")
	axe, err := os.ReadFile(testrun.Axe.Path(t))
	if err != nil {
		t.Fatal(err)
	}
	b := browser.New(t)
	for name, status := range pagesOf() {
		server := httptest.NewServer(newServer(t, withStatus(status)).Handler())
		defer server.Close()
		for _, width := range []int{400, 800, 1600} {
			for _, dark := range []bool{false, true} {
				what := fmt.Sprintf("%s %d %v", name, width, map[bool]string{true: "dark", false: "light"}[dark])
				b.Screen(width, dark)
				b.Open(server.URL + "/?from=500") // the second page of many people, which has a hundred
				b.Picture(what)
				b.Text(`document.querySelectorAll("details").forEach((one) => one.open = true)`)
				if over := b.Text("document.documentElement.scrollWidth - document.documentElement.clientWidth"); over != "0" {
					t.Errorf("%s: %s pixels reach over the edge", what, over)
				}
				b.Text(string(axe) + "; 0")
				if found := b.Text(`axe.run().then((all) => all.violations.filter((v) => ["serious", "critical"].includes(v.impact))
					.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary).join(" | ")).join("\n"))`); found != "" {
					t.Errorf("%s: %s", what, found)
				}
			}
		}
	}
}

// TestThePageRenewsItselfAndStaysWhereItIs has somebody read the last of three people while news of the first arrive, with
// a part opened and a text selected; then the exporter is gone, and the page says so.
func TestThePageRenewsItselfAndStaysWhereItIs(t *testing.T) {
	b := browser.New(t)
	var later atomic.Bool
	people := []Profile{fine("Anna"), fine("Ben"), fine("Cleo")}
	s := newServer(t, func(o *Options) {
		o.Status = func() Status {
			all := append([]Profile(nil), people...)
			if later.Load() {
				all[0].State, all[0].Headline = StateNoted, "News of Anna."
				all[0].Notes = []string{strings.Repeat("A long note. ", 80)}
				all[2].Readings = []Reading{{Label: "Weight", Value: "99.9", Unit: "kg", At: now}}
			}
			return Status{Now: now, Started: now, Profiles: all}
		}
	})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	b.Screen(400, false)
	b.Open(server.URL)
	b.Text(`document.querySelectorAll("details").forEach((one) => one.open = true); document.querySelector("#profile-Cleo").scrollIntoView();
		getSelection().selectAllChildren(document.querySelector("#profile-Ben h2")); 0`)
	const where = `Math.round(document.querySelector("#profile-Cleo").getBoundingClientRect().top)`
	before := b.Text(where)
	later.Store(true)
	look(b, `document.querySelector("#profile-Anna").innerText.includes("News of Anna.")`)
	for what, want := range map[string]string{
		where: before,
		`document.querySelector("#profile-Cleo").innerText.includes("99.9")`: "true",
		`document.querySelectorAll("details[open]").length`:                  "3",
		`getSelection().toString().trim()`:                                   "Ben",
		`document.title`:                                                     "withings-exporter: 3 profiles, 1 OK with notes, 2 OK",
		`document.querySelector(".lost").hidden`:                             "true",
	} {
		if got := b.Text(what); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	server.Close()
	look(b, `!document.querySelector(".lost").hidden`)
	page := b.Text(`document.body.innerText`)
	if !strings.Contains(page, "The exporter does not answer") || !strings.Contains(page, "Cleo") || strings.Contains(page, "keeps itself up to date") {
		t.Errorf("without the exporter the page is %s", page)
	}
}

// look has the page come into sight again, when it looks for news, and returns once an expression is true.
func look(b *browser.Browser, until string) {
	b.Text(`document.dispatchEvent(new Event("visibilitychange")); new Promise((done) => {
		const look = () => ` + until + ` ? done("") : requestAnimationFrame(look); look() })`)
}

// TestThePageTellsWhatIsWrongWhateverItsReaderDoes has something go wrong, and be put right, while somebody has opened
// something, selected something, or gone to a link. All of the page follows, and what they have stays.
func TestThePageTellsWhatIsWrongWhateverItsReaderDoes(t *testing.T) {
	b := browser.New(t)
	var minutes atomic.Int32
	s := newServer(t, func(o *Options) {
		o.Status = func() Status {
			at := now.Add(time.Duration(minutes.Load()) * time.Minute)
			anna, ben := fine("Anna"), fine("Ben")
			ben.Readings = append(ben.Readings, Reading{Label: "ECG", Value: "normal", At: now.AddDate(0, 0, -1), Page: ECGPage("Ben", 7)})
			if minutes.Load() == 1 {
				ben.State, ben.Since, ben.Causes = StateFailing, at, []Cause{{Text: "The disk is full.", Do: "Make room."}}
				anna.Readings[0].Value = "99.9"
			}
			return Status{Now: at, Started: now, Profiles: []Profile{anna, ben}}
		}
	})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	const selected = `getSelection().toString().replaceAll(/\s+/g, " ")`
	for _, reader := range []struct {
		name, does, has, want string
		click                 bool
	}{
		{name: "opens details", does: "#profile-Ben summary", click: true, has: `document.activeElement.closest("details[open]").textContent.slice(0, 8)`, want: "Services"},
		{name: "selects a card", does: `getSelection().selectAllChildren(document.querySelector("#profile-Ben .readings")); 0`,
			has: selected, want: "Weight 72.5 kg 2 hours ago ECG normal 24 hours ago"},
		{name: "selects a word", does: `const time = document.querySelector("[data-part=taken] time").firstChild; getSelection().setBaseAndExtent(time, 0, time, 10); 0`,
			has: selected, want: "2026-01-31"},
		{name: "goes to a link", does: `document.querySelector("#profile-Ben .readings a").focus()`, has: `document.activeElement.textContent`, want: "normal"},
	} {
		t.Run(reader.name, func(t *testing.T) {
			minutes.Store(0)
			b.Open(server.URL)
			if reader.click {
				b.Click(reader.does)
			} else {
				b.Text(reader.does)
			}
			for i, shown := range []struct{ summary, weight, trouble string }{
				{summary: "2 profiles, 1 failing, 1 OK", weight: "99.9 kg", trouble: "What is wrong Ben: The disk is full."},
				{summary: "2 profiles, all OK", weight: "72.5 kg"},
			} {
				minute := i + 1
				minutes.Store(int32(minute))
				look(b, fmt.Sprintf(`document.querySelector("footer").innerText.includes("As of 2026-01-31 08:1%d:00")`, 5+minute))
				for what, want := range map[string]string{
					`document.querySelector(".summary").innerText`: shown.summary,
					`document.title`: "withings-exporter: " + shown.summary,
					`document.querySelector(".summary").classList.contains("trouble")`:                                        fmt.Sprint(shown.trouble != ""),
					`document.querySelectorAll("#profile-Ben.failing").length > 0`:                                            fmt.Sprint(shown.trouble != ""),
					`document.querySelector("#profile-Anna .readings .value").innerText`:                                      shown.weight,
					`(document.querySelector("section.trouble")?.innerText ?? "").replaceAll(/\s+/g, " ").split(" Began")[0]`: shown.trouble,
					reader.has: reader.want,
				} {
					if got := b.Text(what); got != want {
						t.Errorf("after %d minutes %s: got %q, want %q", minute, what, got, want)
					}
				}
			}
		})
	}
}

// TestThePageFollowsAnOrderOfProfiles has profiles change places while somebody is at a link of one that moves.
func TestThePageFollowsAnOrderOfProfiles(t *testing.T) {
	b := browser.New(t)
	var turned atomic.Bool
	s := newServer(t, func(o *Options) {
		o.Status = func() Status {
			all := []Profile{fine("Anna"), fine("Ben"), fine("Cleo")}
			if turned.Load() {
				slices.Reverse(all)
				all[0].Readings[0].Value = "99.9"
			}
			return Status{Now: now, Started: now, Profiles: all}
		}
	})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	b.Open(server.URL)
	b.Click("#profile-Cleo summary")
	turned.Store(true)
	look(b, `document.querySelector("#profile-Cleo").innerText.includes("99.9")`)
	const order = `[...document.querySelectorAll(".card h2")].map((one) => one.innerText).join() + " " + document.activeElement.closest(".card").id`
	if got, want := b.Text(order), "Cleo,Ben,Anna profile-Cleo"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestThePageBecomesWhatANewOneIs goes through the conditions of a page, and compares each with one that was just opened.
func TestThePageBecomesWhatANewOneIs(t *testing.T) {
	testrun.Unraced(t, "the browser asks for one page after the other, as other tests do")
	b := browser.New(t)
	conditions := pagesOf()
	names := slices.Sorted(maps.Keys(conditions))
	var at atomic.Int32
	s := newServer(t, func(o *Options) {
		o.Status = func() Status {
			is := conditions[names[at.Load()]]
			is.Now = now.Add(time.Duration(at.Load()) * time.Second)
			is.Started = is.Now
			return is
		}
	})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	b.Open(server.URL)
	for i := range names {
		at.Store(int32(i))
		look(b, fmt.Sprintf(`document.querySelector("[data-part=taken] time").dateTime.includes(":15:%02d")`, i))
		if differ := b.Text(`fetch("/", { headers: { Accept: "text/html" } }).then((a) => a.text()).then((text) => {
			const fresh = new DOMParser().parseFromString(text, "text/html"), live = document.cloneNode(true);
			[fresh, live].forEach((page) => page.querySelectorAll("details").forEach((one) => one.open = false));
			return ["header", "main", "footer"].filter((name) => !live.querySelector(name).isEqualNode(fresh.querySelector(name))).join() })`); differ != "" {
			t.Errorf("%s differs from a page that was just opened: %s", names[i], differ)
		}
	}
}
