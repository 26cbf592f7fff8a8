package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"withings-exporter/exporter/words"
)

func TestPageIsHTMLForBrowsersAndTextForTheRest(t *testing.T) {
	tests := []struct{ name, accept, want string }{
		{"browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"},
		{"curl", "*/*", "text/plain; charset=utf-8"},
		{"nothing said", "", "text/plain; charset=utf-8"},
		{"HTML refused", "text/html;q=0, text/plain", "text/plain; charset=utf-8"},
		{"nonsense", ";;;,", "text/plain; charset=utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for path, code := range map[string]int{"/": http.StatusOK, "/nothing": http.StatusNotFound} {
				w := do(t, newServer(t), "GET", path, "Accept", tt.accept)
				if got := w.Header().Get("Content-Type"); w.Code != code || got != tt.want {
					t.Errorf("%s: got %d %q, want %d %q", path, w.Code, got, code, tt.want)
				}
				if got := w.Header().Get("Vary"); got != "Accept" {
					t.Errorf("%s: got Vary %q, want Accept", path, got)
				}
			}
		})
	}
}

func TestAPlaceThatIsPushedToShowsNoReadings(t *testing.T) {
	p := fine("Anna")
	p.Services = []Service{{Name: "InfluxDB", LastSuccess: now.Add(-time.Minute), Sink: true}}
	s := newServer(t, withStatus(Status{Profiles: []Profile{p}}))
	text := do(t, s, "GET", "/").Body.String()
	if !strings.Contains(text, "  InfluxDB         60 seconds ago\n") {
		t.Errorf("text is\n%s", text)
	}
	if page := browse(t, s, "/"); !strings.Contains(page, "<td></td><td></td>") {
		t.Error("the page tells of readings that InfluxDB gives")
	}
}

func TestPageSaysHowEachProfileIsAndWhatToDo(t *testing.T) {
	noted := fine("Nora")
	noted.State, noted.Notes = StateNoted, []string{"12 points are left out."}
	failing := fine("Bert")
	failing.State, failing.Since = StateFailing, now.Add(-3*time.Hour)
	failing.Services[0].Err, failing.Services[0].FailingSince = "connection reset by peer", now.Add(-3*time.Hour)
	tests := []struct {
		name    string
		profile Profile
		want    []string
	}{
		{"in order", fine("Anna"), []string{"OK", "4 minutes ago", "2 hours ago", "in 50 seconds", "valid for 2 hours", "72.5", "kg", "96"}},
		{"not authorised", Profile{Name: "Mum", State: StateAuthorize, Command: "withings-exporter auth Mum"},
			[]string{"Not authorised", "Run the command below.", "Authorise the profile; the exporter picks it up within seconds.", "withings-exporter auth Mum", "Nothing has been read yet."}},
		{"without data", Profile{Name: "N", State: StateOK, Services: []Service{{Name: "sleep", LastSuccess: now}}}, []string{"OK", "Withings has no reading of this person yet.", "sign in with that one, run: withings-exporter auth N"}},
		{"first reading", Profile{Name: "Noé", State: StateWaiting, Polling: true, Services: []Service{{Name: "sleep"}}},
			[]string{"Being read", "The first reading is under way.", "1 profile, being read", "never", "none yet", "under way"}},
		{"about to be read", Profile{Name: "Noé", State: StateWaiting, NextPoll: now, Services: []Service{{Name: "sleep"}}}, []string{"now"}},
		{"unknown state", Profile{Name: "X", State: "puzzled"}, []string{"Being read"}},
		{"failing", failing, []string{"Failing", "3 hours ago", "connection reset by peer", "for 3 hours", "keeps trying"}},
		{"with a note", noted, []string{"OK, see notes", "12 points are left out", "1 profile, OK with notes"}},
		{"paused", Profile{Name: "Cleo", State: StateCooling, NextPoll: now.Add(48 * time.Second)},
			[]string{"Paused", "fewer requests", "in 48 seconds"}},
		{"a note", Profile{Name: "E", State: StateOK, Notes: []string{"Withings leaves something out."}}, []string{"OK", "Withings leaves something out."}},
		{"requests", Profile{Name: "R", State: StateOK, Sent: "14 in the last hour, 1,352 in the last 24 hours"}, []string{"Requests to Withings", "14 in the last hour, 1,352 in the last 24 hours"}},
		{"own words", Profile{Name: "D", State: StateFailing, Headline: "The disk is full.", Do: "Make room."},
			[]string{"The disk is full.", "Make room."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, withStatus(Status{Profiles: []Profile{tt.profile}, Notes: []string{"InfluxDB is away."}, Requests: "Withings was asked now and then."}))
			page := stripTags(browse(t, s, "/"))
			text := strings.Join(strings.Fields(do(t, s, "GET", "/").Body.String()), " ")
			for _, want := range append(tt.want, tt.profile.Name, "1.2.3", "up 3 hours", "InfluxDB is away.", "Withings was asked now and then.") {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q", want)
				}
				if !strings.Contains(text, want) {
					t.Errorf("the text does not say %q:\n%s", want, text)
				}
			}
		})
	}
}

