package web

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/testrun"
)

// sub is the path at which nginx has the exporter in these tests.
const sub = "/health"

// TestEveryLinkWorksBelowASubPathOfNginx follows whatever the pages, the answers about targets and the redirects lead
// to, behind a real nginx that strips the sub-path, keeps it, or makes another of it.
func TestEveryLinkWorksBelowASubPathOfNginx(t *testing.T) {
	testrun.Nginx.Of(t)
	for name, c := range map[string]struct {
		passed           string // what nginx makes of "/health/"
		external, prefix string
	}{
		"strips, and the exporter knows nothing": {"/", "", ""},
		"strips, and the exporter knows its URL": {"/", sub, ""},
		"strips, and everything is at the root":  {"/", sub, "/"},
		"keeps, and the exporter knows its URL":  {sub + "/", sub, ""},
		"keeps, and everything is there":         {sub + "/", "", sub},
		"keeps, and both are told":               {sub + "/", sub, sub},
		"makes another, which is told":           {"/withings/", "", "/withings"},
		"makes another, and both are told":       {"/withings/", sub, "/withings"},
		"keeps, and the URL is that of the host": {sub + "/", "/", sub},
	} {
		t.Run(name, func(t *testing.T) {
			outside := testrun.FreeAddress(t)
			var asked []string
			s := newServer(t, withPrefix(c.prefix), withNotifications, withECG(&asked), func(o *Options) {
				one := fine("Anna & Müller")
				one.State, one.Readings[0].Page = StateFailing, ECGPage(one.Name, 123)
				status := Status{Now: now, Started: now, Profiles: []Profile{one}}
				for i := range compactFrom { // so many that there are links to single ones
					status.Profiles = append(status.Profiles, fine(fmt.Sprintf("%d & more", i)))
				}
				o.Status = func() Status { return status }
				if c.external != "" {
					o.ExternalURL = "http://" + outside + c.external
				}
			})
			start(t, s)
			runNginx(t, outside, fmt.Sprintf("location %s/ { proxy_pass http://%s%s; }", sub, s.Addrs()[0], c.passed))

			found := crawl(t, "http://"+outside+sub+"/", "http://"+outside+sub)
			for _, want := range []string{"/metrics", "/sd", "/-/healthy", "/-/ready", "/favicon.svg", "/?profile=0+%26+more", "/ecg/123.svg?profile=Anna+%26+M%C3%BCller"} {
				if !found["http://"+outside+sub+want] {
					t.Errorf("no page leads to %s, only to %v", want, found)
				}
			}
			if address := "http://" + outside + c.external; c.external == sub { // as Withings is told
				if _, code, body := ask(t, address+"/notify/x"); code != http.StatusOK || body != "GET /notify/x" {
					t.Errorf("a notification is answered with %d %q", code, body)
				}
			}
		})
	}
}

// TestTheSubPathsOfTheDocumentationWork takes the locations of nginx from it, and the configuration that follows one.
func TestTheSubPathsOfTheDocumentationWork(t *testing.T) {
	testrun.Nginx.Of(t)
	page, err := os.ReadFile("../docs/web.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```nginx\n(location (/\\w+)/ .*?)```\n(?:[^`]*```yaml\n(web: .*?)```)?").FindAllStringSubmatch(string(page), -1)
	if len(found) != 2 || found[0][3] != "" || found[1][3] == "" {
		t.Fatalf("there are %d locations of nginx, want one without and one with a configuration: %q", len(found), found)
	}
	for _, location := range found {
		var configured struct {
			Web struct {
				Prefix string `yaml:"route-prefix"`
			}
		}
		if err := yaml.Unmarshal([]byte(location[3]), &configured); err != nil {
			t.Fatal(err)
		}
		s := newServer(t, withPrefix(configured.Web.Prefix), withStatus(Status{Profiles: []Profile{fine("Anna")}}))
		start(t, s)
		outside := testrun.FreeAddress(t)
		runNginx(t, outside, strings.Replace(location[1], "127.0.0.1:10054", s.Addrs()[0].String(), 1))
		home := "http://" + outside + location[2]
		if found := crawl(t, home+"/", home); !found[home+"/metrics"] {
			t.Errorf("behind %s no page leads to the metrics, only to %v", location[1], found)
		}
	}
}

