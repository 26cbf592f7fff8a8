package app

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"withings-exporter/exporter"
)

// TestWrongPersonIsRefused lets somebody choose the wrong person on Withings'
// page. With --force that is taken as meant.
func TestWrongPersonIsRefused(t *testing.T) {
	for _, c := range []struct {
		name            string
		before          func(s *stage)
		profile, person string
		want            func(s *stage) []string
	}{
		{
			name:    "who is another profile, for a new one",
			before:  func(s *stage) { s.mustAuthorize("Ben", "Ben") },
			profile: "Anna", person: "Ben",
			want: func(s *stage) []string {
				return []string{`the person of profile "Ben" was chosen`, s.user("Ben"), `cannot be profile "Anna" too`}
			},
		},
		{
			name:    "who is another profile, for one that has a token",
			before:  func(s *stage) { s.mustAuthorize("Ben", "Ben"); s.mustAuthorize("Anna", "Anna") },
			profile: "Anna", person: "Ben",
			want: func(s *stage) []string { return []string{`the person of profile "Ben" was chosen`, `"Anna"`} },
		},
		{
			name:    "who is nobody's, for one that has a token",
			before:  func(s *stage) { s.mustAuthorize("Anna", "Anna") },
			profile: "Anna", person: "Carla",
			want: func(s *stage) []string {
				return []string{`profile "Anna" is Withings user ` + s.user("Anna"), "Withings user " + s.user("Carla") + " was chosen"}
			},
		},
		{
			name:    "than the readings are of, where the token is lost",
			before:  func(s *stage) { s.readings("Anna", s.user("Anna")) },
			profile: "Anna", person: "Carla",
			want: func(s *stage) []string {
				return []string{`profile "Anna" has readings of another person than Withings user ` + s.user("Carla")}
			},
		},
		{
			name: "in place of the demo account",
			before: func(s *stage) {
				if _, err := s.run(AuthorizeOptions{Profile: "Anna", Demo: true}, nil); err != nil {
					s.t.Fatal(err)
				}
			},
			profile: "Anna", person: "Carla",
			want: func(s *stage) []string { return []string{`profile "Anna" is Withings' demo account`, s.user("Carla")} },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			c.before(s)
			anna, ben := s.content("Anna"), s.content("Ben")
			_, page, err := s.authorize(c.profile, c.person, false)
			want := append(c.want(s), "nothing was changed", "--force")
			says(t, "error", fmt.Sprint(err), want...)
			says(t, "page", page, "Sign-in failed", "was chosen")
			if s.content("Anna") != anna || s.content("Ben") != ben {
				t.Error("a token that was there is changed")
			}
			if _, _, err := s.authorize(c.profile, c.person, true); err != nil {
				t.Fatalf("with --force: %v", err)
			}
			s.works(c.profile)
			if s.content("Ben") != ben {
				t.Error("the token of the other profile is changed")
			}
		})
	}
}

func TestSamePersonUnderTwoNamesByForceStaysAllowed(t *testing.T) {
	s := newStage(t)
	s.mustAuthorize("Ben", "Ben")
	if _, _, err := s.authorize("Benjamin", "Ben", true); err != nil {
		t.Fatal(err)
	}
	s.mustAuthorize("Benjamin", "Ben")
}

func TestDamagedFileOfAnotherProfileIsNoHindrance(t *testing.T) {
	s := newStage(t)
	path := s.store("Ben").Path()
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.mustAuthorize("Anna", "Anna")
	if got := s.content("Ben"); got != "{" {
		t.Errorf("the other profile's file holds %q", got)
	}
}

func TestSamePersonWhoseTokenIsLostIsWelcomeBack(t *testing.T) {
	s := newStage(t)
	s.readings("Anna", s.user("Anna"))
	s.mustAuthorize("Anna", "Anna")
	s.works("Anna")
}

// user is Withings' number of a person.
func (s *stage) user(name string) string { return fmt.Sprint(s.person(name).ID) }

// readings stores a state of a user's, as serve does.
func (s *stage) readings(profile, user string) {
	s.t.Helper()
	state := exporter.NewState(profile, nil)
	state.Bind(user)
	data, err := json.Marshal(state)
	if err != nil {
		s.t.Fatal(err)
	}
	s.store(profile) // makes the folder
	dir := s.store(profile).Path()
	path := dir[:len(dir)-len("token.json")] + "state.json"
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}