// TestThePageForTerminalsFitsThem has the longest facts that a profile can have.
func TestThePageForTerminalsFitsThem(t *testing.T) {
	p := fine("Anna")
	p.Sent = "14 in the last hour, 1,352 in the last 24 hours"
	p.Asked = "A poll asks whether a device has synchronised, and then for what that device may have sent. In the first days, measure, " +
		"activity, sleep are asked for every quarter of an hour, too, to see whether anything comes without that."
	p.Notifications = &Notifications{Condition: "Withings sends only some kinds, so that polls go on as without", Last: now.Add(-time.Hour)}
	for name, status := range map[string]Status{"nobody": {}, "one": {Profiles: []Profile{p}}} {
		text := do(t, newServer(t, withStatus(status)), "GET", "/").Body.String()
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > words.Columns {
				t.Errorf("%s: too long: %s", name, line)
			}
		}
		if want := "\n  Requests to Withings\n                   14 in the last hour, 1,352 in the last 24 hours\n"; name == "one" && !strings.Contains(text, want) {
			t.Errorf("the label is not told from what it says:\n%s", text)
		}
		if want := "\n    withings-exporter demo\n"; name == "nobody" && !strings.Contains(text, want) {
			t.Errorf("it does not say how to look around:\n%s", text)
		}
	}
}

// TestATokenIsNotCalledValidWhereItIsOfNoUse: its expiry says nothing once Withings has ended the permission.
func TestATokenIsNotCalledValidWhereItIsOfNoUse(t *testing.T) {
	p := fine("Anna")
	p.State, p.Headline, p.Do, p.Command = StateAuthorize, "Withdrawn today.", "Do this or that.", "withings-exporter auth Anna"
	s := newServer(t, withStatus(Status{Profiles: []Profile{p}}))
	text := strings.Join(strings.Fields(do(t, s, "GET", "/").Body.String()), " ")
	if strings.Contains(text, "Access token") {
		t.Errorf("it tells of the token:\n%s", text)
	}
	for _, want := range []string{"Withdrawn today. What to do is said below.", "Do this or that."} {
		if strings.Count(text, want) != 1 {
			t.Errorf("it does not say %q once:\n%s", want, text)
		}
	}
}

