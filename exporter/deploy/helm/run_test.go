//go:build linux

package helm

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// nobody is the user and group of the pod.
const nobody = 65532

// pod is what the kubelet makes of a Deployment, as far as a folder can be it: a file
// system of the program and of what is mounted, in which nothing else can be written.
type pod struct {
	t    *testing.T
	root string
	env  []string
	url  string

	ended chan struct{} // closed when the container has ended
	log   string        // where it writes
}

// newPod lays out the only container of the manifests, in front of a simulated Withings.
func newPod(t *testing.T, manifests string, cloud *httptest.Server) *pod {
	t.Helper()
	all := objects(t, manifests)
	spec := at(pick(t, all, "Deployment"), "spec", "template", "spec")
	address := testrun.FreeAddress(t)
	p := &pod{t: t, root: t.TempDir(), url: "http://" + address}
	p.must(os.Chmod(p.root, 0o755))
	p.env = []string{"WITHINGS_API_URL=" + cloud.URL, "WITHINGS_ACCOUNT_URL=" + cloud.URL}
	for _, variable := range at(spec, "containers", 0, "env").([]any) {
		value := at(variable, "value").(string)
		if value == ":10054" { // which another test may have
			value = address
		}
		p.env = append(p.env, at(variable, "name").(string)+"="+value)
	}
	volumes := map[any]any{}
	for _, volume := range at(spec, "volumes").([]any) {
		volumes[at(volume, "name")] = volume
	}
	for _, mount := range at(spec, "containers", 0, "volumeMounts").([]any) {
		path := filepath.Join(p.root, at(mount, "mountPath").(string))
		p.must(os.MkdirAll(path, 0o755))
		volume := volumes[at(mount, "name")]
		switch {
		case at(volume, "configMap") != nil:
			p.project(path, "withings.yaml", at(pick(t, all, "ConfigMap"), "data", "withings.yaml").(string), 0o644)
		case at(volume, "secret") != nil:
			mode := fs.FileMode(at(volume, "secret", "defaultMode").(int))
			p.project(path, at(volume, "secret", "items", 0, "path").(string), simulator.DefaultClientSecret, mode)
		default: // fsGroup opens it to the group
			p.must(os.Chown(path, 0, nobody))
			p.must(os.Chmod(path, 0o770|fs.ModeSetgid))
		}
	}
	return p
}

// project writes a file as ConfigMaps and Secrets are mounted: through a link, owned by
// root, readable to the group.
func (p *pod) project(dir, name, text string, mode fs.FileMode) {
	p.t.Helper()
	hidden := filepath.Join(dir, "..data")
	p.must(os.MkdirAll(hidden, 0o755))
	path := filepath.Join(hidden, name)
	p.must(os.WriteFile(path, []byte(text), mode))
	p.must(os.Chown(path, 0, nobody))
	p.must(os.Chmod(path, mode))
	p.must(os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
}

func (p *pod) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// command is a process in the pod, as the pod starts it or kubectl exec does.
func (p *pod) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "/withings-exporter", args...)
	command.Dir, command.Env = "/data", p.env
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot: p.root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{nobody}},
	}
	return command
}

// start runs the container, and returns how it is ended.
func (p *pod) start() (stop func()) {
	p.t.Helper()
	log, err := os.Create(filepath.Join(p.t.TempDir(), "log"))
	p.must(err)
	command := p.command(p.t.Context())
	command.Stdout, command.Stderr = log, log
	p.must(command.Start())
	p.ended, p.log = make(chan struct{}), log.Name()
	go func() {
		defer close(p.ended)
		err = command.Wait()
	}()
	return func() {
		p.t.Helper()
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended by itself, which await tells
		<-p.ended
		if err != nil {
			p.t.Errorf("the container ended with %v:\n%s", err, p.said())
		}
		p.must(log.Close())
	}
}

// said is what the container has written.
func (p *pod) said() string {
	text, err := os.ReadFile(p.log)
	p.must(err)
	return string(text)
}

