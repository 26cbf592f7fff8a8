package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// soon is when a check of three people ends: more requests than may be sent at once
// wait for the rate limit.
const soon = 10 * time.Second

func TestCheckAsksWhatServeAsks(t *testing.T) {
	hang := simulator.Fault{Kind: simulator.FaultHang}
	all := fmt.Sprintf("all %d services", len(exporter.Asked()))
	for _, c := range []struct {
		name  string
		alter func(w *stage.World)
		want  []string // lines, each by its beginning
		not   string
		err   string // a part of it; "" for none
		auth  bool
		most  time.Duration
	}{
		{name: "all is well", want: []string{`ok    configuration: `, `ok    application: `,
			`ok    profile "Anna": Withings answers for ` + all, `ok    profile "Ben": `, `ok    profile "Carla": `}, not: "FAIL", most: soon},
		{name: "one service fails for one person", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{UserID: w.ID("Ben"), Kind: simulator.FaultStatus, Status: 2556, Action: "getgoals"})
		}, want: []string{`ok    profile "Anna": `, `FAIL  profile "Ben": goal: getgoals: status 2556`, `ok    profile "Carla": `}, err: "1 check failed; see the line", most: 10 * time.Second},
		{name: "services of one scope are not allowed, as the token says", alter: func(w *stage.World) { w.Allow("Anna", true, "user.metrics", "user.info") },
			want: []string{`note  profile "Anna": not allowed: activity, sleep, workout, intraday, night; to allow it, run: withings-exporter auth Anna`,
				`ok    profile "Anna": Withings answers for measure, device, goal, objective, heart, stetho; `}, not: "FAIL", most: soon},
		{name: "services of one scope are not allowed, as Withings says", alter: func(w *stage.World) { w.Allow("Anna", false, "user.metrics", "user.info") },
			want: []string{`note  profile "Anna": not allowed: activity, sleep, workout, intraday, night`, `ok    profile "Anna": `}, not: "FAIL", most: soon},
		{name: "nothing is allowed", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultStatus, Status: 2555})
		}, want: []string{`FAIL  profile "Anna": `, `ok    profile "Ben": `}, err: "failed", most: soon},
		{name: "every service refuses the token", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultExpiredToken})
		},
			want: []string{`AUTH  profile "Anna": `, `ok    profile "Ben": `}, not: `FAIL`, err: "see the line marked AUTH", auth: true, most: soon},
		{name: "an authorisation was withdrawn", alter: func(w *stage.World) {
			w.Settings.ConfigFile = "withings.yaml"
			dir, err := statedir.Open(w.Settings.StateDir)
			w.Try(err)
			w.Try(auth.NewStore(dir, "Anna", w.Settings.ClientID, w.Settings.Now).Withdraw(w.T.Context()))
		}, want: []string{`AUTH  profile "Anna": withdrawn on ` + stage.CloudStart.Format("2006-01-02 15:04 MST") +
			`; run: withings-exporter auth Anna; or, if that is to last, remove "Anna" from the profiles in withings.yaml`},
			not: "FAIL", err: "see the line marked AUTH", auth: true, most: soon},
		{name: "one service refuses the token", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultExpiredToken, Action: "getsummary"})
		}, want: []string{`FAIL  profile "Anna": sleep: getsummary: status 401`}, not: "AUTH", err: "1 check failed", most: soon},
		{name: "Withings hangs", alter: func(w *stage.World) { w.Sim.Inject(hang) },
			want: []string{`FAIL  application: cannot reach Withings: no answer in time`, `note  profile "Anna": ` + all + `: Withings cannot be reached; see application`,
				`note  profile "Ben": ` + all, `note  profile "Carla": ` + all}, not: "getnonce", err: "1 check failed", most: time.Minute},
		{name: "Withings hangs, also for notifications", alter: func(w *stage.World) {
			w.Settings.ExternalURL = "https://home.example"
			w.Sim.Inject(hang)
		}, want: []string{`FAIL  application: `, `note  notifications: Withings cannot be reached; see application`}, not: "subscriptions", err: "1 check failed", most: 90 * time.Second},
		{name: "a proxy answers everybody with its web page", alter: func(w *stage.World) {
			w.Settings.Services = []string{"measure"}
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTML})
		},
			want: []string{`FAIL  application: the answer is not JSON from Withings (it is a web page); check `, `note  profile "Ben": measure: the answer is not JSON from Withings (it is a web page); see application`}, err: "1 check failed", most: time.Minute},
		{name: "one service hangs", alter: func(w *stage.World) { w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Action: "getsummary"}) },
			want: []string{`ok    application: `, `FAIL  profile "Anna": sleep: cannot reach Withings: no answer in time`,
				`note  profile "Ben": sleep: Withings cannot be reached; see profile "Anna"`}, err: "1 check failed", most: 25 * time.Second}, // and some requests keep a pace
		{name: "a proxy answers with its web page", alter: func(w *stage.World) { w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultHTML}) },
			want: []string{`FAIL  profile "Anna": ` + all + `: the answer is not JSON from Withings (it is a web page)`, `ok    profile "Ben": `}, err: "1 check failed", most: time.Minute},
		{name: "a proxy has no back end", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultHTTP, Status: http.StatusBadGateway})
		}, want: []string{`FAIL  profile "Anna": ` + all + `: HTTP status 502, which is a fault of Withings or of a proxy`}, err: "1 check failed", most: time.Minute},
		{name: "a proxy refuses everybody, which is about the person", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Status: http.StatusForbidden, Action: "getgoals"})
		}, want: []string{`FAIL  profile "Anna": goal: getgoals: HTTP status 403 `, `FAIL  profile "Ben": goal: `, `FAIL  profile "Carla": goal: `}, err: "3 checks failed", most: time.Minute},
		{name: "a proxy does not know two of the addresses", alter: func(w *stage.World) {
			for _, action := range []string{"getsummary", "getworkouts"} {
				w.Sim.Inject(simulator.Fault{UserID: w.ID("Anna"), Kind: simulator.FaultHTTP, Status: http.StatusNotFound, Action: action})
			}
		}, want: []string{`FAIL  profile "Anna": sleep, workout: HTTP status 404; check --api.url`}, err: "1 check failed", most: soon},
		{name: "renewing hangs", alter: func(w *stage.World) {
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Action: "requesttoken"})
			w.Pass(4 * time.Hour)
		}, want: []string{`ok    application: `, `FAIL  profile "Anna": ` + all + `: cannot reach Withings: no answer in time`,
			`note  profile "Ben": ` + all + `: Withings cannot be reached; see profile "Anna"`}, err: "1 check failed", most: time.Minute},
		{name: "a wrong secret, when tokens are to be renewed", alter: func(w *stage.World) {
			w.Settings.ClientSecret = "wrong"
			w.Pass(4 * time.Hour)
		}, want: []string{`FAIL  application: client id or client secret is wrong: `,
			`note  profile "Anna": ` + all + `: Withings does not accept client id or client secret; see application`, `note  profile "Ben": `},
			not: "AUTH", err: "1 check failed", most: soon},
		{name: "a mistyped client id", alter: func(w *stage.World) { w.Settings.ClientID = "mistyped" },
			want: []string{`FAIL  application: client id or client secret is wrong: `, `note  profile "Anna": Withings does not accept client id or client secret; see application`},
			not:  "AUTH", err: "1 check failed", most: soon},
		{name: "a token of another application", alter: func(w *stage.World) { // which auth would keep without --force
			dir, err := statedir.Open(w.Settings.StateDir)
			w.Try(err)
			file := auth.NewStore(dir, "Anna", w.Settings.ClientID, w.Settings.Now).Path()
			data, err := os.ReadFile(file)
			w.Try(err)
			w.Try(os.WriteFile(file, bytes.Replace(data, []byte(w.Settings.ClientID), []byte("of-before"), 1), 0o600))
		}, want: []string{`ok    application: `, `AUTH  profile "Anna": the token belongs to another application: client id "of-before", but "` + simulator.DefaultClientID +
			`" is configured; give the client id of before, or run: withings-exporter auth Anna --force`},
			err: "see the line marked AUTH", auth: true, most: soon},
		{name: "Withings asks for a pause", alter: func(w *stage.World) { w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRateLimited}) },
			want: []string{`FAIL  application: not asked, since Withings asked for a pause until `,
				`note  profile "Anna": all 11 services: Withings asked for a pause; see application`}, err: "failed", most: soon},
		{name: "only some services are chosen", alter: func(w *stage.World) {
			w.Settings.Services = []string{"measure"}
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 2556, Action: "getgoals"})
		}, want: []string{`ok    profile "Anna": Withings answers for measure; `}, not: "FAIL", most: soon},
		{name: "only what notifications tell is chosen", alter: func(w *stage.World) {
			w.Settings.Services, w.Settings.ExternalURL = []string{"presence"}, "https://nas.lan"
		}, want: []string{`ok    profile "Anna": nothing is asked of Withings, `, `FAIL  notifications: no address to listen on`}, not: "answers for", err: "failed", most: soon},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				if c.alter != nil {
					c.alter(w)
				}
				var out bytes.Buffer
				began := time.Now()
				err := Check(w.T.Context(), w.Settings, &out, io.Discard)
				if took := time.Since(began); took > c.most {
					t.Errorf("it took %s, want at most %s", took, c.most)
				}
				for _, want := range c.want {
					if !strings.Contains("\n"+out.String(), "\n"+want) {
						t.Errorf("no line begins %q", want)
					}
				}
				if c.not != "" && strings.Contains(out.String(), c.not) {
					t.Errorf("there is a line with %s", c.not)
				}
				if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || errors.Is(err, auth.ErrNeedsAuthorization) != c.auth {
					t.Errorf("error %v, want %q, authorisation needed: %v", err, c.err, c.auth)
				}
				if t.Failed() {
					t.Logf("it said\n%s", &out)
				}
			})
		})
	}
}