// TestOnlyWhatIsShownIsLookedUp counts what is asked for of many people.
func TestOnlyWhatIsShownIsLookedUp(t *testing.T) {
	inFull, inRows := 0, 0
	var profiles []Profile
	for i := range 2000 {
		p := Profile{Name: fmt.Sprintf("Person %04d", i), State: StateOK, Fill: func(p *Profile, full bool) {
			if p.Newest = now.Add(-3 * time.Minute); full {
				inFull++
				p.Services = fine("").Services
			} else {
				inRows++
			}
		}}
		profiles = append(profiles, p)
	}
	for i := range 30 {
		profiles[50+i].State = StateFailing
	}
	s := newServer(t, func(o *Options) {
		o.Status = func() Status { return Status{Now: now, Started: now, Profiles: append([]Profile(nil), profiles...)} }
	})
	page := browse(t, s, "/")
	if inFull != mostCards || inRows != mostRows || strings.Count(page, "3 minutes ago") < mostCards+mostRows {
		t.Errorf("%d in full and %d in rows, want %d and %d, each on the page", inFull, inRows, mostCards, mostRows)
	}
	if inFull = 0; !strings.Contains(browse(t, s, "/?profile=Person+1999"), "4 minutes ago") || inFull != 1 {
		t.Errorf("for one person %d are looked up", inFull)
	}
}

