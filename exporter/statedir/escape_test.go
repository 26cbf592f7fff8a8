package statedir

import (
	"strings"
	"testing"
)

func TestNamesAreEscapedReadably(t *testing.T) {
	cases := []struct{ name, profile, want string }{
		{"small letters", "mum", "mum"},
		{"capital letter", "Mum", "+mum"},
		{"space and umlaut", "Anna Müller", "+anna%20+m%c3%bcller"},
		{"path", "../etc/passwd", "%2e%2e%2fetc%2fpasswd"},
		{"Windows path", `a\b:c`, "a%5cb%3ac"},
		{"dots at the end", "dad..", "dad%2e%2e"},
		{"space at the end", "dad ", "dad%20"},
		{"device", "con", "%63on"},
		{"device in capitals", "NUL", "+n+u+l"},
		{"device with a digit", "com7", "%63om7"},
		{"the program's own", "serve", "%73erve"},
		{"its lock for InfluxDB", "influx", "%69nflux"},
		{"its lock for files", "openmetrics", "%6fpenmetrics"},
		{"its rate limit", "rate", "%72ate"},
		{"its demo", "simulator", "%73imulator"},
		{"the program's own in capitals", "Rate", "+rate"},
		{"almost the program's own", "server", "server"},
		{"almost a device", "com", "com"},
		{"escape marks", "+%~", "%2b%25%7e"},
		{"zero byte", "a\x00b", "a%00b"},
		{"not UTF-8", "\xff", "%ff"},
		{"nothing", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Escape(c.profile)
			if got != c.want {
				t.Errorf("Escape(%q) = %q, want %q", c.profile, got, c.want)
			}
			if back, ok := Unescape(got); !ok || back != c.profile {
				t.Errorf("Unescape(%q) = %q, %t, want %q", got, back, ok, c.profile)
			}
		})
	}
}

func TestLongNamesDifferInTheirHash(t *testing.T) {
	one, two := Escape(strings.Repeat("x", 300)+"1"), Escape(strings.Repeat("x", 300)+"2")
	if one == two {
		t.Errorf("two profiles share the name %q", one)
	}
	if len(one) > maxEscaped {
		t.Errorf("name has %d bytes, want at most %d", len(one), maxEscaped)
	}
	if _, ok := Unescape(one); ok {
		t.Error("a hash was turned back into a profile")
	}
	if got, want := Escape(strings.Repeat("x", maxEscaped)), strings.Repeat("x", maxEscaped); got != want {
		t.Errorf("a name that fits became %q", got)
	}
}

func TestForeignNamesAreNotProfiles(t *testing.T) {
	for _, name := range []string{"Mum", "%4", "%zz", "%41", "%C3", "a b", "con", "+", "+1", "a~b", "ü"} {
		if profile, ok := Unescape(name); ok {
			t.Errorf("Unescape(%q) = %q, want a refusal", name, profile)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "Mum", "mum", "Anna Müller", "con", "+%~", "\xff\x00", strings.Repeat("Ä", 100)} {
		f.Add(s, s+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		name := Escape(a)
		if strings.ToLower(name) != name || strings.ContainsAny(name, "/\\:.*?\"<>| \x00") || len(name) > maxEscaped || isDevice(name) {
			t.Errorf("Escape(%q) = %q, which is not safe everywhere", a, name)
		}
		if (a == b) != (name == Escape(b)) {
			t.Errorf("Escape(%q) and Escape(%q) are both %q", a, b, name)
		}
		if back, ok := Unescape(name); ok != !strings.Contains(name, hashMark) || ok && back != a {
			t.Errorf("Unescape(Escape(%q)) = %q, %t", a, back, ok)
		}
	})
}