// TestWhatIsInTheWayOfEverythingIsNotWhatConcernsOneRequest has every kind of error.
func TestWhatIsInTheWayOfEverythingIsNotWhatConcernsOneRequest(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"the limit", t.Context(), fmt.Errorf("ask: %w", withings.ErrNoRoom), "the rate limit is used up"},
		{"the limit, and the time is up", ended, withings.ErrNoRoom, "the rate limit is used up"},
		{"the time is up", ended, ended.Err(), "Withings does not answer"},
		{"the network", t.Context(), fmt.Errorf("ask: %w", reach.Failed("Withings", "--api.url", io.ErrUnexpectedEOF)), "Withings cannot be reached"},
		{"an answer that is not Withings'", t.Context(), &envelope.Error{Action: "getmeas", Text: "the answer is a web page"}, "the answer is a web page"},
		{"a wrong secret", t.Context(), fmt.Errorf("ask: %w", command.ErrApplicationRefused), "Withings does not accept client id or client secret"},
		{"a status of Withings", t.Context(), &envelope.Error{Action: "getmeas", Status: 2556, Text: "made up"}, ""},
		{"a status that nobody knows", t.Context(), &envelope.Error{Action: "getmeas", Status: 99999, Text: "made up"}, ""},
		{"a pause that is over", t.Context(), &envelope.Error{Action: "getmeas", Status: 601}, ""},
		{"something else", t.Context(), io.ErrUnexpectedEOF, ""},
	} {
		if got := hindrance(c.ctx, withings.NewBudget(100, time.Now, nil), c.err); got != c.want {
			t.Errorf("%s: in the way is %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCheckTellsWhatAnswersLeaveOut has Withings leave out what serve knows.
func TestCheckTellsWhatAnswersLeaveOut(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		want  string
		lines int // that have it
		bad   bool
	}{
		{"a list that is null", simulator.Fault{Action: "getmeas", Kind: simulator.FaultValue, Keys: []string{"measuregrps"}, Text: "null"}, `note  profile "Anna": Withings' answer lacks `, 1, false},
		{"an empty list of devices", simulator.Fault{Action: "getdevice", Kind: simulator.FaultValue, Keys: []string{"devices"}, Text: "[]"}, "known devices; they are kept", 3, false}, // for each of three people
		{"no list", simulator.Fault{Action: "getsummary", Kind: simulator.FaultWithout, Keys: []string{"series"}}, `FAIL  profile "Anna": sleep: the answer has no list of sleep sessions, although `, 1, true},
		{"an empty body", simulator.Fault{Action: "getgoals", Kind: simulator.FaultValue, Text: "{}"}, `FAIL  profile "Anna": goal: the answer has no list of goals, although `, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorld(t, func(w *stage.World) {
				w.Set.Halt()
				w.Pass(2 * time.Hour)
				check := func() (string, error) {
					var out bytes.Buffer
					err := Check(w.T.Context(), w.Settings, &out, io.Discard)
					return out.String(), err
				}
				if out, err := check(); err != nil || strings.Contains(out, "note  profile") {
					t.Errorf("%v, all is well, and it said\n%s", err, out)
				}
				w.Sim.Inject(c.fault)
				if out, err := check(); (err != nil) != c.bad || strings.Count(out, c.want) != c.lines {
					t.Errorf("error %v, want one: %t, and %d times %q:\n%s", err, c.bad, c.lines, c.want, out)
				}
			})
		})
	}
}

// TestCheckWaitsForTheRateLimitAndSaysSo has requests in the way that are nobody's fault.
func TestCheckWaitsForTheRateLimitAndSaysSo(t *testing.T) {
	t.Parallel()
	requests := 1 + 3*len(exporter.Asked())
	for _, c := range []struct {
		name  string
		limit int
		first bool   // a first serve reads meanwhile
		spent bool   // all requests of this minute were sent just now
		want  string // the line on standard error
		most  time.Duration
	}{
		{name: "a first serve", limit: 100, first: true, want: `Waiting for up to \S+: another command, such as serve, uses the rate limit too\.\n`, most: 75 * time.Second},
		{name: "a first serve with a small limit", limit: 20, first: true, want: `Waiting for up to \S+: another command, such as serve, uses the rate limit too\.\n`, most: 5 * time.Minute},
		{name: "a minute that is used up", limit: 100, spent: true, want: `Waiting for up to 1m\ds: most of the rate limit was used in the last minute\.\n`, most: 80 * time.Second},
		{name: "a small limit", limit: 10, want: fmt.Sprintf(`Waiting for up to \S+: the rate limit allows 10 per minute, and this takes %d\.\n`, requests), most: 5 * time.Minute},
		{name: "a limit that is no hindrance", limit: 1000, most: soon},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				w.Settings.RateLimit = c.limit
				if c.spent {
					sent := slices.Repeat([]string{strconv.FormatInt(time.Now().UnixNano(), 10)}, c.limit)
					list := strings.Join(sent, ",")
					w.Try(os.WriteFile(filepath.Join(w.Settings.StateDir, "rate"), []byte(`{"requests":[`+list+`],"ahead":[`+list+`]}`), 0o600))
				}
				if c.first {
					w.Start()
					defer w.Set.Halt()
					w.Pass(5 * time.Second)
				}
				var out, talk bytes.Buffer
				began := time.Now()
				if err := Check(w.T.Context(), w.Settings, &out, &talk); err != nil {
					t.Errorf("%v\n%s", err, &out)
				}
				if took := time.Since(began); took > c.most {
					t.Errorf("it took %s, want at most %s", took, c.most)
				}
				if got := talk.String(); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
					t.Errorf("it says %q, want %q", got, c.want)
				}
				t.Logf("%s; it took %s", &talk, time.Since(began))
			})
		})
	}
}

