//go:build unix

package readme

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
)

// public is the name in the recipes for notifications, and behind the address to which
// they lead.
const public, behind = "home.example", "127.0.0.1:10055"

// TestTheRecipesForNotificationsWork has a simulated Withings send its notifications
// through a real nginx, and through a tunnel of OpenSSH behind it, both set up as the
// page about them says but for addresses and certificate.
func TestTheRecipesForNotificationsWork(t *testing.T) {
	for _, need := range []*testrun.Need{testrun.Nginx, testrun.SSH, testrun.SSHD} {
		need.Of(t)
	}
	program := filepath.Join(t.TempDir(), "withings-exporter")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	for name, tunnelled := range map[string]bool{"proxy": false, "tunnel": true} {
		t.Run(name, func(t *testing.T) {
			r := newRecipes(t, program)
			inner := r.inner
			if tunnelled {
				inner = testrun.FreeAddress(t)
				r.tunnel(inner)
			}
			r.nginx(inner)
			said := r.run(program, "check")
			if !strings.Contains(said, "ok    notifications: Withings reached https://"+public+"/notify/…") {
				t.Fatalf("check says\n%s", said)
			}
			r.background(program)
			page := "http://" + r.page + "/metrics"
			r.await(page, regexp.MustCompile(`withings_api_requests_total{service="notify",status="0"} [2-9]`))
			if _, err := r.cloud.AddGroup(r.cloud.People()[0].ID, simulator.Group{Measures: []simulator.Measure{{Type: 1, Value: 71250, Unit: -3, Position: simulator.NoPosition}}}); err != nil {
				t.Fatal(err)
			}
			if n := r.cloud.Deliver(t.Context()); n != 1 {
				t.Errorf("%d notifications were sent, want 1", n)
			}
			r.await(page, regexp.MustCompile(`withings_notifications_total{category="1",profile="Anna"} 1`))
			r.await(page, regexp.MustCompile(`withings_weight_grams{profile="Anna"} 71250`))
			for _, path := range []string{"/", "/metrics", "/sd", "/notify", "/-/healthy"} {
				answer, err := r.outside.Get("https://" + public + path)
				if err != nil {
					t.Fatal(err)
				}
				if _ = answer.Body.Close(); answer.StatusCode != http.StatusNotFound {
					t.Errorf("%s is answered with %d", path, answer.StatusCode)
				}
			}
			if all, err := os.ReadFile(r.log); err != nil || regexp.MustCompile(`/notify/[A-Za-z0-9_-]{43}`).Match(all) {
				t.Errorf("%v, a secret path is logged:\n%s", err, all)
			}
		})
	}
}

// recipes are what notifications.md has, on this machine.
type recipes struct {
	t           *testing.T
	cloud       *simulator.Cloud
	outside     *http.Client // to whom the public name leads to nginx
	outer       string       // where nginx listens, instead of at port 443
	inner, page string       // where the exporter listens
	certificate string
	key         string
	env         []string
	log         string // of everything that runs in the background
	out         *os.File
}

// newRecipes has a person sign in and writes the configuration.
func newRecipes(t *testing.T, program string) *recipes {
	t.Helper()
	dir := t.TempDir()
	r := &recipes{t: t, outer: testrun.FreeAddress(t), inner: testrun.FreeAddress(t), page: testrun.FreeAddress(t), log: filepath.Join(dir, "log")}
	var err error
	if r.out, err = os.Create(r.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.out.Close()
		if said, _ := os.ReadFile(r.log); t.Failed() {
			t.Logf("what ran in the background said:\n%s", said)
		}
	})
	r.certificate, r.key = testserver.Certificate(t, public)
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM([]byte(read(t, r.certificate))) {
		t.Fatal("there is no certificate")
	}
	r.outside = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, r.outer)
		},
		TLSClientConfig: &tls.Config{RootCAs: trusted},
	}}
	r.cloud = simulator.New(simulator.Options{Years: 1, Callbacks: r.outside, Switches: simulator.Switches{
		StrictCallbacks: true, Limiter: simulator.Limiter{Limit: simulator.Unlimited},
		Notifications: simulator.Notifications{RefuseNoContent: true, EmptyPost: true},
	}})
	server := httptest.NewServer(r.cloud)
	t.Cleanup(server.Close)
	s := command.Settings{StateDir: filepath.Join(dir, "state"), Profiles: []string{"Anna"}, RedirectURL: "http://localhost:8019/auth/external/callback",
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret, APIURL: server.URL, AccountURL: server.URL,
		Log: slog.New(slog.DiscardHandler), Now: time.Now}
	if err := signin.SignIn(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "withings.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(r.block("yaml", "web:"), behind, r.inner)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "WITHINGS_CONFIG_FILE="+file, "WITHINGS_STATE_DIR="+s.StateDir, "WITHINGS_CLIENT_ID="+s.ClientID, "WITHINGS_CLIENT_SECRET="+s.ClientSecret,
		"WITHINGS_API_URL="+s.APIURL, "WITHINGS_ACCOUNT_URL="+s.AccountURL, "WITHINGS_WEB_LISTEN_ADDRESS="+r.page, "WITHINGS_SERVICES=measure")
	return r
}

