package openmetrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSorterKeepsOrderAndEveryValueHoweverLittleItHolds(t *testing.T) {
	for _, c := range []struct {
		name               string
		limit, pairs, keys int
	}{
		{"nothing", maxArena, 0, 1},
		{"all in memory", maxArena, 1000, 100},
		{"some runs", 4000, 1000, 100},
		{"a run for each pair, joined again and again", 1, 2500, 30},
		{"one key", 100, 500, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 4))
			dir := t.TempDir()
			s := newSorter(dir)
			s.limit = c.limit
			want := map[string][]string{}
			for i := range c.pairs {
				key, value := fmt.Sprint(random.IntN(c.keys)), fmt.Sprint("value ", i)
				want[key] = append(want[key], value)
				if err := s.add([]byte(key), []byte(value)); err != nil {
					t.Fatal(err)
				}
				if len(s.runs) > 3*joined {
					t.Fatalf("there are %d runs, want at most %d", len(s.runs), 3*joined)
				}
			}
			for i := 1; i < len(s.runs); i++ {
				if s.runs[i].size > s.runs[i-1].size {
					t.Errorf("a run of size %d is after one of size %d", s.runs[i].size, s.runs[i-1].size)
				}
			}
			if c.limit == 1 && s.runs[0].size != 2 { // of 2,500, 1,024 are written three times, not eighty
				t.Errorf("the largest run has size %d, want 2", s.runs[0].size)
			}
			var last []byte
			err := s.groups(t.Context(), func(key []byte, values [][]byte) error {
				if last != nil && bytes.Compare(key, last) <= 0 {
					t.Errorf("key %q is after %q", key, last)
				}
				last = bytes.Clone(key)
				if got := fmt.Sprintf("%s", values); got != fmt.Sprintf("%s", want[string(key)]) {
					t.Errorf("key %s has %s, want %s", key, got, want[string(key)])
				}
				delete(want, string(key))
				return nil
			})
			if err != nil || len(want) > 0 {
				t.Errorf("%d keys are missing, %v", len(want), err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left are %v, %v", left, err)
			}
		})
	}
}

func TestSorterEndsWithItsContextAndWithItsReader(t *testing.T) {
	enough := errors.New("enough")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		want error
	}{{"context", ended, context.Canceled}, {"reader", t.Context(), enough}} {
		s := newSorter(t.TempDir())
		for _, key := range []string{"a", "b"} {
			if err := s.add([]byte(key), nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.groups(c.ctx, func([]byte, [][]byte) error { return enough }); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSorterWithoutItsFolderSaysSo(t *testing.T) {
	s := newSorter(filepath.Join(t.TempDir(), "none"))
	if err := s.groups(t.Context(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the folder is missing", err)
	}
}

func TestAFolderThatIsGoneIsToldWithAdviceOfItsOwn(t *testing.T) {
	err := newSorter(filepath.Join(t.TempDir(), "gone")).write(func(func(key, value []byte) error) error { return nil })
	if err == nil || !strings.HasSuffix(err.Error(), "no such file or directory; the state directory is gone: restore it, or restart") {
		t.Errorf("got %v", err)
	}
}
