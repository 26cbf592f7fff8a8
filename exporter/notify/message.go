package notify

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

const (
	// maxBody is how many bytes a notification may have. Withings' have about a hundred.
	maxBody = 4 << 10
	// maxDevice is the longest id of a device; Withings' have 40 characters.
	maxDevice = 100
	// latest is the end of what is accepted as a time, in UNIX seconds: the year 9999.
	latest = 253370764800
)

// message is what a notification says.
type message struct {
	user     string // Withings' number of the person
	category int
	span     exporter.Span // of the data; empty if it is not told
	at       time.Time     // of an event; zero if it is not told
	day      bool          // at is just the date of the event
	device   string        // its id; "" if it is not told
	action   string        // of a change of the profile: delete, unlink or update
}

// read reads the form that Withings sends. Fields that are not known are ignored. It is false without person and category.
func read(body string) (m message, ok bool) {
	form, _ := url.ParseQuery(body) // what cannot be parsed is missing
	m.user = strings.TrimSpace(form.Get("userid"))
	category, err := strconv.Atoi(strings.TrimSpace(form.Get("appli")))
	if err != nil || m.user == "" {
		return message{}, false
	}
	m.category, m.action = category, form.Get("action")
	m.at, m.day = moment(form.Get("date"))
	if id := form.Get("deviceid"); isID(id) {
		m.device = id
	}
	from, fromDay := moment(form.Get("startdate"))
	to, toDay := moment(form.Get("enddate"))
	switch {
	case !from.IsZero() && !to.IsZero() && !to.Before(from):
		end := to.Add(time.Second) // a span ends before its end, Withings' with it
		if toDay {
			end = to.AddDate(0, 0, 1)
		}
		m.span = exporter.Span{From: from, To: end}
		if fromDay || toDay {
			m.span = anywhere(m.span)
		}
	case m.day:
		m.span = anywhere(exporter.Span{From: m.at, To: m.at.AddDate(0, 0, 1)})
	}
	return m, true
}

// moment reads UNIX seconds or a date, of which day is true; the zero time for anything else.
func moment(text string) (at time.Time, day bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n <= 0 || n >= latest {
			return time.Time{}, false
		}
		return time.Unix(n, 0).UTC(), false
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil || at.Unix() <= 0 {
		return time.Time{}, false
	}
	return at, true
}

// anywhere widens whole days in UTC to these days in every time zone of the world.
func anywhere(days exporter.Span) exporter.Span {
	return exporter.Span{From: days.From.Add(-14 * time.Hour), To: days.To.Add(12 * time.Hour)}
}

// isID reports whether a text can be the id of a device.
func isID(text string) bool {
	return text != "" && len(text) <= maxDevice && strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) < 0
}
