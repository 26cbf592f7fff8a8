package prom

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter"
)

// choosing is a scrape with a query.
func (s *scene) choosing(query, accept, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.URL.RawQuery = query
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// linesOf are the lines of a page with the label of some profiles, and the heads of their families.
func linesOf(page string, names ...string) string {
	var chosen, head strings.Builder
	for line := range strings.Lines(page) {
		switch {
		case line == "# EOF\n":
			chosen.WriteString(line)
		case strings.HasPrefix(line, "# HELP"):
			head.Reset()
			head.WriteString(line)
		case strings.HasPrefix(line, "# "):
			head.WriteString(line)
		case slices.ContainsFunc(names, func(name string) bool { return strings.Contains(line, fmt.Sprintf("profile=%q", name)) }):
			chosen.WriteString(head.String())
			head.Reset()
			chosen.WriteString(line)
		}
	}
	return chosen.String()
}

// TestAChosenProfileIsWhatThePageHasOfIt compares with the page of everybody, in every format.
func TestAChosenProfileIsWhatThePageHasOfIt(t *testing.T) {
	s, counters := counted(anna(t), person("Ben", 60), person("Anna Müller & Co", 40), person("An", 20), person("0", 40), person("Zoe\u0308", 40), person("Zo", 20))
	counters.Notified("Anna", 1)
	counters.Notified("Anna", 44)
	counters.Notified("Ben", 1)
	counters.Requested(exporter.Measure, "0")
	for _, c := range []struct {
		query string
		names []string
	}{
		{"profile=Anna", []string{"Anna"}},
		{"profile=Ben", []string{"Ben"}},
		{"profile=An", []string{"An"}},
		{"profile=0", []string{"0"}}, // as a status is, too
		{"profile=Anna+M%C3%BCller+%26+Co", []string{"Anna Müller & Co"}},
		{"profile=Ben&x=y&profile=Anna", []string{"Anna", "Ben"}},
		{"profile=Ben&profile=Ben", []string{"Ben"}},
		{"profile=Anna+Mu%CC%88ller+%26+Co", []string{"Anna Müller & Co"}}, // the accent apart
		{"profile=Zo%C3%AB", []string{"Zoe\u0308"}},                        // the accent in one, and the stored name has it apart
		{"profile=Zo%C3%AB&profile=Zo&profile=Zoe%CC%88", []string{"Zo", "Zoe\u0308"}},
	} {
		for _, accept := range []string{"text/plain; version=0.0.4", formats[0], formats[2], formats[5]} {
			want := linesOf(s.choosing("", accept, "").Body.String(), c.names...)
			if strings.Count(want, "\n") < 20 {
				t.Fatalf("%s: the page of everybody has nothing of %q", accept, c.names)
			}
			for _, encoding := range []string{"", "gzip", "zstd"} {
				w := s.choosing(c.query, accept, encoding)
				if got := unpack(t, encoding, w.Body); w.Code != http.StatusOK || got != want {
					t.Errorf("%s as %q, %q: %d, %s", c.query, accept, encoding, w.Code, firstDifference(got, want))
				}
			}
		}
		if text := s.choosing(c.query, formats[len(formats)-1], "").Body.String(); !strings.Contains(text, c.names[0]) || strings.Contains(text, "go_goroutines") ||
			slices.Contains(c.names, "Anna") != strings.Contains(text, `"44"`) {
			t.Errorf("%s as protobuf: %s", c.query, text)
		}
	}
}

func TestWhoAsksForAProfileThatIsNotThereGetsNothing(t *testing.T) {
	s := newScene(anna(t), person("Ben", 20))
	for _, c := range []struct {
		query string
		code  int
		say   string
	}{
		{"profile=Carla", 404, `"Carla"`},
		{"profile=anna", 404, `"anna" here. Did you mean "Anna"?`},
		{"profile=Anna&profile=Carla", 404, `"Carla"`},
		{"profile=", 404, `""`},
		{"profile", 404, `""`},
		{"profile=" + strings.Repeat("x", 5000), 404, strings.Repeat("x", 100) + "…"},
		{"profile=%1b%5b2J", 404, `"\x1b[2J"`},
		{"profile=%zz", 400, "malformed"},
		{"x=%zz", 400, "malformed"},
		{"profile=Anna;x", 400, "malformed"},
	} {
		for _, encoding := range []string{"", "gzip"} {
			w := s.choosing(c.query, "", encoding)
			body := w.Body.String()
			if w.Code != c.code || !strings.Contains(body, c.say) || strings.Count(body, "\n") != 1 || len(body) > 300 ||
				strings.Contains(body, "Ben") || w.Header().Get("Content-Encoding") != "" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
				t.Errorf("?%s: %d %v\n%s", c.query, w.Code, w.Header(), body)
			}
		}
	}
	if all := s.choosing("collect%5B%5D=x&debug=", "", "").Body.String(); !strings.Contains(all, `profile="Anna"`) || !strings.Contains(all, `profile="Ben"`) {
		t.Errorf("with other parameters the page is\n%s", all)
	}
}

