package profiles

import (
	"slices"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/notify"
)

// notified has Withings announce the news of a profile, if it can reach the exporter.
func (w common) notified(m, before *Member) {
	s := w.settings
	if s.Callbacks() == "" {
		return
	}
	name := m.State.Profile()
	m.box, m.Inbox = notify.NewBox(name), exporter.NewInbox()
	if before != nil && before.box != nil { // they have what has arrived in the meantime
		m.box, m.Inbox = before.box, before.Inbox
	}
	m.box.Give(notify.Taker{
		Owner: m.Source.UserID,
		Tell:  m.Inbox.Tell,
		Bed:   func(user string, e exporter.BedEvent) { w.bed(m, user, e) },
		All:   func() []exporter.Service { return m.Choose().Asked },
	})
	keeper := &notify.Keeper{
		Account: m.Account, Receiver: w.receiver, Box: m.box, File: notify.File{Dir: w.dir, Profile: name, Now: s.Now}, External: s.Callbacks(),
		Owner:  m.Source.UserID,
		Wanted: func() []exporter.Service { return read(m.Choose()) },
		Doubt:  func() bool { return m.Status.Condition().Notified.Missing },
		Pause:  s.Pause, Now: s.Now, Log: s.Log.With("profile", name),
		Meant: s.Announced(), Password: w.password, Client: s.Own,
	}
	keeper.Known()
	m.Upkeep = keeper.Upkeep
	if !s.PollAnyway {
		m.Announced = keeper.Announced
	}
}

// bed notes that somebody got in or out of bed. The poller saves it and writes it to InfluxDB. The profile may just have been
// authorised for another person.
func (w common) bed(m *Member, user string, e exporter.BedEvent) {
	if !slices.Contains(m.Choose().Told, exporter.Presence) {
		return
	}
	batch, leftOut := e.Batch(w.settings.Now())
	if leftOut != "" {
		w.counters.Skipped(leftOut)
		return
	}
	m.saved.tell(told{user, m.Source.UserID() == "", batch})
}

// Announcements says when a notification last arrived, whether Withings sends any, and
// whether any are to be expected: of an address that is for links alone, they are not.
func (m *Member) Announcements() (last time.Time, some, expected bool) {
	if m.box == nil {
		return last, false, false
	}
	for _, at := range m.box.Arrived() {
		if at.After(last) {
			last = at
		}
	}
	some = m.box.Confirmed()
	return last, some, some || m.box.Expected()
}

// read are the services that are asked, and those that only notifications tell of.
func read(c exporter.Choice) []exporter.Service { return slices.Concat(c.Asked, c.Told) }

// boxes are where the notifications of all members arrive.
func boxes(members []*Member) []*notify.Box {
	var all []*notify.Box
	for _, m := range members {
		if m.box != nil {
			all = append(all, m.box)
		}
	}
	return all
}