// await asks a path until what it answers matches.
func (p *pod) await(path, pattern string) string {
	p.t.Helper()
	want := regexp.MustCompile(pattern)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	enough := time.After(2 * time.Minute)
	for {
		text, err := testrun.Page(p.url + path)
		if err == nil && want.MatchString(text) {
			return text
		}
		select {
		case <-again.C:
		case <-p.ended:
			p.t.Fatalf("the container has ended:\n%s", p.said())
		case <-enough:
			p.t.Fatalf("%s does not come to match %q: %v\n%s", path, pattern, err, text)
		}
	}
}

// authorise does what NOTES.txt says, and what a person does in the browser.
func (p *pod) authorise(profile string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	command := p.command(ctx, "auth", profile, "--no-browser", "--paste")
	var talk, told strings.Builder
	command.Stderr = &talk
	keys, err := command.StdinPipe()
	p.must(err)
	out, err := command.StdoutPipe()
	p.must(err)
	p.must(command.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Fprintln(&told, lines.Text())
		if !strings.Contains(lines.Text(), "/oauth2_user/authorize2?") {
			continue
		}
		back, err := simulator.Consent(ctx, http.DefaultClient, lines.Text(), profile)
		p.must(err)
		_, err = io.WriteString(keys, back.String()+"\n")
		p.must(err)
	}
	if err := command.Wait(); err != nil {
		p.t.Fatalf("auth: %v\n%s%s", err, &told, &talk)
	}
	return told.String() + talk.String()
}

// TestPersonIsAuthorisedInsideThePod runs the real program with what the manifests
// give it and nothing else, as NOTES.txt and the page about Kubernetes say.
func TestPersonIsAuthorisedInsideThePod(t *testing.T) {
	testrun.Root.Of(t)
	program := filepath.Join(t.TempDir(), "withings-exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "withings-exporter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	plain, err := os.ReadFile(filepath.Join(plainFolder, "withings-exporter.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, manifests := range map[string]string{"of the chart": render(t, with("least")...), "plain": string(plain)} {
		t.Run(name, func(t *testing.T) {
			cloud := httptest.NewServer(simulator.New(simulator.Options{Seed: 1, Years: 1}))
			defer cloud.Close()
			p := newPod(t, strings.ReplaceAll(manifests, "client-id: ID", "client-id: "+simulator.DefaultClientID), cloud)
			p.must(os.Link(program, filepath.Join(p.root, "withings-exporter")))

			stop := p.start()
			p.await("/-/ready", "")
			p.await("/-/healthy", "")
			said := p.authorise("Anna")
			if strings.Contains(strings.ToLower(said), "warn") {
				t.Errorf("auth warns:\n%s", said)
			}
			p.await("/metrics", `(?m)^withings_weight_grams\{profile="Anna"\} \d`)
			if out, err := p.command(t.Context(), "check").CombinedOutput(); err == nil || !strings.Contains(string(out), "Anna") || strings.Contains(strings.ToLower(string(out)), "warn") {
				t.Errorf("check, with Ben still to be authorised: %v\n%s", err, out)
			}
			stop()

			// A volume that is restored elsewhere is opened to the group, with all that is in it.
			p.must(filepath.WalkDir(filepath.Join(p.root, "data"), func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.Type()&fs.ModeSymlink != 0 {
					return err
				}
				return os.Chmod(path, 0o660|map[bool]fs.FileMode{true: 0o110 | fs.ModeSetgid}[entry.IsDir()])
			}))
			stop = p.start()
			p.await("/metrics", `(?m)^withings_authorized\{profile="Anna"\} 1$`)
			p.await("/metrics", `(?m)^withings_weight_grams\{profile="Anna"\} \d`)
			stop()
			info, err := os.Stat(filepath.Join(p.root, "data", "state"))
			p.must(err)
			if info.Mode().Perm() != 0o700 {
				t.Errorf("the state directory has mode %v", info.Mode())
			}
			p.nothingElse()
		})
	}
}

// nothingElse fails the test if anything was written but in the state directory.
func (p *pod) nothingElse() {
	p.t.Helper()
	for _, dir := range []string{"data", "tmp"} {
		entries, err := os.ReadDir(filepath.Join(p.root, dir))
		p.must(err)
		for _, entry := range entries {
			if dir != "data" || entry.Name() != "state" {
				p.t.Errorf("the program has left %s in /%s", entry.Name(), dir)
			}
		}
	}
}
