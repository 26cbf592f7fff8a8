package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

// day is a morning of January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 7, 0, 0, 0, time.UTC) }

func span(from, to int) exporter.Span { return exporter.Span{From: day(from), To: day(to)} }

// shelf is where the ledgers of a test are, and what is told of them.
type shelf struct {
	dir string
	log strings.Builder
}

// open makes a ledger as a new process would.
func (s *shelf) open(change func(*Options[*Reach])) *Ledger[*Reach] {
	o := Options[*Reach]{
		Path: filepath.Join(s.dir, "ledger.json"), Lock: filepath.Join(s.dir, "ledger.lock"),
		Profile: "Anna", Owner: func() string { return "1" }, Now: func() time.Time { return day(20) },
		Log: slog.New(slog.NewTextHandler(&s.log, nil)), New: func() *Reach { return &Reach{} },
	}
	if change != nil {
		change(&o)
	}
	return New(o)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func missing(l *Ledger[*Reach]) string {
	var days []string
	for _, s := range l.Missing(exporter.Sleep, span(1, 31)) {
		days = append(days, fmt.Sprintf("%d-%d", s.From.Day(), s.To.Day()))
	}
	return strings.Join(days, " ")
}

func TestWhatIsSavedCountsForItsPersonTargetAndCatalogue(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second func(*Options[*Reach])
		damage        func(text string) string
		counts        bool
	}{
		{name: "the same", counts: true},
		{name: "a person who is not known now", counts: true, second: func(o *Options[*Reach]) { o.Owner = func() string { return "" } }},
		{name: "a person who was not known then", counts: true, first: func(o *Options[*Reach]) { o.Owner = func() string { return "" } }},
		{name: "another person", second: func(o *Options[*Reach]) { o.Owner = func() string { return "2" } }},
		{name: "another target", second: func(o *Options[*Reach]) { o.Target = "elsewhere" }},
		{name: "another catalogue", damage: func(text string) string { return strings.Replace(text, exporter.CatalogID(), "0", 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{dir: t.TempDir()}
			first := s.open(c.first)
			must(t, first.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 31)), nil))
			if c.damage != nil {
				data, err := os.ReadFile(first.options.Path)
				must(t, err)
				must(t, os.WriteFile(first.options.Path, []byte(c.damage(string(data))), 0o600))
			}
			second := s.open(c.second)
			if got := missing(second) == ""; got != c.counts {
				t.Errorf("it counts: %t, want %t", got, c.counts)
			}
			must(t, second.Look(func(b *Book[*Reach]) {
				if b.Fresh == c.counts || b.User != second.options.Owner() && second.options.Owner() != "" {
					t.Errorf("fresh is %t, the owner %q", b.Fresh, b.User)
				}
			}))
			if s.log.Len() > 0 {
				t.Errorf("logged %s", &s.log)
			}
		})
	}
}

func TestAFileThatCannotBeUsedIsSetAsideWithTheOneBesideIt(t *testing.T) {
	for content, want := range map[string]string{
		`{"version":1,`:                                            "not a ledger",
		`{"version":2,"profile":"Anna"}`:                           "a newer version of withings-exporter wrote it (format 2, and this one reads up to 1); upgrade withings-exporter",
		`{"version":2,"profile":["of","another","form"]}`:          "upgrade withings-exporter",
		`{"version":1,"profile":"Ben"}`:                            "Ben",
		`{"version":1,"profile":"Anna","services":{"sleep":null}}`: "service sleep is empty",
		`{"version":1,"profile":"Anna","length":-1}`:               "negative",
		`{"version":1,"profile":"Anna","length":7}`:                "seven is too much",
	} {
		s := &shelf{dir: t.TempDir()}
		beside := filepath.Join(s.dir, "beside")
		l := s.open(func(o *Options[*Reach]) {
			o.Beside = beside
			o.Check = func(b *Book[*Reach]) error {
				if b.Length == 7 {
					return errors.New("seven is too much")
				}
				return nil
			}
		})
		must(t, os.WriteFile(l.options.Path, []byte(content), 0o600))
		must(t, os.WriteFile(beside, []byte("records"), 0o600))
		if got := missing(l); got != "1-31" {
			t.Errorf("%s: missing is %s, want everything", content, got)
		}
		kept, _ := filepath.Glob(filepath.Join(s.dir, "*.damaged-20260120T070000Z"))
		if log := s.log.String(); len(kept) != 2 || !strings.Contains(log, want) || !strings.Contains(log, kept[1]) {
			t.Errorf("%s: kept are %v, logged %s", content, kept, log)
		}
	}
}

func TestAFileThatCannotBeReadIsLeftAlone(t *testing.T) {
	s := &shelf{dir: t.TempDir()}
	l := s.open(nil)
	must(t, l.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 5)), nil))
	path := l.options.Path
	must(t, os.Rename(path, path+".intact"))
	must(t, os.Symlink(path, path)) // which nobody can open, not even root
	again := s.open(nil)
	if err := again.Cover(t.Context(), asSafe(exporter.Sleep, span(5, 9)), nil); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("got %v, want that the file cannot be read", err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the file was replaced or renamed: %v", err)
	}
	must(t, os.Remove(path))
	must(t, os.Rename(path+".intact", path))
	if got := missing(again); got != "5-31" {
		t.Errorf("missing is %s when it can be read again, want the days since the 5th", got)
	}
}

