package notify

import (
	"slices"
	"strings"
	"testing"
)

func TestFaultsOfAnAddress(t *testing.T) {
	for address, want := range map[string]struct {
		private bool
		faults  []string // a part of each
	}{
		"https://home.example":           {false, nil},
		"https://home.example/withings":  {false, nil},
		"https://home.example:443":       {false, nil},
		"http://home.example":            {false, []string{"https://"}},
		"http://home.example:80":         {false, []string{"https://"}},
		"https://home.example:8443":      {false, []string{"port 8443"}},
		"https://203.0.113.7":            {false, []string{"a number"}},
		"https://[2001:db8::1]":          {false, []string{"a number"}},
		"http://192.168.1.7:10054":       {true, []string{"https://", "a number", "port 10054"}},
		"https://[::ffff:10.0.0.1]":      {true, []string{"a number"}},
		"http://localhost:10054":         {true, []string{"https://", "private network", "port 10054"}},
		"https://nas":                    {true, []string{"private network"}},
		"https://NAS.LAN.":               {true, []string{"private network"}},
		"https://ha.local":               {true, []string{"private network"}},
		"https://local.example":          {false, nil},
		"https://lan":                    {true, []string{"private network"}},
		"https://a.example/" + long(250): {false, []string{"too long"}},
		"https://a.example/" + long(187): {false, nil}, // 8+9+1+187+8+43 = 256 characters
	} {
		faults := Faults(address)
		if len(address) == 8+9+1+187 {
			want.faults = []string{"too long"}
		}
		same := slices.EqualFunc(faults, want.faults, strings.Contains)
		if Private(address) != want.private || !same {
			t.Errorf("%s: private %t, %q; want %t, %q", address, Private(address), faults, want.private, want.faults)
		}
	}
	if faults := Faults("https://a.example/" + long(186)); faults != nil {
		t.Errorf("an address of 255 characters has faults: %q", faults)
	}
}

func long(n int) string { return strings.Repeat("x", n) }
