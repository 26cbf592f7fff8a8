package command

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/simulator"
)

// TestNotificationsCannotHaveTheAddressOfThePages: one program cannot listen there twice, and check would not notice.
func TestNotificationsCannotHaveTheAddressOfThePages(t *testing.T) {
	for _, c := range []struct {
		web, notify string
		refused     bool
	}{
		{"localhost:10054", "localhost:10054", true},
		{"localhost:10054", "127.0.0.1:10054", true},
		{":10054", ":10054", true},
		{"localhost:10054", "localhost:10055", false},
		{"localhost:0", "localhost:0", false},
	} {
		err := Settings{PollInterval: time.Minute, RateLimit: 100, TelemetryPath: "/metrics", ExternalURL: "https://home.example",
			ListenAddresses: []string{"localhost:10053", c.web}, NotifyAddress: c.notify}.Validate()
		if c.refused != (errors.Is(err, ErrUsage) && strings.Contains(err.Error(), "is also a --web.listen-address")) || !c.refused && err != nil {
			t.Errorf("%s and %s: %v", c.web, c.notify, err)
		}
	}
}

// TestBedEventsAloneNeedNotifications: otherwise nobody would be read, and people would be told to authorise again.
func TestBedEventsAloneNeedNotifications(t *testing.T) {
	for _, c := range []struct {
		services []string
		external string
		refused  bool
	}{
		{[]string{"presence"}, "", true},
		{[]string{"presence"}, "https://home.example", false},
		{[]string{"presence", "sleep"}, "", false},
		{nil, "", false},
	} {
		err := Settings{PollInterval: time.Minute, RateLimit: 100, TelemetryPath: "/metrics", ListenAddresses: []string{"localhost:10054"},
			Services: c.services, ExternalURL: c.external}.Validate()
		if c.refused != errors.Is(err, ErrUsage) || c.refused != (err != nil) {
			t.Errorf("%q, %q: %v", c.services, c.external, err)
		}
	}
}

