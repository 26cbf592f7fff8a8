package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAsManyCommandsAreAnnouncedAsThereAre: people for whom the same is wrong share a line at the top, and each has a command.
func TestAsManyCommandsAreAnnouncedAsThereAre(t *testing.T) {
	var people []Profile
	for i, want := range []string{"Run the command below.", "Run the commands below."} {
		name := []string{"Mum", "Dad"}[i]
		people = append(people, Profile{Name: name, State: StateAuthorize, Command: "withings-exporter auth " + name})
		text := strings.Join(strings.Fields(do(t, newServer(t, withStatus(Status{Profiles: people})), "GET", "/").Body.String()), " ")
		if !strings.Contains(text, want) {
			t.Errorf("%d people: %q is not in\n%s", len(people), want, text)
		}
	}
}

// TestADatabaseThatFailsIsToldOnceAndMakesNobodyFail has three people whose readings are up to date.
func TestADatabaseThatFailsIsToldOnceAndMakesNobodyFail(t *testing.T) {
	anna, ben, cleo := fine("Anna"), fine("Ben"), fine("Cleo")
	away := Cause{Text: "InfluxDB is away.", Do: "Start it.", Short: "InfluxDB failing"}
	for _, p := range []*Profile{&anna, &ben, &cleo} {
		p.Elsewhere, p.ElsewhereSince = []Cause{away}, now.Add(-time.Hour)
		p.Services = append(p.Services, Service{Name: "InfluxDB", Sink: true, Err: away.Text, Told: true})
	}
	s := newServer(t, withStatus(Status{Profiles: []Profile{anna, ben, cleo}}))
	text, page := do(t, s, "GET", "/").Body.String(), browse(t, s, "/")
	if !strings.Contains(text, "3 profiles, all up to date; InfluxDB failing\nProblem: InfluxDB is away. (began 60 minutes ago) Start it.\n") {
		t.Errorf("the cause is not at the top, without names:\n%s", text)
	}
	if strings.Count(text, "[OK]") != 3 || strings.Count(text, "InfluxDB is away") != 1 {
		t.Errorf("somebody is not OK, or the cause is told again:\n%s", text)
	}
	if strings.Contains(page, "<details open") || strings.Contains(page, `"summary calm"`) {
		t.Error("a card is open for a cause that is told at the top, or all is calm")
	}
	for _, p := range []*Profile{&ben, &cleo} { // who have not been polled since
		p.Elsewhere = nil
		text = do(t, newServer(t, withStatus(Status{Profiles: []Profile{anna, ben, cleo}})), "GET", "/").Body.String()
		if !strings.Contains(text, "\nProblem: InfluxDB is away.") {
			t.Errorf("what is wrong with the database is told of the person who met it first:\n%s", text)
		}
	}
}

// TestAProblemSaysWhenItIsTriedAgain with the first poll that does so.
func TestAProblemSaysWhenItIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		want      string
		polled    bool
		next      time.Duration // of Anna; 0 for not planned
		underWay  bool
		elsewhere bool
	}{
		{"It is tried again by 08:20:00.", true, 5 * time.Minute, false, true},
		{"It is tried again by 08:20:00.", true, 5 * time.Minute, false, false},
		{"It is tried again by 08:24:00.", true, 0, false, true}, // by Ben's poll
		{"It is being tried again now.", true, 0, true, true},
		{"It is being tried again now.", true, -time.Second, false, true},
		{"", false, 5 * time.Minute, false, false},
	} {
		away := Cause{Text: "It is away.", Do: "Start it.", Polled: c.polled}
		anna, ben := fine("Anna"), fine("Ben")
		anna.NextPoll, ben.NextPoll, anna.Polling = time.Time{}, now.Add(9*time.Minute), c.underWay
		if c.next != 0 {
			anna.NextPoll = now.Add(c.next)
		}
		for _, p := range []*Profile{&anna, &ben} {
			if c.elsewhere {
				p.Elsewhere = []Cause{away}
			} else {
				p.State, p.Causes = StateFailing, []Cause{away}
			}
		}
		s := newServer(t, withStatus(Status{Now: now, Profiles: []Profile{anna, ben}}))
		text, page := do(t, s, "GET", "/").Body.String(), browse(t, s, "/")
		told := strings.TrimSuffix("It is away. Start it. "+c.want, " ") + "\n"
		if !strings.Contains(text, told) || !strings.Contains(page, c.want) || c.want == "" && strings.Contains(page, "tried again") {
			t.Errorf("%+v: it says\n%s\nwant %s", c, text, told)
		}
	}
}

