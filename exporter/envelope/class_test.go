package envelope

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// families is the list of the API reference, section "response status",
// written the way it is written there. Everything else is unlisted.
var families = map[Class]string{
	OK:         "0",
	AuthFailed: "100–102, 200, 401",
	InvalidParams: "201–213, 216–218, 220–221, 223, 225, 227–230, 234–236, 238, 240–252, 254, 260–267, " +
		"271–272, 275–276, 283–288, 290, 293–295, 297, 300–304, 321, 323–353, 380–382, 400, 501–511, " +
		"523, 532, 3017–3019",
	Unauthorized:    "214, 277, 2553, 2555",
	NotImplemented:  "2554",
	Timeout:         "522",
	BadState:        "524",
	TooManyRequests: "601",
	ErrorOccurred: "215, 219, 222, 224, 226, 231–233, 237, 253, 255–259, 268–270, 273–274, 278–282, 289, " +
		"291–292, 296, 298, 305–320, 322, 370–375, 383, 391, 402, 516–521, 525–531, 533, 602, 700, " +
		"1051–1054, 2551–2552, 2556–2559, 3000–3016, 3020–3024, 5000–5006, 6000, 6010–6011, 9000, 10000",
}

// expand maps each number of the lists to its class.
func expand(t *testing.T) map[int]Class {
	t.Helper()
	want := map[int]Class{}
	for class, list := range families {
		for part := range strings.SplitSeq(list, ",") {
			first, last, found := strings.Cut(strings.TrimSpace(part), "–")
			if !found {
				last = first
			}
			lo, err := strconv.Atoi(first)
			if err != nil {
				t.Fatal(err)
			}
			hi, err := strconv.Atoi(last)
			if err != nil {
				t.Fatal(err)
			}
			for n := lo; n <= hi; n++ {
				want[n] = class
			}
		}
	}
	return want
}

func TestEveryNumberHasTheFamilyOfTheReference(t *testing.T) {
	want := expand(t)
	for n := -1; n <= 10100; n++ {
		if got := Classify(n); got != want[n] { // a number without an entry is Unknown
			t.Errorf("Classify(%d) = %v, want %v", n, got, want[n])
		}
	}
}

func TestUnlistedNumbersAreUnknown(t *testing.T) {
	for _, n := range []int{-601, 1, 99, 239, 299, 354, 369, 376, 384, 392, 403, 500, 512, 534, 600, 603, 699, 10001, math.MaxInt32} {
		if got := Classify(n); got != Unknown {
			t.Errorf("Classify(%d) = %v, want %v", n, got, Unknown)
		}
	}
}

func TestNoNumberHasTwoFamilies(t *testing.T) {
	seen := map[int]Class{}
	for class, spans := range ranges {
		for _, s := range spans {
			if s[0] > s[1] {
				t.Errorf("range %d–%d is empty", s[0], s[1])
			}
			for n := s[0]; n <= s[1]; n++ {
				if other, twice := seen[n]; twice {
					t.Errorf("%d is %v and %v", n, class, other)
				}
				seen[n] = class
			}
		}
	}
}

func TestClassesHaveNamesAndSayWhetherToRetry(t *testing.T) {
	cases := []struct {
		class     Class
		name      string
		transient bool
	}{
		{OK, "ok", false},
		{AuthFailed, "authentication failed", false},
		{Unauthorized, "unauthorized", false},
		{InvalidParams, "invalid params", false},
		{TooManyRequests, "too many requests", false},
		{Timeout, "timeout", true},
		{BadState, "bad state", true},
		{NotImplemented, "not implemented", false},
		{ErrorOccurred, "an error occurred", true},
		{Unknown, "unknown status", true},
		{Class(-1), "unknown status", false},
		{Class(99), "unknown status", false},
	}
	for _, c := range cases {
		if got := c.class.String(); got != c.name {
			t.Errorf("Class(%d).String() = %q, want %q", int(c.class), got, c.name)
		}
		if got := c.class.Transient(); got != c.transient {
			t.Errorf("%v.Transient() = %t, want %t", c.class, got, c.transient)
		}
	}
}

func ExampleError() {
	fmt.Println(&Error{Action: "getmeas", Status: 601, Text: "Too Many Requests"})
	// Output: getmeas: status 601 (too many requests): Too Many Requests
}
