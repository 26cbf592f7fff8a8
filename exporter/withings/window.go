package withings

import (
	"slices"
	"time"
)

const (
	// delays is by how much requests may differ in the time from leaving to arriving at
	// Withings. What left in more than a minute could otherwise arrive within one.
	delays = 2 * time.Second
	// counted is how long a request counts: no more than the limit are sent in any time
	// of that length, so no more than the limit arrive in any minute.
	counted = time.Minute + delays
	// share is the part of the limit that may be used ahead of the pace, as after a quiet
	// time. The rest keeps a pace, so that who comes later waits a moment and not until
	// the minute of the others is over. With the default of 100, the first poll of three
	// profiles is sent at once.
	share = 4
)

// shape is how many of the requests that count may have been ahead of the pace, and
// the time between two of the others. Both together use up the limit exactly.
func shape(perMinute int) (ahead int, gap time.Duration) {
	perMinute = max(perMinute, 1)
	ahead = perMinute / share
	paced := time.Duration(perMinute - ahead)
	return ahead, (counted + paced - 1) / paced
}

// Pace is how many requests a minute a budget allows in the long run. It is a little
// less than the limit, see delays.
func Pace(perMinute int) float64 { return float64(max(perMinute, 1)) / counted.Minutes() }

// duration is how long a number of requests takes after a quiet time.
func duration(requests, perMinute int) time.Duration {
	perMinute = max(perMinute, 1)
	ahead, gap := shape(perMinute)
	full, rest := (max(requests, 1)-1)/perMinute, (max(requests, 1)-1)%perMinute
	return time.Duration(full)*counted + time.Duration(max(rest-ahead, 0))*gap
}

// window has the requests that count, and says when the next may be sent. Times are
// nanoseconds of one clock, oldest first. golang.org/x/time/rate cannot do this: a
// bucket that never exceeds the limit in any minute never uses it up in the long run.
type window struct {
	Sent  []int64 `json:"requests"`        // all that count
	Ahead []int64 `json:"ahead,omitempty"` // those of them that were ahead of the pace
	Paced int64   `json:"paced,omitempty"` // the last of the others
}

// tidy drops what does not count any more. What seems to lie in the future, as after a
// clock was set back, counts as sent just now: that is never too much.
func (w *window) tidy(now int64) {
	for _, times := range []*[]int64{&w.Sent, &w.Ahead} {
		all := *times
		for i := len(all) - 1; i >= 0 && all[i] > now; i-- {
			all[i] = now
		}
		old := 0
		for old < len(all) && all[old] <= now-int64(counted) {
			old++
		}
		*times = all[old:]
	}
	w.Paced = min(max(w.Paced, 0), now)
}

// wait is how long it is until the next request may be sent.
func (w *window) wait(now int64, perMinute int) time.Duration {
	w.tidy(now)
	at := now
	if n := len(w.Sent); n >= perMinute {
		at = w.Sent[n-perMinute] + int64(counted)
	}
	ahead, gap := shape(perMinute)
	paced := w.Paced + int64(gap)
	if n := len(w.Ahead); n >= ahead && paced > at {
		if ahead > 0 {
			paced = min(paced, w.Ahead[n-ahead]+int64(counted))
		}
		at = max(at, paced)
	}
	return time.Duration(at - now)
}

// clone is a window that can be tried out.
func (w *window) clone() window {
	return window{Sent: slices.Clone(w.Sent), Ahead: slices.Clone(w.Ahead), Paced: w.Paced}
}

// takes is how long it is until the last of a number of requests is sent, if each goes out as
// soon as possible. It uses up the window.
func (w *window) takes(now int64, perMinute, requests int) time.Duration {
	at := now
	for range requests {
		at += int64(w.wait(at, perMinute))
		w.note(at, perMinute)
	}
	return time.Duration(at - now)
}

// spare is how many requests could be sent at once.
func (w *window) spare(now int64, perMinute int) int {
	w.tidy(now)
	ahead, _ := shape(perMinute)
	n := ahead - len(w.Ahead)
	if passed := w.passed(now, perMinute); passed > 0 {
		n = ahead - max(len(w.Ahead)-(passed-1), 0) + 1
	}
	return max(min(n, perMinute-len(w.Sent)), 0)
}

// passed is how many requests could have been sent at the pace since the last one that was.
func (w *window) passed(now int64, perMinute int) int {
	_, gap := shape(perMinute)
	return int(min(max((now-w.Paced)/int64(gap), 0), int64(perMinute)))
}

// note counts a request that is sent now. Those ahead of the pace count as sent at it once
// as many others could have been.
func (w *window) note(now int64, perMinute int) {
	w.Sent = append(w.Sent, now)
	passed := w.passed(now, perMinute)
	if passed == 0 {
		w.Ahead = append(w.Ahead, now)
		return
	}
	w.Paced, w.Ahead = now, w.Ahead[min(passed-1, len(w.Ahead)):]
}

// add counts requests that were sent meanwhile, whether ahead of the pace or not.
func (w *window) add(times []int64) {
	w.Sent = append(w.Sent, times...)
	slices.Sort(w.Sent)
}
