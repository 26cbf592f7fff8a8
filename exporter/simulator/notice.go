package simulator

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Notifications are the switches of section 7 of the reference: how what happens is announced, and how the
// announcements go wrong. With the zero value everything is announced at once, in order, and exactly once.
type Notifications struct {
	// Delay is the longest time between a change and its first notification; each takes a part of it.
	Delay time.Duration
	// Lose is the share of notifications that are never sent, 0 to 1.
	Lose float64
	// Duplicate is the share of notifications that are sent twice, the second time within a minute.
	Duplicate float64
	// Reorder holds every other notification back for a minute, so that those after it overtake it.
	Reorder bool
	// Early makes new records readable only so long after they were announced.
	Early time.Duration
	// CancelAfter is how many tries in a row may fail before a subscription is cancelled; 0 cancels one
	// that has failed for twenty days.
	CancelAfter int
	// ForgetCancelled takes a cancelled subscription off the list; otherwise it stays there, silent, until
	// it is revoked.
	ForgetCancelled bool
	// Retries are the cycles of tries of a notification; nil means those of the guide, over about five hours.
	Retries []Retry
	// RefuseNoContent refuses a callback that answers the HEAD request with 204.
	RefuseNoContent bool
	// EmptyPost sends an empty POST after the HEAD request of a new subscription.
	EmptyPost bool
	// Uncertain has the categories that one source alone knows: 61, 62 and 63.
	Uncertain bool
	// AnnounceAll announces a measure group without any of the listed types too, as category 1.
	AnnounceAll bool
	// OtherDates names a day where others name a moment (50, 51, 52, 55), and the reverse (16).
	OtherDates bool
	// Spacing is how long after a subscribe or revoke call of a user the next subscribe call may come; a revoke call may come
	// after a fifth of it. Sooner, they fail.
	Spacing time.Duration
	// Recall begins a subscription to bed events with the latest of them, as if it had been under way: the demo does not
	// wait for the evening to know who is in bed.
	Recall bool
	// Most is how many subscriptions a user may have; 0 means 200.
	Most int
}

// Retry is one cycle of tries: so long after the one before, and a random time from Least to Most longer.
type Retry struct{ After, Least, Most time.Duration }

// guideRetries is the plan of section 7.4.
var guideRetries = []Retry{
	{},
	{After: 10 * time.Second},
	{After: time.Minute, Least: time.Minute, Most: 10 * time.Minute},
	{After: time.Hour, Least: 2 * time.Minute, Most: 20 * time.Minute},
	{After: 4 * time.Hour, Least: 3 * time.Minute, Most: 30 * time.Minute},
}

func (n *Notifications) retries() []Retry {
	if n.Retries == nil {
		return guideRetries
	}
	return n.Retries
}

// The categories of section 7.2, there called appli.
const (
	onWeight      = 1
	onTemperature = 2
	onPressure    = 4
	onActivity    = 16
	onSleep       = 44
	onProfile     = 46
	onInBed       = 50
	onOutOfBed    = 51
	onInflated    = 52
	onECG         = 54
	onFailedECG   = 55
	onGlucose     = 58
	onStetho      = 61
	onVariability = 62
	onUrine       = 63
)

// applis are the categories and the scope each needs.
var applis = map[int64]string{
	onWeight: scopeMetrics, onTemperature: scopeMetrics, onPressure: scopeMetrics, onECG: scopeMetrics,
	onFailedECG: scopeMetrics, onGlucose: scopeMetrics, onActivity: scopeActivity, onSleep: scopeActivity,
	onProfile: scopeInfo, onInBed: scopeSleep, onOutOfBed: scopeSleep, onInflated: scopeSleep,
}

// uncertainApplis are the categories of one source and the scopes of their services.
var uncertainApplis = map[int64]string{onStetho: scopeMetrics, onVariability: scopeActivity, onUrine: scopeMetrics}