// TestAChosenProfileIsFreshWhateverWasScrapedBefore: both pages keep what they have written of a person.
func TestAChosenProfileIsFreshWhateverWasScrapedBefore(t *testing.T) {
	ben := person("Ben", 60)
	s := newScene(person("Anna", 60), ben)
	shows := func(query, want string) {
		t.Helper()
		if got := s.choosing(query, "", "").Body.String(); !strings.Contains(got, want) {
			t.Errorf("?%s does not show %s", query, want)
		}
	}
	for n, order := range [][]string{{"profile=Ben", ""}, {"", "profile=Ben"}, {"profile=Ben", "profile=Ben", ""}} {
		weighIn(ben, n+1)
		for _, query := range order {
			shows(query, fmt.Sprintf("withings_weight_grams{profile=\"Ben\"} %d\n", 70_001+n))
		}
	}
	s.profiles = s.profiles[:1]
	if w := s.choosing("profile=Ben", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("after he has gone, he is answered with %d", w.Code)
	}
	s.profiles = append(s.profiles, ben)
	shows("profile=Ben", "70003")
	shows("", "70003")
}

// TestAChosenProfileCostsNobodyElse counts what is written and compressed among many people.
func TestAChosenProfileCostsNobodyElse(t *testing.T) {
	s := newScene(crowd(300, 12_000)...)
	known := s.handler.(*handler).known
	s.choosing("", "", "gzip")
	written, squeezes, pieces := s.g.people.written, known.squeezes, len(known.all)
	for n := range 3 * restScrapes {
		weighIn(s.profiles[7], n+1)
		for range 2 {
			s.choosing("profile=person-007", "", "gzip")
		}
	}
	if got := s.handler.(*handler).ofChosen.squeezes; got != 3*restScrapes {
		t.Errorf("%d pages of his were compressed, want one after each of %d weigh-ins", got, 3*restScrapes)
	}
	if got := s.g.people.written - written; got != 3*restScrapes {
		t.Errorf("%d parts were written, want his after each of %d weigh-ins", got, 3*restScrapes)
	}
	if got := len(known.all); got != pieces || known.squeezes != squeezes {
		t.Errorf("of %d pieces of the page of everybody %d are known, and %d more were compressed", pieces, got, known.squeezes-squeezes)
	}
}

func FuzzAChosenPageHasNothingOfOthers(f *testing.F) {
	for _, seed := range []string{"", "profile=Anna", "profile=Anna&profile=Ben", "profile=%41nna", "profile=x", "profile=Anna;profile=Ben", "%zz", "profile", "&&=", "Profile=Ben", "profile=Anna\x00"} {
		f.Add(seed)
	}
	s := newScene(person("Anna", 20), person("Ben", 20))
	f.Fuzz(func(t *testing.T, query string) {
		w := s.choosing(query, "", "")
		values, err := url.ParseQuery(query)
		names := values["profile"]
		switch {
		case err != nil:
			if w.Code != http.StatusBadRequest {
				t.Errorf("malformed, it is answered with %d", w.Code)
			}
		case w.Code == http.StatusOK && names != nil:
			for _, name := range []string{"Anna", "Ben"} {
				if got := strings.Contains(w.Body.String(), fmt.Sprintf("profile=%q", name)); got != slices.Contains(names, name) {
					t.Errorf("of %s there is something: %t, asked for are %q", name, got, names)
				}
			}
		case (w.Code == http.StatusOK) != (names == nil):
			t.Errorf("asked for %q, it is answered with %d", names, w.Code)
		}
	})
}

// BenchmarkChosenScrape measures a scrape of one of many people, beside that of a person who is alone.
func BenchmarkChosenScrape(b *testing.B) {
	for _, people := range []int{1, 3, 2000} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			s := newScene(crowd(people, people*200)...)
			request := asPrometheus()
			request.URL.RawQuery = "profile=person-000"
			b.ReportAllocs()
			for b.Loop() {
				s.handler.ServeHTTP(&discard{header: http.Header{}}, request)
			}
		})
	}
	b.Run("everybody=1", func(b *testing.B) {
		s := newScene(crowd(1, 200)...)
		b.ReportAllocs()
		for b.Loop() {
			s.handler.ServeHTTP(&discard{header: http.Header{}}, asPrometheus())
		}
	})
}
