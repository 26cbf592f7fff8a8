package influx

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		status int
		final  bool
		want   string
	}{
		{401, true, "refuses the token (unauthorized); check --influx.token-file"},
		{403, true, "refuses the token"},
		{404, true, `has no bucket "health/autogen"`},
		{429, false, "cannot take readings now (Too Many Requests)"},
		{500, false, "(Internal Server Error)"},
		{503, false, "Service Unavailable"},
		{302, true, "HTTP status 302"},
	} {
		t.Run(c.want, func(t *testing.T) {
			k := newDesk(t, "v1")
			k.db.with(func(d *database) { d.answer = c.status })
			err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000)))
			var is *Error
			if !errors.As(err, &is) || is.Final != c.final || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.want)) {
				t.Fatalf("status %d is %v, want final %v, %q", c.status, err, c.final, c.want)
			}
			if k.Ready(t.Context()) == nil {
				t.Error("it is ready all the same")
			}
			k.db.with(func(d *database) { d.answer = 0 })
			if err := k.Ready(t.Context()); err != nil {
				t.Errorf("the server is well again, and yet: %v", err)
			}
			if k.counted[ResultFailed] != 1 {
				t.Errorf("counted %v", k.counted)
			}
		})
	}
	t.Run("no server", func(t *testing.T) {
		k := newDesk(t, "v1")
		k.db.Close()
		err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000)))
		var is *Error
		if !errors.As(err, &is) || is.Final || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("%v", err)
		}
	})
	t.Run("nobody waits any more", func(t *testing.T) {
		k := newDesk(t, "v1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Put(ctx, batch(weighIn("1", day(3), 70_000))); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestABadPointIsNamedAndCountedAndTheOthersAreThere(t *testing.T) {
	for name, set := range map[string]func(*database){
		"server that takes the others":        func(*database) {},
		"server that takes all or nothing":    func(d *database) { d.whole = true },
		"server that answers before it knows": func(d *database) { d.hasty = true },
	} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, "v1")
			k.db.with(func(d *database) {
				set(d)
				d.refuse = func(line string) bool { return strings.Contains(line, "=71000 ") }
			})
			k.put(batch(weighIn("1", day(3), 70_000), weighIn("2", day(10), 71_000), weighIn("3", day(11), 72_000), weighIn("4", day(12), 73_000)))
			k.want("body weight_grams 3 = 70000", "body weight_grams 11 = 72000", "body weight_grams 12 = 73000")
			if k.counted[ResultRefused] != 1 || k.counted[ResultWritten] != 3 {
				t.Errorf("counted %v", k.counted)
			}
			got := k.log.String()
			if !strings.Contains(got, `points=1 series="withings_body,profile=Anna" fields=weight_grams time=1768028400`) {
				t.Errorf("the point is not named: %s", got)
			}
			if !strings.Contains(got, "InfluxDB refuses") || strings.Contains(got, "71000") || strings.Contains(got, "70.5") {
				t.Errorf("want the refusal without the reading, logged %s", got)
			}
		})
	}
}

func TestTheTokenIsInNoMessage(t *testing.T) {
	k := newDesk(t, "v1")
	for _, status := range []int{401, 404, 500} {
		k.db.with(func(d *database) { d.answer = status })
		err := k.Put(t.Context(), batch(weighIn("1", day(3), 70_000)))
		if err == nil || strings.Contains(err.Error()+k.log.String(), "secret") {
			t.Errorf("status %d: %v", status, err)
		}
	}
}
