package authorize

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

// pasting is an auth command whose input a test writes line by line.
type pasting struct {
	*attempt
	keys *io.PipeWriter
}

// beginPaste runs auth --paste, at a terminal or in a pipe.
func beginPaste(s *stage.Stage, o Options, terminal bool) *pasting {
	s.T.Helper()
	in, keys := io.Pipe()
	a := &attempt{t: s.T, out: stage.NewTranscript(), err: stage.NewTranscript(), ended: make(chan struct{})}
	o.Paste = true
	ctx, cancel := context.WithCancel(s.T.Context())
	go func() {
		defer close(a.ended)
		if !terminal {
			a.result = Authorize(ctx, s.Settings, o, &command.Program{In: in, Out: a.out, Err: a.err})
			return
		}
		a.result = atTerminal(s, ctx, o, in, a)
	}()
	s.T.Cleanup(func() {
		cancel()
		<-a.ended
		_ = keys.Close() // ends the reading
	})
	return &pasting{a, keys}
}

// atTerminal is Authorize for somebody who types into a pipe.
func atTerminal(s *stage.Stage, ctx context.Context, o Options, in io.Reader, a *attempt) error {
	authorizer, err := newAuthorizer(s.Settings, o, &command.Program{In: in, Out: a.out, Err: a.err})
	if err != nil {
		return err
	}
	authorizer.terminal = true
	return authorizer.signIn(ctx)
}

func (p *pasting) enter(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.keys, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func TestPastedAnswerSignsIn(t *testing.T) {
	for _, c := range []struct {
		name string
		cut  func(back, code string) string
	}{
		{"the whole address", func(back, _ string) string { return back }},
		{"with quotes and blanks", func(back, _ string) string { return `  "` + back + "\" \r" }},
		{"the query alone", func(back, _ string) string { _, query, _ := strings.Cut(back, "?"); return query }},
		{"the code alone", func(_, code string) string { return code }},
	} {
		for _, terminal := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, terminal %t", c.name, terminal), func(t *testing.T) {
				s := stage.New(t)
				p := beginPaste(s, Options{Profile: "Anna"}, terminal)
				back := p.allow("Anna")
				p.enter(c.cut(back.String(), back.Query().Get("code")))
				if err := p.wait(); err != nil {
					t.Fatal(err)
				}
				works(s, "Anna")
				stage.Says(t, "output", p.out.String(), `Profile "Anna" is authorised`, "Newest weight:")
			})
		}
	}
}

func TestThirtySecondsAreToldBeforeTheAddress(t *testing.T) {
	s := stage.New(t)
	var both strings.Builder // in the order of writing
	if err := Authorize(t.Context(), s.Settings, Options{Profile: "Anna", Paste: true},
		&command.Program{In: strings.NewReader(""), Out: &both, Err: &both}); err == nil {
		t.Error("an empty input signs in")
	}
	told, address := strings.Index(both.String(), "30 seconds"), strings.Index(both.String(), "/oauth2_user/authorize2")
	if told < 0 || address < told {
		t.Errorf("the limit is told at %d and the address at %d:\n%s", told, address, both.String())
	}
}

func TestMistakesWhilePastingAreAskedAgainAtATerminalAndFailInAPipe(t *testing.T) {
	const forged = "http://localhost:8019/auth/external/callback?code=0123456789abcdef&state=guessed"
	for _, c := range []struct{ name, line, want, again string }{
		{"nothing", "", "nothing was pasted", "Nothing was pasted; copy the whole address"},
		{"a word", "yes", "neither an address nor a code", "That is neither an address nor a code; copy the whole address"},
		{"a sentence", "I pressed Allow, and now?", "has no code", "That address has no code; copy the one that the browser shows after you press Allow"},
		{"the address to open", "ADDRESS", "that is the address to open", "That is the address to open; copy the one that the browser shows after you press Allow"},
		{"half an address", "http://localhost:8019/auth/external/callback?code=0123456789abcdef", "only part of the address", "copy all of it"},
		{"another sign-in", forged, "answer to another sign-in", "the answer to another sign-in; open the address above"},
		{"a code that was never given", "0123456789abcdef0123456789abcdef01234567", "good for 30 seconds and once", "older than 30 seconds, or was used before; open the address above again"},
	} {
		for _, terminal := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, terminal %t", c.name, terminal), func(t *testing.T) {
				s := stage.New(t)
				p := beginPaste(s, Options{Profile: "Anna"}, terminal)
				p.enter(strings.Replace(c.line, "ADDRESS", p.address(), 1))
				if !terminal {
					stage.Says(t, "error", fmt.Sprint(p.wait()), c.want)
					return
				}
				p.enter(p.allow("Anna").String())
				if err := p.wait(); err != nil {
					t.Fatal(err)
				}
				stage.Says(t, "talk", p.err.String(), c.again)
				if strings.Contains(p.err.String()+s.Log.String(), "0123456789abcdef") {
					t.Errorf("a code is repeated:\n%s%s", p.err, s.Log)
				}
				works(s, "Anna")
			})
		}
	}
}