// TestWithingsIsNotAskedWithTheClientIDOfTheSimulatedOne is somebody who practises and forgets an address.
func TestWithingsIsNotAskedWithTheClientIDOfTheSimulatedOne(t *testing.T) {
	if simulator.DefaultClientID != simulatedClient {
		t.Errorf("the simulated Withings has the client id %q, want %q", simulator.DefaultClientID, simulatedClient)
	}
	const here = "http://localhost:10055"
	for _, c := range []struct{ id, api, account, asks, signsIn string }{
		{id: simulatedClient, api: auth.WithingsAPIURL, account: auth.WithingsAccountURL, asks: "--api.url and --account.url are those", signsIn: "--api.url and --account.url are those"},
		{id: simulatedClient, api: auth.WithingsAPIURL, account: here, asks: "--api.url is that", signsIn: "--api.url is that"},
		{id: simulatedClient, api: here, account: auth.WithingsAccountURL, signsIn: "--account.url is that"}, // where people sign in is of no matter to serve
		{id: simulatedClient, api: here, account: here},
		{id: "c0ffee", api: auth.WithingsAPIURL, account: auth.WithingsAccountURL},
	} {
		s := Settings{ClientID: c.id, ClientSecret: "s", APIURL: c.api, AccountURL: c.account}
		for want, err := range map[*string]error{&c.asks: s.ValidateApplication(), &c.signsIn: s.ValidateSignIn()} {
			flags, _, _ := strings.Cut(*want, " is ")
			flags, _, _ = strings.Cut(flags, " are ")
			if *want == "" && err != nil || *want != "" && (!errors.Is(err, ErrUsage) ||
				!strings.Contains(err.Error(), "but "+*want+" of the real one; give "+flags+" with the address")) {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}

func TestWhatIsNotConfiguredBesideTheServiceIsToldOfIt(t *testing.T) {
	const run = "sudo withings-exporter-service backfill"
	lacks := Usagef("give --to", "no destination is given")
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{Service: run}, "no destination is given; give --to; for the service of this machine, run: " + run},
		{Settings{Service: run, ClientSecret: "secret"}, "no destination is given; give --to"},
		{Settings{}, "no destination is given; give --to"},
	} {
		if err := c.s.ForService(lacks); !errors.Is(err, ErrUsage) || err.Error() != c.want || c.s.ForService(nil) != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestACommandBesideTheServiceIsToldHowToRunAsIt(t *testing.T) {
	const run = "sudo withings-exporter-service check"
	for _, c := range []struct {
		name string
		s    Settings
		told bool
	}{
		{"nothing of its own", Settings{Service: run, ConfigLooked: "withings.yaml in /root"}, true},
		{"the file of the service, but not its secret", Settings{Service: run, ClientID: "id", ConfigFile: "/etc/withings-exporter/withings.yaml"}, true},
		{"an application of its own", Settings{Service: run, ClientID: "id", ClientSecret: "secret"}, false},
		{"a machine without the service", Settings{}, false},
	} {
		err := c.s.ValidateApplication()
		if told := err != nil && strings.HasSuffix(err.Error(), "; for the service of this machine, run: "+run); told != c.told {
			t.Errorf("%s: %v", c.name, err)
		}
		for name, given := range map[string]string{"client-id": c.s.ClientID, "client-secret": c.s.ClientSecret} {
			if err != nil && strings.Contains(err.Error(), name) != (given == "") {
				t.Errorf("%s: whether %s is given is wrong in: %v", c.name, name, err)
			}
		}
	}
}

// TestAnAddressToListenOnIsRefusedBeforeItIsOpened: check opens none, and would find nothing wrong with one that serve cannot open.
func TestAnAddressToListenOnIsRefusedBeforeItIsOpened(t *testing.T) {
	for _, c := range []struct{ address, wrong string }{
		{":10054", ""}, {"localhost:10054", ""}, {"127.0.0.1:0", ""}, {"[::1]:10054", ""}, {"[fe80::1%eth0]:10054", ""},
		{"my_home.example:http", ""}, {"büro:10054", ""}, {"host2:65535", ""},
		{"10054", "is not an address to listen on; give host:port, such as"},
		{"http://localhost:10054", "is not an address to listen on; give host:port, such as"},
		{"::1:10054", "is not an address to listen on; give host:port, such as"},
		{"localhost:", "has no port; give host:port"},
		{"localhost:222155", "has a port outside 0 to 65535; give host:port"},
		{"localhost:65536", "has a port outside 0 to 65535; give host:port"},
		{"localhost:-1", "has a port outside 0 to 65535; give host:port"},
		{"localhost:1005a", `has the port "1005a", which is neither a number nor a known service; give host:port`},
		{"localhost:10054/", `has the port "10054/", which is neither`},
		{"*:10054", `has the host "*", which is neither a name nor an address; give an address of this machine, or leave it out`},
		{"my host:10054", `has the host "my host", which is neither`},
		{"192.168.1.256:10054", `has the host "192.168.1.256", which is neither`},
	} {
		for flag, settings := range map[string]Settings{
			"--web.listen-address":    {ListenAddresses: []string{"localhost:1", c.address}},
			"--notify.listen-address": {ListenAddresses: []string{"localhost:1"}, NotifyAddress: c.address, ExternalURL: "https://home.example"},
		} {
			settings.PollInterval, settings.RateLimit, settings.TelemetryPath = time.Minute, 100, "/metrics"
			err := settings.Validate()
			if c.wrong == "" {
				if err != nil {
					t.Errorf("%s %q: %v", flag, c.address, err)
				}
				continue
			}
			if want := fmt.Sprintf("%s %q %s", flag, c.address, c.wrong); !errors.Is(err, ErrUsage) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s %q\n got %v\nwant %s", flag, c.address, err, want)
			}
		}
	}
}
