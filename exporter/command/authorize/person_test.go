package authorize

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
)

// TestWrongPersonIsRefused lets somebody choose the wrong person on Withings'
// page. With --force that is taken as meant.
func TestWrongPersonIsRefused(t *testing.T) {
	for _, c := range []struct {
		name            string
		before          func(s *stage.Stage)
		profile, person string
		stale           bool // readings of another person are there without a token
		want            func(s *stage.Stage) []string
	}{
		{
			name:    "who is another profile, for a new one",
			before:  func(s *stage.Stage) { mustAuthorize(s, "Ben", "Ben") },
			profile: "Anna", person: "Ben",
			want: func(s *stage.Stage) []string {
				return []string{`is profile "Ben" already`, user(s, "Ben")}
			},
		},
		{
			name:    "who is another profile, for one that has a token",
			before:  func(s *stage.Stage) { mustAuthorize(s, "Ben", "Ben"); mustAuthorize(s, "Anna", "Anna") },
			profile: "Anna", person: "Ben",
			want: func(s *stage.Stage) []string { return []string{`is profile "Ben" already`} },
		},
		{
			name:    "who is nobody's, for one that has a token",
			before:  func(s *stage.Stage) { mustAuthorize(s, "Anna", "Anna") },
			profile: "Anna", person: "Carla",
			want: func(s *stage.Stage) []string {
				return []string{`profile "Anna" belongs to Withings user ` + user(s, "Anna"), "Withings user " + user(s, "Carla") + " was chosen",
					"to keep Withings user " + user(s, "Anna") + ", choose that person when you run: withings-exporter auth Anna",
					"to give the profile to Withings user " + user(s, "Carla") + ", run: withings-exporter auth Anna --no-browser --force"}
			},
		},
		{
			name:    "than the readings are of, where the token is lost",
			before:  func(s *stage.Stage) { readings(s, "Anna", user(s, "Anna")) },
			profile: "Anna", person: "Carla", stale: true,
			want: func(s *stage.Stage) []string {
				return []string{`profile "Anna" has readings of another person than Withings user ` + user(s, "Carla")}
			},
		},
		{
			name: "in place of the demo account",
			before: func(s *stage.Stage) {
				if _, err := run(s, Options{Profile: "Anna", Demo: true}, nil); err != nil {
					s.T.Fatal(err)
				}
			},
			profile: "Anna", person: "Carla",
			want: func(s *stage.Stage) []string {
				return []string{`profile "Anna" belongs to Withings' demo account`, user(s, "Carla")}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			c.before(s)
			anna, ben := content(s, "Anna"), content(s, "Ben")
			_, page, err := authorize(s, c.profile, c.person, false)
			want := append(c.want(s), "nothing was changed", "--force")
			stage.Says(t, "error", fmt.Sprint(err), want...)
			command := apart("withings-exporter auth " + c.profile + " --no-browser")
			stage.Says(t, "page", page, "Sign-in failed", "was chosen", "Nothing was changed.</p>",
				", run this, and choose that person:</p> <pre><code>"+command+"</code></pre> <p class=\"way\">To ",
				", run:</p> <pre><code>"+command+" "+apart("--force")+"</code></pre> <p class=\"bye\">")
			if detail, _, _ := strings.Cut(page, `class="way"`); strings.Contains(detail, "<code>") || strings.Contains(detail, "run") {
				t.Errorf("the page has a command in a sentence: %s", detail)
			}
			if content(s, "Anna") != anna || content(s, "Ben") != ben {
				t.Error("a token that was there is changed")
			}
			forced, _, err := authorize(s, c.profile, c.person, true)
			if err != nil {
				t.Fatalf("with --force: %v", err)
			}
			told := strings.Contains(strings.Join(strings.Fields(forced.out.String()), " "), "stays under the name "+c.profile+" in Prometheus and InfluxDB")
			if told != (anna != "" || c.stale) {
				t.Errorf("that the databases keep the other person is told: %v, in\n%s", told, forced.out)
			}
			works(s, c.profile)
			if content(s, "Ben") != ben {
				t.Error("the token of the other profile is changed")
			}
		})
	}
}

func TestSamePersonUnderTwoNamesByForceStaysAllowed(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Ben", "Ben")
	if _, _, err := authorize(s, "Benjamin", "Ben", true); err != nil {
		t.Fatal(err)
	}
	mustAuthorize(s, "Benjamin", "Ben")
}

func TestDamagedFileOfAnotherProfileIsNoHindrance(t *testing.T) {
	s := stage.New(t)
	path := store(s, "Ben").Path()
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustAuthorize(s, "Anna", "Anna")
	if got := content(s, "Ben"); got != "{" {
		t.Errorf("the other profile's file holds %q", got)
	}
}

func TestSamePersonWhoseTokenIsLostIsWelcomeBack(t *testing.T) {
	s := stage.New(t)
	readings(s, "Anna", user(s, "Anna"))
	mustAuthorize(s, "Anna", "Anna")
	works(s, "Anna")
}

// apart is a command as the page has it, which breaks between its words only.
func apart(command string) string {
	return "<span>" + strings.ReplaceAll(command, " ", "</span> <span>") + "</span>"
}

// user is Withings' number of a person.
func user(s *stage.Stage, name string) string { return fmt.Sprint(s.Person(name).ID) }

// readings stores a state of a user's, as serve does.
func readings(s *stage.Stage, profile, user string) {
	s.T.Helper()
	state := exporter.NewState(profile, nil)
	state.Bind(user)
	data, err := json.Marshal(state)
	if err != nil {
		s.T.Fatal(err)
	}
	store(s, profile) // makes the folder
	dir := store(s, profile).Path()
	path := dir[:len(dir)-len("token.json")] + "state.json"
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.T.Fatal(err)
	}
}