// appliScope returns the scope that a category needs, and whether there is such a category.
func (c *Cloud) appliScope(appli int64) (string, bool) {
	if scope, known := applis[appli]; known {
		return scope, true
	}
	scope, known := uncertainApplis[appli]
	return scope, known && c.notices.switches().Uncertain
}

// announcedTypes are the measure types that a category announces.
var announcedTypes = []struct {
	appli int64
	types []int
}{
	{onWeight, []int{1, 5, 6, 8, 71, 73, 76, 77, 88, 91}},
	{onTemperature, []int{12, 71, 73}},
	{onPressure, []int{9, 10, 11, 54}},
	{onUrine, []int{147, 148, 151, 204, 205, 248, 249, 251}},
}

// applis returns the categories of a group: one for each family of its types.
func (g *Group) applis(how Notifications) []int64 {
	var list []int64
	for _, a := range announcedTypes {
		if slices.ContainsFunc(g.Measures, func(m Measure) bool { return slices.Contains(a.types, m.Type) }) {
			list = append(list, a.appli)
		}
	}
	if list == nil && how.AnnounceAll {
		list = []int64{onWeight}
	}
	return list
}

// news is a change that Withings announces.
type news struct {
	user, appli int64
	at          int64 // when it can be read, UNIX seconds
	fields      string
}

// field is one pair of a form.
func field(name string, value any) string {
	text, ok := value.(string)
	if n, isNumber := value.(int64); !ok && isNumber {
		text = strconv.FormatInt(n, 10)
	}
	return "&" + name + "=" + url.QueryEscape(text)
}

// spanned are the fields of most notifications.
func spanned(from, to int64) string { return field("startdate", from) + field("enddate", to) }

// dated are the fields of a notification about a moment of a device.
func (p *person) dated(at int64, device *Device, how Notifications) string {
	var date any = at
	if how.OtherDates {
		date = ymd(p.dayOf(at))
	}
	text := field("date", date)
	if device != nil {
		text += field("deviceid", device.ID)
	}
	return text
}

// ofDay are the fields of a notification about activity: a date and nothing else.
func (p *person) ofDay(day int, how Notifications) string {
	if how.OtherDates {
		return field("date", p.midnight(day))
	}
	return field("date", ymd(day))
}

// ofGroup is the news that a group can be read in its present form.
func (p *person) ofGroup(g *Group, at int64, how Notifications) []news {
	if g.Category == 2 { // nothing announces goals
		return nil
	}
	var list []news
	for _, appli := range g.applis(how) {
		list = append(list, news{p.ID, appli, at, spanned(g.Date, g.Date+1)})
	}
	return list
}

// ofNight is the news of a row of the sleep summary.
func (p *person) ofNight(n *night, at, end int64) news {
	return news{p.ID, onSleep, at, spanned(n.start, end)}
}

// ofHeart is the news of a row of the heart list: a recording, a failed one, or a sound besides.
func (p *person) ofHeart(h *Heart, at int64, how Notifications) []news {
	list := make([]news, 0, 2)
	if h.SignalID == 0 {
		list = append(list, news{p.ID, onFailedECG, at, p.dated(h.Timestamp, h.Device, how)})
	} else {
		list = append(list, news{p.ID, onECG, at, spanned(h.Timestamp, h.Timestamp+int64(h.duration)) + field("deviceid", h.Device.ID)})
	}
	if h.StethoID != 0 {
		list = append(list, news{p.ID, onStetho, at, spanned(h.Timestamp, h.Timestamp+int64(h.duration))})
	}
	return list
}

// body is the form as it is posted; now and then it has the field that is in Withings' own example.
func (n *news) body(draw uint64) string {
	var b strings.Builder
	b.WriteString("userid=" + strconv.FormatInt(n.user, 10) + "&appli=" + strconv.FormatInt(n.appli, 10) + n.fields)
	if draw%8 == 0 {
		b.WriteString("&foo=bar")
	}
	return b.String()
}