// TestCheckEndsAtOnceWhenWithingsWantsAPause does not wait for a pause that is longer than it
// may take, and blames nobody for it.
func TestCheckEndsAtOnceWhenWithingsWantsAPause(t *testing.T) {
	t.Parallel()
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRateLimited, Action: "getdevice"})
		var out bytes.Buffer
		began := time.Now()
		err := Check(w.T.Context(), w.Settings, &out, io.Discard)
		if took := time.Since(began); err == nil || took > soon {
			t.Errorf("%v after %s", err, took)
		}
		want := "not asked, since Withings asked for a pause until "
		if n := strings.Count(out.String(), want); n == 0 || strings.Contains(out.String(), "other commands") || strings.Contains(out.String(), "did not answer") {
			t.Errorf("%d times %q:\n%s", n, want, &out)
		}
	})
}

// TestCheckThatIsNotLetThroughBlamesNobody has another program that keeps the rate limit used up
// without leaving room.
func TestCheckThatIsNotLetThroughBlamesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), since{}, time.Now()), checkTime)
		defer cancel()
		<-ctx.Done()
		got := told(ctx, withings.NewBudget(1, time.Now, nil), fmt.Errorf("%w: %w", withings.ErrNoRoom, ctx.Err()))
		if want := "not asked within 55s, since other commands, such as serve, use all of --api.rate-limit now; try again in a minute"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestCheckAgainAndAgainIsWithinTheRateLimit is a script that checks without a pause.