// TestThePasswordOfTheDocumentationWorks takes the web configuration and the scrapes of Prometheus from it, and asks as they say: directly,
// and through each of its locations of nginx.
func TestThePasswordOfTheDocumentationWorks(t *testing.T) {
	testrun.Nginx.Of(t)
	data, err := os.ReadFile("../docs/web.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "## A password\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 4 {
		t.Fatalf("there are %d blocks, want the two files and two scrapes", len(blocks))
	}
	const right, hash = "open sesame", "$2a$04$pY355xVm8fTX1qy3gfymZen.NeCt4gov2mAQlAApA5tNhoifB14Sq"
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte(strings.Replace(blocks[0][1], "$2y$05$HASH", hash, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	direct, through := scraped(t, blocks[2][1]), scraped(t, blocks[3][1])
	for name, c := range map[string]struct{ passed, prefix, metrics string }{
		"strips": {"/", "", direct.Path},
		"keeps":  {"", "/withings", through.Path},
	} {
		s := newServer(t, withPrefix(c.prefix), func(o *Options) { o.ConfigFile = file })
		start(t, s)
		outside := testrun.FreeAddress(t)
		runNginx(t, outside, fmt.Sprintf("location /withings/ { proxy_pass http://%s%s; }", s.Addrs()[0], c.passed))
		for address, user := range map[string]string{"http://" + outside + through.Path: through.Auth.Name, "http://" + s.Addrs()[0].String() + c.metrics: direct.Auth.Name} {
			for typed, want := range map[string]int{right: http.StatusOK, "guess": http.StatusUnauthorized} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.SetBasicAuth(user, typed)
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				if _ = answer.Body.Close(); answer.StatusCode != want {
					t.Errorf("a proxy that %s: %s is answered with %d to %q, want %d", name, address, answer.StatusCode, typed, want)
				}
			}
		}
	}
}

// scrape is what a block of Prometheus' configuration says of its one job.
type scrape struct {
	Path string `yaml:"metrics_path"`
	Auth struct {
		Name string `yaml:"username"`
	} `yaml:"basic_auth"`
}

// scraped reads it; Prometheus' own path is /metrics.
func scraped(t *testing.T, block string) scrape {
	t.Helper()
	var read struct {
		Jobs []scrape `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(block), &read); err != nil || len(read.Jobs) != 1 {
		t.Fatalf("%v, jobs %+v", err, read.Jobs)
	}
	read.Jobs[0].Path = cmp.Or(read.Jobs[0].Path, "/metrics")
	return read.Jobs[0]
}

// TestAProxyThatStripsTheRoutePrefixIsNoLoop: the page says what is wrong, and its link works all the same.
func TestAProxyThatStripsTheRoutePrefixIsNoLoop(t *testing.T) {
	testrun.Nginx.Of(t)
	for _, external := range []string{"", sub} {
		outside := testrun.FreeAddress(t)
		s := newServer(t, withPrefix(sub), withStatus(Status{Profiles: []Profile{fine("Anna")}}), func(o *Options) {
			if external != "" {
				o.ExternalURL = "http://" + outside + external
			}
		})
		start(t, s)
		runNginx(t, outside, fmt.Sprintf("location %s/ { proxy_pass http://%s/; }", sub, s.Addrs()[0]))
		at, code, body := ask(t, "http://"+outside+sub+"/")
		link := regexp.MustCompile(`<a href="([^"]*)">status page</a>`).FindStringSubmatch(body)
		if code != http.StatusNotFound || !strings.Contains(body, `remove <span class="flag">--web.route-prefix</span>`) || link == nil {
			t.Fatalf("external URL %q: %d %s", external, code, body)
		}
		if at, code, _ = ask(t, at.ResolveReference(&url.URL{Path: link[1]}).String()); code != http.StatusOK {
			t.Errorf("external URL %q: the link leads to %s, which is answered with %d", external, at, code)
		}
	}
}

// runNginx runs an nginx that listens at an address and has a location, until the test ends.
func runNginx(t *testing.T, address, location string) {
	t.Helper()
	dir := t.TempDir()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += kind + "_temp_path " + dir + ";\n"
	}
	file := filepath.Join(dir, "nginx.conf")
	text := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + temporary +
		"server { listen " + address + "; " + location + " }\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command(testrun.Nginx.Path(t), "-p", dir, "-e", "stderr", "-c", file)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx says: %s", said.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			t.Fatalf("nginx does not listen at %s: %v", address, err)
		}
	}
}

var (
	href       = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	targetPath = regexp.MustCompile(`"__metrics_path__":"([^"]*)"`)
	targetHost = regexp.MustCompile(`"targets":\["([^"]*)"\]`)
)

// crawl opens a page and what it leads to, and pages that do not exist, and returns what was found to work.
// Nothing may lead out of the home.
func crawl(t *testing.T, from, home string) map[string]bool {
	t.Helper()
	found, lost := map[string]bool{}, map[string]bool{home + "/nothing": true, home + "/x/y/z": true}
	next := []string{from, home, home + "/nothing", home + "/x/y/z"}
	for len(next) > 0 {
		address := next[0]
		if next = next[1:]; found[address] {
			continue
		}
		at, code, body := ask(t, address)
		if want := map[bool]int{false: http.StatusOK, true: http.StatusNotFound}[lost[address]]; code != want {
			t.Errorf("%s is answered with %d, want %d", address, code, want)
			continue
		}
		found[address] = true
		for _, match := range href.FindAllStringSubmatch(body, -1) {
			to, err := url.Parse(html.UnescapeString(match[1]))
			if err != nil {
				t.Fatal(err)
			}
			target := at.ResolveReference(to).String()
			if !strings.HasPrefix(target, home+"/") {
				t.Errorf("%s leads to %s", address, target)
				continue
			}
			next = append(next, target)
		}
		if strings.HasSuffix(address, "/sd") {
			host, path := targetHost.FindStringSubmatch(body), targetPath.FindStringSubmatch(body)
			if _, code, body := ask(t, "http://"+host[1]+path[1]); code != http.StatusOK || body != "withings_up 1\n" {
				t.Errorf("the target %s%s is answered with %d: %s", host[1], path[1], code, body)
			}
		}
	}
	return found
}

// ask asks for a page as a browser does, and returns where it has ended up.
func ask(t *testing.T, address string) (at *url.URL, code int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	r.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.Request.URL, answer.StatusCode, string(all)
}
