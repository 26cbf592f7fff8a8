package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/config"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// TestEveryFlagHasItsEnvironmentTwin walks the grammar. Where the demo keeps its
// state, and where its people's years go, are the exceptions: the variables name
// the folder of real people's tokens, and the place of their history.
func TestEveryFlagHasItsEnvironmentTwin(t *testing.T) {
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			if command.Name == "demo" && (flag.Name == "state.dir" || flag.Name == "to") || config.Prints(flag) {
				continue
			}
			want := "WITHINGS_" + strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(flag.Name))
			if len(flag.Envs) != 1 || flag.Envs[0] != want {
				t.Errorf("%s --%s has the environment %v, want %s", command.Name, flag.Name, flag.Envs, want)
			}
		}
	}
}

func TestMain(m *testing.M) {
	testscript.Main(testrun.InMemory(m).Waiting(), map[string]func(){
		"withings-exporter": func() { os.Exit(run(scriptClock())) },
		"hold-locks":        holdLocks,
		"ask":               ask,
	})
}

// holdLocks is a process that locks files and keeps them, until it is killed.
func holdLocks() {
	for _, path := range os.Args[1:] {
		if _, err := statedir.Lock(context.Background(), path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// ask is a program of the table of mistakes that prints the status and the body of an address, once somebody listens there:
// ask [-X METHOD] URL [HOST].
func ask() {
	method := flag.String("X", http.MethodGet, "method")
	flag.Parse()
	request, err := http.NewRequestWithContext(context.Background(), *method, flag.Arg(0), http.NoBody)
	if err == nil {
		request.Host = flag.Arg(1)
	}
	deadline := time.After(patience)
	retry := time.NewTicker(20 * time.Millisecond)
	for err == nil {
		var answer *http.Response
		if answer, err = http.DefaultClient.Do(request); err == nil {
			body, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			fmt.Printf("%s\n%s\n", answer.Status, bytes.TrimSpace(body))
			return
		}
		select {
		case <-retry.C:
			err = nil
		case <-deadline:
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// scriptClock is the clock of the program in a script: that of the simulated
// cloud, where its time runs faster, and else the machine's.
func scriptClock() func() time.Time {
	var began int64
	var speed float64
	if n, _ := fmt.Sscan(os.Getenv("SCRIPT_CLOCK"), &began, &speed); n < 2 {
		return time.Now
	}
	origin := time.Unix(0, began)
	return func() time.Time {
		return origin.Add(time.Duration(float64(time.Since(origin)) * speed))
	}
}

// builtVar names a binary to run the scripts against, such as one of another
// kind of build, in place of this test's own.
const builtVar = "WITHINGS_TEST_BINARY"

// useBuilt puts that binary, if one is named, in front of the path.
func useBuilt(t *testing.T) {
	t.Helper()
	binary := os.Getenv(builtVar)
	if binary == "" {
		return
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%s: %v", builtVar, err)
	}
	dir := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, "withings-exporter")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestScripts drives the real program by the scripts of exporter/testdata/script.
func TestScripts(t *testing.T) {
	own := os.Getenv("PATH")
	useBuilt(t)
	testscript.Run(t, testscript.Params{
		Dir: "exporter/testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("OWN_PATH", own)
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else every process lasts a second
			e.Setenv("WITHINGS_STATE_DIR", e.WorkDir+"/state")
			e.Setenv("DAYS", fmt.Sprint(testrun.Scale(1, 10)))
			for i := range 3 { // addresses nobody else listens on
				e.Setenv(fmt.Sprintf("ADDR%d", i), testrun.FreeAddress(t))
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			// [!need:promtool:prometheus] is a program and the package that has it.
			if need, is := strings.CutPrefix(name, "need:"); is {
				program, from, _ := strings.Cut(need, ":")
				lacks := testrun.Program(program, "apt-get install "+from).Lacks(t.Name())
				if lacks && os.Getenv("CI") == "true" {
					return false, fmt.Errorf("%s is missing: apt-get install %s", program, from)
				}
				return !lacks, nil
			}
			switch name {
			case "full": // time is not spared
				return testrun.Scale(0, 1) == 1, nil
			case "raced": // the race detector watches
				return testrun.Raced(), nil
			}
			return false, fmt.Errorf("no condition is called %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cloud": cloud, "signin": signIn, "authorize": authorizePerson, "await": await, "get": get,
			"trouble": trouble, "silence": silence,
		},
	})
}

// cloud starts a simulated Withings and points the program at it: cloud [SPEED].
// Its rate limit is off, since a script is a crowd of processes in a minute.
func cloud(s *testscript.TestScript, _ bool, args []string) {
	speed := 1.0
	if len(args) > 0 {
		var err error
		speed, err = strconv.ParseFloat(args[0], 64)
		s.Check(err)
	}
	began := time.Now()
	sim := simulator.New(simulator.Options{
		Years: 1, Start: began, Speed: speed,
		Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: simulator.Unlimited}},
	})
	server := httptest.NewServer(sim)
	clouds.Store(server.URL, sim)
	s.Defer(server.Close)
	if speed != 1 { // a binary that was built in another way goes by the clock of the machine
		s.Setenv("PATH", s.Getenv("OWN_PATH"))
		s.Setenv("SCRIPT_CLOCK", fmt.Sprint(began.UnixNano(), speed))
	}
	s.Setenv("WITHINGS_API_URL", server.URL)
	s.Setenv("WITHINGS_ACCOUNT_URL", server.URL)
	s.Setenv("WITHINGS_CLIENT_ID", simulator.DefaultClientID)
	s.Setenv("WITHINGS_CLIENT_SECRET", simulator.DefaultClientSecret)
}

// clouds are the simulated ones of all scripts, by address.
var clouds sync.Map

// trouble has requests of an action answered with a status of Withings, or of HTTP
// where it is written as http_N: trouble ACTION STATUS; without arguments it is over.
func trouble(s *testscript.TestScript, neg bool, args []string) {
	known, _ := clouds.Load(s.Getenv("WITHINGS_API_URL"))
	sim, ok := known.(*simulator.Cloud)
	if neg || !ok || len(args) != 0 && len(args) != 2 {
		s.Fatalf("usage: trouble ACTION STATUS, after cloud")
	}
	sim.Clear()
	if len(args) == 0 {
		return
	}
	fault := simulator.Fault{Kind: simulator.FaultStatus, Action: args[0], Text: "made up"}
	number, http := strings.CutPrefix(args[1], "http_")
	if http {
		fault.Kind = simulator.FaultHTTP
	}
	var err error
	fault.Status, err = strconv.Atoi(number)
	s.Check(err)
	sim.Inject(fault)
}

// silence starts a server that takes connections and never says anything:
// silence VARIABLE sets that to its address.
func silence(s *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		s.Fatalf("usage: silence VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.Check(err)
	var conns []net.Conn
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
		}
	}()
	s.Defer(func() {
		_ = l.Close()
		<-ended
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	s.Setenv(args[0], l.Addr().String())
}

// signIn stores tokens of the named people: signin NAME...
func signIn(s *testscript.TestScript, _ bool, names []string) {
	s.Check(signin.SignIn(context.Background(), command.Settings{
		StateDir: s.Getenv("WITHINGS_STATE_DIR"), Profiles: names,
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback",
		APIURL:      s.Getenv("WITHINGS_API_URL"), AccountURL: s.Getenv("WITHINGS_ACCOUNT_URL"),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}))
}

// patience is how long a program may take to do what a test waits for. On a busy
// machine, that is more than seconds.
const patience = 2 * time.Minute

// await asks an address, or reads a file, until its text matches: await URL|FILE [PATTERN].
func await(s *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		s.Fatalf("usage: await URL|FILE [PATTERN]")
	}
	look := testrun.Page
	if !strings.HasPrefix(args[0], "http://") {
		look = func(file string) (string, error) {
			text, err := os.ReadFile(s.MkAbs(file))
			return string(text), err
		}
	}
	pattern := regexp.MustCompile("(?m)" + strings.Join(args[1:], ""))
	last := ""
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(patience)
	for {
		body, err := look(args[0])
		if err == nil && pattern.MatchString(body) {
			return
		}
		last = fmt.Sprint(err, body)
		select {
		case <-retry.C:
		case <-deadline:
			s.Fatalf("%s does not come to match %q: %s", args[0], pattern, last)
		}
	}
}

// get writes what an address answers to a file: get URL FILE.
func get(s *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		s.Fatalf("usage: get URL FILE")
	}
	body, err := testrun.Page(args[0])
	s.Check(err)
	s.Check(os.WriteFile(s.MkAbs(args[1]), []byte(body), 0o600))
}

// authorizePerson runs the real auth command and does at Withings' page what a person
// does: authorize PERSON ARGUMENT...; the address the browser ends at is opened
// or, with --paste, typed in. What auth prints is then in the file auth.out.
func authorizePerson(s *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		s.Fatalf("usage: authorize PERSON ARGUMENT...")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := exec.CommandContext(ctx, "withings-exporter", append([]string{"auth", "--no-browser"}, args[1:]...)...)
	for _, name := range []string{"PATH", "HOME", "WITHINGS_STATE_DIR", "WITHINGS_API_URL", "WITHINGS_ACCOUNT_URL", "WITHINGS_CLIENT_ID", "WITHINGS_CLIENT_SECRET", "SCRIPT_CLOCK"} {
		cmd.Env = append(cmd.Env, name+"="+s.Getenv(name))
	}
	var talk strings.Builder
	cmd.Stderr = &talk
	keys, err := cmd.StdinPipe()
	s.Check(err)
	out, err := cmd.StdoutPipe()
	s.Check(err)
	s.Check(cmd.Start())
	lines := bufio.NewScanner(out)
	var told []string
	for lines.Scan() {
		told = append(told, lines.Text())
		if !strings.Contains(lines.Text(), "/oauth2_user/authorize2?") {
			continue
		}
		back, err := simulator.Consent(ctx, http.DefaultClient, lines.Text(), args[0])
		s.Check(err)
		if slices.Contains(args, "--paste") {
			_, err = keys.Write([]byte(back.String() + "\n"))
		} else {
			var answer *http.Response
			if answer, err = http.Get(back.String()); err == nil {
				err = answer.Body.Close()
			}
		}
		s.Check(err)
	}
	err = cmd.Wait()
	s.Logf("[stdout]\n%s\n[stderr]\n%s", strings.Join(told, "\n"), &talk)
	s.Check(os.WriteFile(s.MkAbs("auth.out"), []byte(strings.Join(told, "\n")), 0o600))
	if failed := err != nil; failed != neg {
		s.Fatalf("auth ended with %v", err)
	}
}