func TestCheckAgainAndAgainIsWithinTheRateLimit(t *testing.T) {
	t.Parallel()
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Settings.Services = []string{"measure", "activity", "sleep", "device", "goal"}
		for range 12 {
			var out bytes.Buffer
			if err := Check(w.T.Context(), w.Settings, &out, io.Discard); err != nil {
				t.Errorf("%v\n%s", err, &out)
			}
		}
	})
}

func TestCheckOfInfluxDBEndsAndShowsNoPassword(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"hangs": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"cannot be reached": func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				w.Settings.Influx = command.Influx{URL: "http://ben:hunter2@db:8086/x", Bucket: "health", Token: "s3cr3t-token",
					HTTP: &http.Client{Transport: roundTripper(answer)}}
				var out bytes.Buffer
				began := time.Now()
				err := Check(w.T.Context(), w.Settings, &out, io.Discard)
				if err == nil || time.Since(began) > time.Minute || !strings.Contains(out.String(), "FAIL  InfluxDB: ") {
					t.Errorf("after %s: %v\n%s", time.Since(began), err, &out)
				}
				if !strings.Contains(out.String(), `ok    profile "Carla"`) {
					t.Errorf("the profiles are not told:\n%s", &out)
				}
				for _, secret := range []string{"hunter2", "s3cr3t"} {
					if strings.Contains(out.String()+err.Error(), secret) {
						t.Errorf("%s is shown:\n%s", secret, &out)
					}
				}
			})
		})
	}
	for address, want := range map[string]string{
		"http://ben:hunter2@db:8086/x?u=ben&p=hunter2": "http://db:8086/x", "https://db": "https://db", "http://hun\nter2": "the server",
	} {
		if got := publicAddress(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

// TestCheckNotesThatATokenMayNotRead has an InfluxDB 1.8 that answers as a real one does, see TestARealInfluxDB1TellsThatAUserMayNotRead.
func TestCheckNotesThatATokenMayNotRead(t *testing.T) {
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Settings.Influx = command.Influx{URL: "http://db:8086", Bucket: "health/autogen", Token: "exporter:hunter2",
			HTTP: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				answer := httptest.NewRecorder()
				switch r.URL.Path {
				case "/api/v2/write":
					answer.WriteHeader(http.StatusNoContent)
				case "/query":
					answer.WriteHeader(http.StatusForbidden)
					answer.WriteString(`{"error":"error authorizing query: exporter not authorized to execute statement 'SELECT', requires READ on health"}`)
				default:
					answer.WriteHeader(http.StatusNotFound)
				}
				return answer.Result(), nil
			})}}
		var out bytes.Buffer
		err := Check(w.T.Context(), w.Settings, &out, io.Discard)
		want := `ok    InfluxDB: http://db:8086 accepts writes to bucket "health/autogen"
note  InfluxDB: the token may write to bucket "health/autogen", but not read it: serve and backfill do not notice when the bucket is emptied, ` +
			`and Grafana shows nothing with this token; to let it, run: influx -host db -username ADMIN -password '' -execute 'GRANT ALL ON "health" TO "exporter"'
`
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("it says, and ends in %v:\n%s\nwant\n%s", err, &out, want)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAReportEndsWhateverHangs(t *testing.T) {
	quick := task{"quick", func(context.Context) []verdict { return []verdict{good("quick", "fine")} }}
	heeds := task{"heeds", func(ctx context.Context) []verdict {
		<-ctx.Done()
		return []verdict{bad("heeds", told(ctx, withings.NewBudget(1, time.Now, nil), ctx.Err()))}
	}}
	for _, c := range []struct {
		name  string
		deaf  int           // so many tasks heed nothing
		stop  time.Duration // when somebody interrupts; 0 for never
		want  string
		after time.Duration
	}{
		{"one that heeds its time", 0, 0, "FAIL  heeds: did not answer within 55s\nok    quick: fine\n", checkTime},
		{"one that does not", 1, 0, "FAIL  heeds: did not answer within 55s\nFAIL  deaf: did not answer within 58s\nok    quick: fine\n", checkTime + checkGrace},
		{"some that do not", 3, 0, "FAIL  heeds: did not answer within 55s\n" + strings.Repeat("FAIL  deaf: did not answer within 58s\n", 3) + "ok    quick: fine\n", checkTime + checkGrace},
		{"an interrupt", 0, time.Second, "FAIL  heeds: did not answer within 1s\nok    quick: fine\n", time.Second},
		{"an interrupt, and one that heeds nothing", 1, time.Second,
			"FAIL  heeds: did not answer within 1s\nFAIL  deaf: did not answer within 4s\nok    quick: fine\n", time.Second + checkGrace},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				release := make(chan struct{})
				defer close(release)
				tasks := []task{heeds}
				for range c.deaf {
					tasks = append(tasks, task{"deaf", func(context.Context) []verdict { <-release; return nil }})
				}
				if c.stop > 0 {
					time.AfterFunc(c.stop, cancel)
				}
				var out bytes.Buffer
				r := &report{out: &out}
				began := time.Now()
				err := r.run(ctx, checkTime, append(tasks, quick))
				if out.String() != c.want || time.Since(began) != c.after || errors.Is(err, context.Canceled) != (c.stop > 0) {
					t.Errorf("after %s, %v:\n%swant after %s:\n%s", time.Since(began), err, &out, c.after, c.want)
				}
			})
		})
	}
}