func TestALateCodeIsReplacedAtATerminalByOpeningTheAddressAgain(t *testing.T) {
	s := stage.New(t)
	p := beginPaste(s, Options{Profile: "Anna"}, true)
	late := p.allow("Anna").String()
	s.Sim.Advance(31 * time.Second)
	p.enter(late)
	p.enter(p.allow("Anna").String())
	if err := p.wait(); err != nil {
		t.Fatal(err)
	}
	works(s, "Anna")
}

func TestWhatPassesAndTheWrongPersonAreAskedAgainAtATerminal(t *testing.T) {
	for _, c := range []struct {
		name, first string // the person who is chosen first
		fault       *simulator.Fault
		want        string
	}{
		{"somebody who has a profile", "Ben", nil, `is profile "Ben" already; nothing was changed; to authorise another person as "Anna", open the address above again and choose that person; ` +
			"to have the same person under both names, press Ctrl-C and run: withings-exporter auth Anna --paste --force"},
		{"an outage", "Anna", &simulator.Fault{Kind: simulator.FaultHTTP, Action: "requesttoken"}, "then open the address above again"},
		{"the network", "Anna", &simulator.Fault{Kind: simulator.FaultCut, Action: "requesttoken"}, "then open the address above again"},
	} {
		for _, terminal := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, terminal %t", c.name, terminal), func(t *testing.T) {
				s := stage.New(t)
				mustAuthorize(s, "Ben", "Ben")
				p := beginPaste(s, Options{Profile: "Anna"}, terminal)
				answer := p.allow(c.first).String()
				if c.fault != nil {
					s.Sim.Inject(*c.fault)
				}
				p.enter(answer)
				if !terminal {
					if err := p.wait(); err == nil || content(s, "Anna") != "" {
						t.Errorf("got %v, and the file holds %q", err, content(s, "Anna"))
					}
					return
				}
				p.err.Await(t, regexp.MustCompile(`(?s)address above\s+again(.*Address shown)`), p.ended)
				s.Sim.Clear()
				p.enter(p.allow("Anna").String())
				if err := p.wait(); err != nil {
					t.Fatal(err)
				}
				stage.Says(t, "talk", p.err.String(), c.want)
				works(s, "Anna")
			})
		}
	}
}

func TestUselessPastesEndTheCommandAtATerminalToo(t *testing.T) {
	s := stage.New(t)
	p := beginPaste(s, Options{Profile: "Anna"}, true)
	for range mostPastes {
		p.enter("yes")
	}
	stage.Says(t, "error", fmt.Sprint(p.wait()), `authorise profile "Anna"`, "pasted 10 times", "nothing was changed", "run: withings-exporter auth Anna --paste")
	if got := strings.Count(p.err.String(), "neither an address nor a code"); got != mostPastes {
		t.Errorf("the mistake is told %d times, want %d", got, mostPastes)
	}
}

func TestPastedRefusalEndsTheCommand(t *testing.T) {
	s := stage.New(t)
	p := beginPaste(s, Options{Profile: "Anna"}, true)
	back, err := simulator.Deny(t.Context(), http.DefaultClient, p.address())
	if err != nil {
		t.Fatal(err)
	}
	p.enter(back.String())
	stage.Says(t, "error", fmt.Sprint(p.wait()), "denied on Withings' page")
}

func TestInputThatEndsOrNeverComesSaysWhatToDo(t *testing.T) {
	t.Run("ends", func(t *testing.T) {
		_, err := run(stage.New(t), Options{Profile: "Anna", Paste: true}, nil)
		stage.Says(t, "error", fmt.Sprint(err), "the input ended", "docker run -it")
	})
	t.Run("never comes", func(t *testing.T) {
		p := beginPaste(stage.New(t), Options{Profile: "Anna", Timeout: time.Millisecond}, false)
		stage.Says(t, "error", fmt.Sprint(p.wait()), "nothing was pasted within 1ms", "--timeout")
	})
	t.Run("never ends", func(t *testing.T) {
		_, err := run(stage.New(t), Options{Profile: "Anna", Paste: true}, strings.NewReader(strings.Repeat("x", longestPaste+1)))
		stage.Says(t, "error", fmt.Sprint(err), "longer than 16384 bytes")
	})
}