// TestACardIsOpenIfItsCauseIsNotTold at the top.
func TestACardIsOpenIfItsCauseIsNotTold(t *testing.T) {
	var profiles []Profile
	for i := range mostTroubles + 1 {
		p := fine(fmt.Sprintf("Person %d", i))
		p.State, p.Causes = StateFailing, []Cause{{Text: fmt.Sprintf("Cause %d.", i)}}
		profiles = append(profiles, p)
	}
	if got := strings.Count(browse(t, newServer(t, withStatus(Status{Profiles: profiles})), "/"), "<details open"); got != 1 {
		t.Errorf("%d cards are open, want that of the cause for which there is no room at the top", got)
	}
}

// TestOnlyWhatIsGoodIsGreen: the summary, which is also the title of a browser's tab, with people of whom all is well.
func TestOnlyWhatIsGoodIsGreen(t *testing.T) {
	secret := Cause{Text: "The secret is wrong.", Do: "Correct it.", Short: "secret wrong"}
	away := fine("Cleo")
	away.Elsewhere = []Cause{{Text: "InfluxDB is away.", Short: "InfluxDB failing"}}
	noted := fine("Mum")
	noted.State = StateNoted
	for _, c := range []struct {
		class, summary string
		status         Status
	}{
		{"summary calm", "2 profiles, all OK", Status{Profiles: []Profile{fine("Anna"), fine("Ben")}}},
		{"summary noted", "2 profiles, all OK; see the note", Status{Profiles: []Profile{fine("Anna"), fine("Ben")}, Notes: []string{"The configuration was not reloaded."}}},
		{"summary noted", "1 profile, OK; see the notes", Status{Profiles: []Profile{fine("Anna")}, Notes: []string{"One.", "Two."}}},
		{"summary noted", "2 profiles, 1 OK with notes, 1 OK", Status{Profiles: []Profile{fine("Anna"), noted}}},
		{"summary trouble", "2 profiles, all up to date; secret wrong", Status{Profiles: []Profile{fine("Anna"), fine("Ben")}, Wrong: []Cause{secret}, Notes: []string{"One."}}},
		{"summary trouble", "1 profile, up to date; something is wrong", Status{Profiles: []Profile{fine("Anna")}, Wrong: []Cause{{Text: "The secret is wrong."}}}},
		{"summary trouble", "2 profiles, all up to date; secret wrong, InfluxDB failing", Status{Profiles: []Profile{away, fine("Ben")}, Wrong: []Cause{secret, secret}}},
		{"summary trouble", "no profile yet; secret wrong", Status{Wrong: []Cause{secret}}},
	} {
		s := newServer(t, withStatus(c.status))
		page, text := browse(t, s, "/"), do(t, s, "GET", "/").Body.String()
		if !strings.Contains(page, `"`+c.class+`" role="status" data-part="summary">`+c.summary+"<") || !strings.Contains(page, "<title>withings-exporter: "+c.summary+"</title>") {
			t.Errorf("summary and title are not %q, of class %q", c.summary, c.class)
		}
		if !strings.Contains(text, "\n"+c.summary+"\n") || strings.Count(text, "\nProblem: The secret is wrong.") != min(len(c.status.Wrong), 1) {
			t.Errorf("the text does not say %q, or what is wrong once:\n%s", c.summary, text)
		}
	}
}

// TestTheSummaryIsOfEverybody, also where one person, who is well, is shown alone.
func TestTheSummaryIsOfEverybody(t *testing.T) {
	ben := fine("Ben")
	ben.State = StateFailing
	page := browse(t, newServer(t, withStatus(Status{Profiles: []Profile{fine("Anna"), ben}, Notes: []string{"One."}})), "/?profile=Anna")
	if !strings.Contains(page, `"summary trouble" role="status" data-part="summary">2 profiles, 1 failing, 1 OK; see the note<`) {
		t.Error("with somebody else who fails, it has not the colour of trouble")
	}
}

// TestADatabaseThatFailsIsOfNobodyAndNoReading however many there are.
func TestADatabaseThatFailsIsOfNobodyAndNoReading(t *testing.T) {
	var profiles []Profile
	for i := range mostNamed + 2 {
		p := Profile{Name: fmt.Sprintf("Person %d", i), State: StateWaiting}
		p.Elsewhere = []Cause{{Text: "InfluxDB is away."}}
		p.Services = []Service{{Name: "InfluxDB", Sink: true, LastSuccess: now}}
		if !p.bare() {
			t.Error("what a database took is counted as read")
		}
		profiles = append(profiles, p)
	}
	s := newServer(t, withStatus(Status{Profiles: profiles}))
	if text := do(t, s, "GET", "/").Body.String(); !strings.Contains(text, "\nProblem: InfluxDB is away.\n") {
		t.Errorf("the text is\n%s", text)
	}
	if page := browse(t, s, "/"); !strings.Contains(page, "<li>InfluxDB is away.</li>") {
		t.Errorf("the page names somebody, or an empty name:\n%s", stripTags(page))
	}
}
