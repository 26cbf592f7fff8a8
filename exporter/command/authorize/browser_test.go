package authorize

import (
	"strconv"
	"testing"

	"withings-exporter/exporter/internal/browser"
	"withings-exporter/exporter/internal/stage"
)

// TestRealBrowserSignsIn lets Chromium choose a person on the consent page,
// press Allow with the mouse, and end on a page of ours that looks as it should.
func TestRealBrowserSignsIn(t *testing.T) {
	b := browser.New(t)
	s := stage.New(t)
	redirect(t, s)
	a := begin(s, t.Context(), Options{Profile: "Mum", NoBrowser: true}, nil)
	b.Open(a.address())
	b.Click(`label:has(input[data-name="Ben"])`)
	b.Click(`button[value="allow"]`)
	b.Loaded()
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "page", b.Text("document.body.innerText"), "Authorised", "“Mum” is authorised", "Withings user "+user(s, "Ben"), "You can close this window")
	if got := b.Text("getComputedStyle(document.querySelector('.mark')).borderRadius"); got != "50%" {
		t.Errorf("the style sheet is not in force, a corner is %q", got)
	}
	b.Picture("success")
	works(s, "Mum")
}

// TestRealBrowserShowsWhatWentWrong is the same for a refusal, and for the
// wrong person.
func TestRealBrowserShowsWhatWentWrong(t *testing.T) {
	b := browser.New(t)
	for _, c := range []struct{ name, button, want string }{
		{"refusal", `button[value="deny"]`, "Access was not allowed"},
		{"wrong person", `button[value="allow"]`, `is profile "Dad" already`},
	} {
		s := stage.New(t)
		mustAuthorize(s, "Dad", "Anna")
		redirect(t, s)
		a := begin(s, t.Context(), Options{Profile: "Mum", NoBrowser: true}, nil)
		b.Open(a.address())
		b.Click(c.button)
		b.Loaded()
		if a.wait() == nil {
			t.Errorf("%s: it is no error", c.name)
		}
		stage.Says(t, "page", b.Text("document.body.innerText"), c.want)
		b.Picture(c.name)
	}
}

// redirect lets the redirect URL lead to a port that is free at the moment.
func redirect(t *testing.T, s *stage.Stage) {
	t.Helper()
	s.Settings.RedirectURL = "http://localhost:" + strconv.Itoa(freePort(t)) + "/auth/external/callback"
}