func TestAReportEndsInWhatIsWorst(t *testing.T) {
	for _, c := range []struct {
		lines []verdict
		want  string
		auth  bool
	}{
		{[]verdict{good("x", "")}, "<nil>", false},
		{[]verdict{note("x", "")}, "<nil>", false},
		{[]verdict{bad("x", "")}, "1 check failed; see the line marked FAIL", false},
		{[]verdict{bad("x", ""), good("x", ""), bad("x", "")}, "2 checks failed; see the lines marked FAIL", false},
		{[]verdict{unapproved("x", ""), good("x", "")}, "authorisation needed; see the line marked AUTH", true},
		{[]verdict{bad("x", ""), unapproved("x", "")}, "authorisation needed for 1 check, and 1 check failed; see the lines marked AUTH and FAIL", true},
	} {
		r := &report{out: &bytes.Buffer{}}
		r.show(c.lines...)
		if err := r.result(); fmt.Sprint(err) != c.want || errors.Is(err, command.ErrNeedsAuthorization) != c.auth {
			t.Errorf("%v ends in %v, want %s", c.lines, err, c.want)
		}
	}
}

func TestLinesFitATerminalAndAreOneEachElsewhere(t *testing.T) {
	line := bad(`profile "Anna"`, "the permission has ended: "+strings.Repeat("words of Withings, ", 4)+"run: withings-exporter auth Anna")
	for _, wraps := range []bool{false, true} {
		var out bytes.Buffer
		r := &report{out: &out, wraps: wraps}
		r.show(line, good("InfluxDB", "accepts writes"))
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if want := 2; !wraps && len(lines) != want {
			t.Errorf("%d lines, want %d:\n%s", len(lines), want, &out)
		}
		for i, l := range lines {
			if wraps && (len(l) > words.Columns || i > 0 && i < len(lines)-1 && !strings.HasPrefix(l, "      ")) {
				t.Errorf("%q is too long, or not indented", l)
			}
		}
	}
}

// TestMain has files in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }
