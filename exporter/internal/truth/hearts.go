package truth

import (
	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

// heart writes an ECG with what was measured at the same time (section 6.1), and the
// recording of the stethoscope that its own list has as well (section 6.3). What a
// failed recording lacks is 0 in the simulator.
func (b *book) heart(h *simulator.Heart) {
	r := record{start: h.Timestamp, end: h.Timestamp, modified: h.Modified}
	if !b.has(r) {
		return
	}
	write := func(service exporter.Service, key string, value int64) {
		b.put(r, exporter.ByOrigin(service, key), "", integer(value))
	}
	write(exporter.Heart, "timestamp", h.Timestamp)
	if h.SignalID != 0 {
		write(exporter.Heart, "ecg.signalid", h.SignalID)
		write(exporter.Heart, "ecg.afib", int64(h.AFib))
	}
	if h.Rate != 0 {
		write(exporter.Heart, "heart_rate", int64(h.Rate))
	}
	if h.Systole != 0 {
		write(exporter.Heart, "bloodpressure.systole", int64(h.Systole))
		write(exporter.Heart, "bloodpressure.diastole", int64(h.Diastole))
	}
	if h.StethoID == 0 {
		return
	}
	const vhd = 0 // of every recording of the simulator
	for service, object := range map[exporter.Service]string{exporter.Heart: "stetho.", exporter.Stetho: ""} {
		write(service, object+"signalid", h.StethoID)
		write(service, object+"vhd", vhd)
	}
	write(exporter.Stetho, "timestamp", h.Timestamp)
}