// TestEachKnowsOfTheOther has two processes with one ledger, and one that holds the lock.
func TestEachKnowsOfTheOther(t *testing.T) {
	s := &shelf{dir: t.TempDir()}
	first, second := s.open(nil), s.open(nil)
	must(t, first.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 5)), nil))
	must(t, second.Cover(t.Context(), asSafe(exporter.Sleep, span(5, 9)), nil))
	if got := missing(first); got != "9-31" {
		t.Errorf("missing is %s, want the days since the 9th", got)
	}
	unlock, err := statedir.Lock(t.Context(), first.options.Lock)
	must(t, err)
	defer unlock()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err = first.Change(ended, func(*Book[*Reach]) bool { t.Error("it is changed without the lock"); return false })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), `"Anna"`) {
		t.Errorf("got %v, want that the context has ended", err)
	}
}

// TestADiskWithoutLocksHoldsNothingUp, while another trouble with the lock does.
func TestADiskWithoutLocksHoldsNothingUp(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  string
	}{{syscall.ENOLCK, "5-31"}, {syscall.EACCES, "1-31"}} {
		s := &shelf{dir: t.TempDir()}
		l := s.open(nil)
		l.lock = func(context.Context, string) (func(), error) { return nil, fmt.Errorf("lock: %w", c.cause) }
		err := l.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 5)), nil)
		if got := missing(s.open(nil)); got != c.want {
			t.Errorf("with %v, missing is %s, want %s; error %v", c.cause, got, c.want, err)
		}
	}
}

func TestWhatIsOpenIsMissingUntilItIsCovered(t *testing.T) {
	s := &shelf{dir: t.TempDir()}
	l := s.open(func(o *Options[*Reach]) { o.Followed = true })
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"nothing", func() error { return nil }, "1-31"},
		{"a cursor without a past", func() error {
			return l.Advance(exporter.Sleep, func(p *exporter.Progress) { p.Updated = day(20) })
		}, "1-31"},
		{"a cursor", func() error {
			return l.Advance(exporter.Sleep, func(p *exporter.Progress) { p.Back, p.Success = day(10), day(20) })
		}, "1-12"},
		{"a span", func() error {
			return l.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 6)), nil)
		}, "6-12"},
		{"opened again", func() error { return l.Reopen(span(4, 20)) }, "4-20"},
		{"covered, but for a day", func() error {
			return l.Note(func(b *Book[*Reach]) bool {
				b.Of(exporter.Sleep).Cover(span(1, 31), exporter.Spans{span(7, 8)})
				return true
			})
		}, "7-8"},
	}
	for _, step := range steps {
		must(t, step.do())
		for i, l := range []*Ledger[*Reach]{l, s.open(func(o *Options[*Reach]) { o.Followed = true })} {
			if got := missing(l); got != step.want {
				t.Errorf("%s: ledger %d lacks %s, want %s", step.name, i, got, step.want)
			}
		}
	}
	if !l.Progress(exporter.Sleep).Success.IsZero() {
		t.Error("what is opened again does not come: the last success counts")
	}
	if got := missing(s.open(nil)); got != "7-8" {
		t.Errorf("missing is %s where no cursor is followed, want what is open", got)
	}
}

func TestTheBooksOpenSpansAreBounded(t *testing.T) {
	var r Reach
	var many exporter.Spans
	for i := range 10 * mostOpen {
		at := day(1).Add(time.Duration(i) * time.Hour)
		many = append(many, exporter.Span{From: at, To: at.Add(time.Minute)})
	}
	r.Leave(many[:mostOpen])
	r.Leave(many)
	uncovered := slices.IndexFunc(many, func(is exporter.Span) bool { return len(r.Open.Missing(is)) > 0 })
	if len(r.Open) > mostOpen || uncovered >= 0 {
		t.Errorf("there are %d open spans, want %d; number %d is not in them", len(r.Open), mostOpen, uncovered)
	}
}

func TestWhatCannotBeMadeSafeIsNotSaved(t *testing.T) {
	full := errors.New("disk full")
	var fails error
	s := &shelf{dir: t.TempDir()}
	l := s.open(func(o *Options[*Reach]) { o.Secure = func(*Book[*Reach]) error { return fails } })
	must(t, l.Cover(t.Context(), asSafe(exporter.Sleep, span(1, 6)), nil))
	fails = full
	if err := l.Cover(t.Context(), asSafe(exporter.Sleep, span(6, 31)), nil); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if got := missing(l); got != "6-31" {
		t.Errorf("missing is %s, want what could not be made safe", got)
	}
}

// asSafe is what is recorded as safe when it is one span of a service.
func asSafe(service exporter.Service, span exporter.Span) map[exporter.Service]exporter.Spans {
	return map[exporter.Service]exporter.Spans{service: {span}}
}
