package config

import (
	"slices"
	"strings"
	"testing"
)

func TestServicesAreThoseThatAreKnown(t *testing.T) {
	known := []string{"measure", "activity", "sleep", "device"}
	for _, c := range []struct {
		name  string
		items []string
		want  []string
		err   string
	}{
		{"nothing said", nil, nil, ""},
		{"one", []string{"sleep"}, []string{"sleep"}, ""},
		{"a list, in polling order", []string{"sleep, measure", "activity"}, []string{"measure", "activity", "sleep"}, ""},
		{"twice", []string{"sleep,sleep", "sleep"}, []string{"sleep"}, ""},
		{"in capitals", []string{"Sleep"}, []string{"sleep"}, ""},
		{"a slip", []string{"slep"}, nil, `unknown service "slep"; did you mean "sleep"?`},
		{"the plural", []string{"measures"}, nil, `did you mean "measure"?`},
		{"a word for what it has", []string{"Weight"}, nil, `unknown service "Weight"; it is part of "measure"`},
		{"something else", []string{"heart"}, nil, `unknown service "heart"; choose from measure, activity, sleep, device`},
		{"a comma too many", []string{"sleep,"}, nil, "is empty; remove the extra comma"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Services(c.items, known)
			if len(got) != len(c.want) || !slices.Equal(got, c.want) && len(c.want) > 0 {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}
