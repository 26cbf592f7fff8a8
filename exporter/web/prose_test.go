package web

import (
	"strings"
	"testing"
)

// TestFlagsAndCommandsInATextAreShownAsSuch has texts of the page, and some that only look like flags: the name of one stays on one line.
func TestFlagsAndCommandsInATextAreShownAsSuch(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"Polls come late; set --poll-interval=10m or longer": `Polls come late; set <span class="flag">--poll-interval</span>=10m or longer`,
		"--api.rate-limit, <b> and --web.route-prefix.":      `<span class="flag">--api.rate-limit</span>, &lt;b&gt; and <span class="flag">--web.route-prefix</span>.`,
		"a -- b --- c --": "a -- b --- c --",
		"Correct it, and run `kill -HUP 7 # <b> --x`.": `Correct it, and run <code>kill -HUP 7 # &lt;b&gt; --x</code>.`,
		"only one `, alone":                            "only one `, alone",
	} {
		var page strings.Builder
		if err := pages().ExecuteTemplate(&page, "prose", text); err != nil || page.String() != want {
			t.Errorf("%q is %q, %v, want %q", text, &page, err, want)
		}
	}
	if !strings.Contains(pageCSS, ".flag { white-space: nowrap; }") {
		t.Error("a flag may be broken at its dashes")
	}
}