// TestAPollUnderWayIsSaid where the next poll is told.
func TestAPollUnderWayIsSaid(t *testing.T) {
	for want, p := range map[string]Profile{
		"under way":    {Name: "Noé", State: StateOK, Newest: now, Polling: true},
		"now":          {Name: "Noé", State: StateOK, Newest: now, NextPoll: now},
		"in 9 minutes": {Name: "Noé", State: StateOK, Newest: now, NextPoll: now.Add(9 * time.Minute)},
	} {
		text := do(t, newServer(t, withStatus(Status{Profiles: []Profile{p}})), "GET", "/").Body.String()
		if !strings.Contains(text, "  Next poll        "+want+"\n") {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
}

func TestThousandsOfNotesAreNotAllShown(t *testing.T) {
	notes := make([]string, 1012)
	for i := range notes {
		notes[i] = fmt.Sprintf("Note number %d.", i)
	}
	text := do(t, newServer(t, withStatus(Status{Profiles: []Profile{fine("Anna")}, Notes: notes})), "GET", "/").Body.String()
	if got := strings.Count(text, "Note number"); got != 12 || !strings.Contains(text, "The log has 1,000 more of such notes.") {
		t.Errorf("%d notes are shown:\n%s", got, text)
	}
}

// stripTags leaves what a person reads of a page, with single blanks.
func stripTags(page string) string {
	_, page, _ = strings.Cut(page, "</style>")
	page, _, _ = strings.Cut(page, "<script>")
	var b strings.Builder
	for part := range strings.SplitSeq(page, "<") {
		_, text, _ := strings.Cut(part, ">")
		b.WriteString(text)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestPageTellsHowToBeginWithoutProfiles(t *testing.T) {
	s := newServer(t)
	t.Run("as a service", func(t *testing.T) {
		t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
		for name, got := range map[string]string{"page": browse(t, s, "/"), "text": do(t, s, "GET", "/").Body.String()} {
			if !strings.Contains(got, "sudo withings-exporter-service auth NAME --paste") {
				t.Errorf("%s: it is not told:\n%s", name, got)
			}
		}
	})
	for name, got := range map[string]string{"page": browse(t, s, "/"), "text": do(t, s, "GET", "/").Body.String()} {
		if !strings.Contains(got, "withings-exporter auth NAME") || !strings.Contains(got, "no profile yet") {
			t.Errorf("%s does not tell how to begin:\n%s", name, got)
		}
	}
}

func TestPageEscapesWhatItShows(t *testing.T) {
	evil := `<script>alert("1")</script>`
	p := fine(evil)
	p.State, p.Headline, p.Do, p.Command, p.Notes = StateFailing, evil, evil, evil, []string{evil}
	p.Services[0].Name, p.Services[0].Err = evil, evil
	p.Readings[0] = Reading{Label: evil, Value: evil, Unit: evil}
	s := newServer(t, withStatus(Status{Profiles: []Profile{p}, Notes: []string{evil}}), func(o *Options) { o.Version = evil })
	page := browse(t, s, "/")
	if strings.Contains(page, "<script>alert") {
		t.Error("a text of the status became markup")
	}
	if got := strings.Count(page, "&lt;script&gt;"); got != 13 {
		t.Errorf("got %d escaped texts, want all 13 to be shown", got)
	}
}

func TestCommandIsShownExactly(t *testing.T) {
	command := `withings-exporter auth 'Anna  Müller' --state.dir=/data`
	p := Profile{Name: "Anna  Müller", State: StateAuthorize, Command: command}
	s := newServer(t, withStatus(Status{Profiles: []Profile{p}}))
	_, rest, _ := strings.Cut(browse(t, s, "/"), "<pre><code>")
	shown, _, _ := strings.Cut(rest, "</code>")
	shown = strings.NewReplacer("<span>", "", "</span>", "", "&#39;", "'").Replace(shown)
	if shown != command {
		t.Errorf("page: got %q, want %q", shown, command)
	}
	if text := do(t, s, "GET", "/").Body.String(); !strings.Contains(text, "  "+command+"\n") {
		t.Errorf("text does not hold the command in one line:\n%s", text)
	}
}

func TestManyProfilesShrinkButThoseInNeedComeFirst(t *testing.T) {
	var profiles []Profile
	for i := range 200 {
		profiles = append(profiles, fine(fmt.Sprintf("Person %03d", i)))
	}
	profiles[150].State, profiles[170].State = StateFailing, StateAuthorize
	s := newServer(t, withStatus(Status{Profiles: profiles}))
	page := browse(t, s, "/")
	if got := strings.Count(page, "<article"); got != 2 {
		t.Errorf("got %d full cards, want 2", got)
	}
	if got := strings.Count(page, `href="./?profile=`); got != 198 {
		t.Errorf("got %d rows, want 198", got)
	}
	order := []int{strings.Index(page, "Person 170"), strings.Index(page, "Person 150"), strings.Index(page, "Person 000")}
	if !(0 < order[0] && order[0] < order[1] && order[1] < order[2]) {
		t.Errorf("got positions %v, want to authorise, failing, OK", order)
	}
	if !strings.Contains(page, "200 profiles, 1 to authorise, 1 failing, 198 OK") {
		t.Error("the summary does not count the conditions")
	}
}

func TestOneProfileCanBeShownAlone(t *testing.T) {
	s := newServer(t, withStatus(Status{Profiles: []Profile{fine("Anna & Müller"), fine("Bert")}}))
	page := browse(t, s, "/?profile=Anna+%26+M%C3%BCller")
	if !strings.Contains(page, "Anna &amp; Müller") || strings.Contains(page, "Bert") {
		t.Error("the page does not show the profile alone")
	}
	if page := browse(t, s, "/?profile=Anna+%26+Mu%CC%88ller"); strings.Contains(page, "Bert") {
		t.Error("with an accent apart the name is not found")
	}
	for query, name := range map[string]string{"Nobody": "Nobody", "%3Cb%3E%00": "&lt;b&gt;\uFFFD", strings.Repeat("x", 5000): strings.Repeat("x", 100) + "…"} {
		if page := browse(t, s, "/?profile="+query); !strings.Contains(page, "Bert") || !strings.Contains(page, "No profile is called “"+name+"”; these are all of them.") {
			t.Errorf("for an unknown name the page is\n%s", page[strings.Index(page, "</style>"):])
		}
	}
	if page := browse(t, s, "/?profile=bert"); !strings.Contains(page, "No profile is called “bert”; did you mean “Bert”?") {
		t.Errorf("for a name in small letters the page is\n%s", page[strings.Index(page, "</style>"):])
	}
}

func TestLinksLeadHomeFromEverywhere(t *testing.T) {
	tests := []struct{ name, external, path, want string }{
		{"page", "", "/", `href="./metrics"`},
		{"lost page", "", "/x", `href="./metrics"`},
		{"lost page far down", "", "/x/y/z", `href="../../metrics"`},
		{"lost page with an escaped slash", "", "/x%2Fy", `href="./metrics"`},
		{"page below an external path", "https://home.example/withings", "/", `href="/withings/metrics"`},
		{"lost page below an external path", "https://home.example/withings", "/withings/x/y", `href="/withings/metrics"`},
		{"external URL without path", "https://home.example", "/x/y", `href="/metrics"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if page := browse(t, newServer(t, withExternal(tt.external)), tt.path); !strings.Contains(page, tt.want) {
				t.Errorf("got no %s in\n%s", tt.want, page[strings.Index(page, "</style>"):])
			}
		})
	}
}

func TestTextKeepsToEightyColumns(t *testing.T) {
	p := fine("Anna")
	p.State, p.Headline = StateFailing, strings.Repeat("many words ", 30)
	p.Services[0].Err = strings.Repeat("and errors ", 30)
	s := newServer(t, withStatus(Status{Profiles: []Profile{p}, Notes: []string{strings.Repeat("and notes ", 30)}}))
	for line := range strings.Lines(do(t, s, "GET", "/").Body.String()) {
		if got := len([]rune(strings.TrimSuffix(line, "\n"))); got > 80 {
			t.Errorf("got %d columns in %q", got, line)
		}
	}
}

func FuzzNoNameBecomesMarkupOrSteersATerminal(f *testing.F) {
	for _, seed := range []string{"Anna Müller", "<script>", "\x1b[2J", "a\nb", "\u202E", "\"><img src=x>", "\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s := newServer(t, withStatus(Status{Profiles: []Profile{fine(name)}}))
		calm := newServer(t, withStatus(Status{Profiles: []Profile{fine("A")}}))
		if got, want := strings.Count(browse(t, s, "/"), "<"), strings.Count(browse(t, calm, "/"), "<"); got != want {
			t.Errorf("got %d tags, want %d", got, want)
		}
		text, plain := do(t, s, "GET", "/").Body.String(), do(t, calm, "GET", "/").Body.String()
		if strings.Count(text, "\n") != strings.Count(plain, "\n") || strings.ContainsAny(text, "\x1b\x07\u202E\u0085\u2028") {
			t.Errorf("name %q changed the lines of\n%q", name, text)
		}
	})
}

// TestThousandsAreSeparatedWhereverThePageCounts readings, problems, people and rows.
func TestThousandsAreSeparatedWhereverThePageCounts(t *testing.T) {
	const many = 3000 + mostTroubles
	var same, different, quiet []Profile
	for i := range many {
		p := fine(fmt.Sprintf("Person %d", i))
		quiet = append(quiet, p)
		p.State, p.Causes = StateFailing, []Cause{{Text: "One cause."}}
		same = append(same, p)
		p.Causes = []Cause{{Text: fmt.Sprintf("Cause %d.", i)}}
		different = append(different, p)
	}
	read := fine("Anna")
	read.Services = []Service{{Name: "measure", LastSuccess: now, Readings: 12345}}
	for _, c := range []struct {
		path, want string
		profiles   []Profile
	}{
		{"/", fmt.Sprintf(" and 3,00%d more: One cause.", mostTroubles-mostNamed), same},
		{"/", "3,000 other problems are told below.", different},
		{"/?from=2000", fmt.Sprintf(`2,0\d\d to 2,\d\d\d of 3,00%d`, mostTroubles), quiet},
		{"/", `measure.*12,345`, []Profile{read}},
	} {
		page := stripTags(browse(t, newServer(t, withStatus(Status{Profiles: c.profiles})), c.path))
		if !regexp.MustCompile(c.want).MatchString(page) {
			t.Errorf("%s does not say %q:\n%.3000s", c.path, c.want, page)
		}
	}
}
