package exporter

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestInboxJoinsHintsAboutTheSameServices: what is read for a hint must cover all of
// those that it replaces.
func TestInboxJoinsHintsAboutTheSameServices(t *testing.T) {
	early, late := Span{noon, noon.Add(time.Hour)}, Span{noon.Add(3 * time.Hour), noon.Add(4 * time.Hour)}
	for _, c := range []struct {
		name  string
		tells []Hint
		want  []Hint
	}{
		{"none", nil, nil},
		{"one", []Hint{{[]Service{Measure}, early, noon}}, []Hint{{[]Service{Measure}, early, noon}}},
		{"without services", []Hint{{nil, early, noon}}, nil},
		{"of the same services", []Hint{{[]Service{Measure}, late, noon}, {[]Service{Measure}, early, noon.Add(time.Second)}},
			[]Hint{{[]Service{Measure}, Span{noon, noon.Add(4 * time.Hour)}, noon.Add(time.Second)}}},
		{"of another time, which is not known", []Hint{{[]Service{Measure}, late, noon.Add(time.Second)}, {[]Service{Measure}, Span{}, noon}},
			[]Hint{{[]Service{Measure}, Span{}, noon.Add(time.Second)}}},
		{"of more services", []Hint{{[]Service{Activity, Workout}, early, noon}, {[]Service{Activity}, late, noon}},
			[]Hint{{[]Service{Activity}, late, noon}, {[]Service{Activity, Workout}, early, noon}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := NewInbox()
			for _, h := range c.tells {
				b.Tell(h)
			}
			got := b.take()
			slices.SortFunc(got, func(a, b Hint) int { return len(a.Services) - len(b.Services) })
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if len(b.take()) > 0 {
				t.Error("hints are handed out twice")
			}
		})
	}
}

func TestInboxIsBoundedAndNeverBlocks(t *testing.T) {
	b := NewInbox()
	var telling sync.WaitGroup
	for n := range 8 {
		telling.Go(func() {
			for i := range 1000 {
				b.Tell(Hint{Services: []Service{Service(fmt.Sprint(n, " ", i))}})
			}
		})
	}
	telling.Wait()
	<-b.rings()
	select {
	case <-b.rings():
		t.Error("the bell rings again for what has been noticed")
	default:
	}
	if n := len(b.take()); n != mostHints {
		t.Errorf("it holds %d hints, want %d", n, mostHints)
	}
	var none *Inbox
	if none.rings() != nil {
		t.Error("without an inbox something rings")
	}
}