// block is a block of notifications.md that begins with some text, which has the public name
// or the address behind.
func (r *recipes) block(language, begin string) string {
	r.t.Helper()
	for _, b := range blocks(r.t, docs+"/notifications.md") {
		if b.language == language && strings.HasPrefix(b.text, begin) && strings.Contains(b.text, behind) {
			return b.text
		}
	}
	r.t.Fatalf("notifications.md has no block of %s that begins with %q and has %s", language, begin, behind)
	return ""
}

// nginx runs it with the server of that page, which leads to an address.
func (r *recipes) nginx(to string) {
	r.t.Helper()
	server := strings.NewReplacer("listen 443 ssl", "listen "+r.outer+" ssl", behind, to,
		"/etc/letsencrypt/live/home.example/fullchain.pem", r.certificate, "/etc/letsencrypt/live/home.example/privkey.pem", r.key).Replace(r.block("nginx", "server {"))
	dir := r.t.TempDir()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += kind + "_temp_path " + dir + ";\n"
	}
	file := filepath.Join(dir, "nginx.conf")
	text := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log " + r.log + ";\n" + temporary + server + "}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.background(testrun.Nginx.Path(r.t), "-p", dir, "-e", "stderr", "-c", file)
	r.listening(r.outer)
}

// tunnel runs an sshd and types the command of that page, which leads an address to
// the exporter.
func (r *recipes) tunnel(from string) {
	r.t.Helper()
	dir := r.t.TempDir()
	for _, key := range []string{"host", "own"} {
		if said, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			r.t.Fatalf("ssh-keygen: %v\n%s", err, said)
		}
	}
	if os.Geteuid() == 0 { // what the package does when the machine starts
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			r.t.Fatal(err)
		}
	}
	at := testrun.FreeAddress(r.t)
	config := filepath.Join(dir, "sshd_config")
	text := "ListenAddress " + at + "\nHostKey " + dir + "/host\nAuthorizedKeysFile " + dir + "/own.pub\nStrictModes no\nPidFile none\nUsePAM no\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.background(testrun.SSHD.Path(r.t), "-D", "-e", "-f", config)
	r.listening(at)
	me, err := user.Current()
	if err != nil {
		r.t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(at)
	_, outer, _ := net.SplitHostPort(from)
	typed := strings.NewReplacer("10055:"+behind, outer+":"+r.inner, "you@"+public, fmt.Sprintf("-F none -i %s/own -o UserKnownHostsFile=%[1]s/known -o StrictHostKeyChecking=no -p %s %s@%s",
		dir, port, me.Username, host)).Replace(strings.TrimSpace(r.block("sh", "ssh -N")))
	r.background("sh", "-c", "exec "+typed)
	r.listening(from)
}

// background runs a program until the test ends.
func (r *recipes) background(program string, args ...string) {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = r.env, r.out, r.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// run runs a program and returns what it prints.
func (r *recipes) run(program string, args ...string) string {
	cmd := exec.CommandContext(r.t.Context(), program, args...)
	cmd.Env = r.env
	said, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Errorf("%s: %v", strings.Join(args, " "), err)
	}
	return string(said)
}

// await asks a page until its text matches.
func (r *recipes) await(page string, pattern *regexp.Regexp) {
	r.t.Helper()
	r.until("its page shows "+pattern.String(), func() bool {
		said, err := testrun.Page(page)
		return err == nil && pattern.MatchString(said)
	})
}

// listening waits until somebody listens at an address.
func (r *recipes) listening(address string) {
	r.t.Helper()
	r.until("somebody listens at "+address, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (r *recipes) until(what string, is func() bool) {
	r.t.Helper()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(time.Minute)
	for !is() {
		select {
		case <-retry.C:
		case <-deadline:
			r.t.Fatalf("after a minute it is not so that %s", what)
		}
	}
}
