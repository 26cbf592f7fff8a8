package archive

import (
	"withings-exporter/exporter"
)

// column is the meaning of a header: where the API has the same value, what it
// counts, and the unit when the header names none. Of quantities with several
// units in use the header has to name it: an empty unit is not guessed.
type column struct {
	key   string // measure type or field of the API
	of    quantity
	unit  string   // "" when the header has to tell it
	names []string // folded, in English, German, French, Spanish, Italian; LAYOUTS.md tells which have been seen

	metric *exporter.Metric // found by the key
}

// passiveKey is the energy used at rest. The API has it only as a part
// of totalcalories.
const passiveKey = "passive"

var bodyColumns = []column{
	{key: "1", of: mass, names: []string{"weight", "gewicht", "poids", "peso"}},
	{key: "8", of: mass, names: []string{"fat mass", "fettmasse", "gras", "masse grasse", "grasa", "masa grasa", "grasso", "massa grassa"}},
	{key: "5", of: mass, names: []string{"fat free mass", "lean mass", "fettfreier anteil", "fettfreie masse", "masse maigre", "masa magra", "massa magra"}},
	{key: "88", of: mass, names: []string{"bone mass", "knochenmasse", "masse osseuse", "masa osea", "massa ossea"}},
	{key: "76", of: mass, names: []string{"muscle mass", "muskelmasse", "masse musculaire", "masa muscular", "massa muscolare"}},
	{key: "77", of: mass, names: []string{"hydration", "wasseranteil", "hydratation", "hidratacion", "idratazione"}},
}

var heightColumns = []column{
	{key: "4", of: length, names: []string{"height", "grosse", "taille", "altura", "estatura", "altezza"}},
}

var pressureColumns = []column{
	{key: "11", of: rate, unit: "bpm", names: []string{"heart rate", "herzfrequenz", "frequence cardiaque", "frecuencia cardiaca", "frequenza cardiaca"}},
	{key: "10", of: pressure, unit: "mmhg", names: []string{"systolic", "systole", "systolisch", "systolique", "sistolica", "sistolico"}},
	{key: "9", of: pressure, unit: "mmhg", names: []string{"diastolic", "diastole", "diastolisch", "diastolique", "diastolica", "diastolico"}},
	{key: "91", of: speed, unit: "m/s", names: []string{"pulse wave velocity"}},
}

var sleepColumns = []column{
	{key: "lightsleepduration", of: seconds, names: []string{"light", "light sleep", "leicht", "leger", "ligero", "leggero"}},
	{key: "deepsleepduration", of: seconds, names: []string{"deep", "deep sleep", "tief", "profond", "profundo", "profondo"}},
	{key: "remsleepduration", of: seconds, names: []string{"rem", "rem sleep", "paradoxal"}},
	{key: "wakeupduration", of: seconds, names: []string{"awake", "wach", "eveille", "eveil", "despierto", "sveglio"}},
	{key: "wakeupcount", of: count, names: []string{"wake up", "aufwachen", "reveils", "reveil", "despertar", "risvegli", "risveglio"}},
	{key: "durationtosleep", of: seconds, names: []string{"duration to sleep", "dauer des schlafs"}},
	{key: "durationtowakeup", of: seconds, names: []string{"duration to wake up", "dauer bis zum wachwerden"}},
	{key: "snoring", of: seconds, names: []string{"snoring", "schnarchen", "ronflement", "ronquidos", "russamento"}},
	{key: "snoringepisodecount", of: count, names: []string{"snoring episodes", "schnarchepisoden", "episodes de ronflement", "episodios de ronquidos", "episodi di russamento"}},
	{key: "hr_average", of: rate, unit: "bpm", names: []string{"average heart rate", "durchschnittliche herzfrequenz", "frequence cardiaque moyenne", "frecuencia cardiaca media", "frequenza cardiaca media"}},
	{key: "hr_min", of: rate, unit: "bpm", names: []string{"heart rate min", "herzfrequenz min", "frequence cardiaque min", "frecuencia cardiaca min", "frequenza cardiaca min"}},
	{key: "hr_max", of: rate, unit: "bpm", names: []string{"heart rate max", "herzfrequenz max", "frequence cardiaque max", "frecuencia cardiaca max", "frequenza cardiaca max"}},
}

var dayColumns = []column{
	{key: "steps", of: count, names: []string{"steps", "schritte", "pas", "pasos", "passi"}},
	{key: "distance", of: length, names: []string{"distance", "distanz", "entfernung", "distancia", "distanza"}},
	{key: "elevation", of: length, names: []string{"elevation", "hohenmeter", "denivele", "desnivel", "dislivello"}},
	{key: "calories", of: energy, unit: "kcal", names: []string{"active calories", "aktive kalorien", "calories actives", "calorias activas", "calorie attive"}},
}

// valueNames are what files call a column that holds all their values.
var valueNames = []string{"value", "wert", "valeur", "valor", "valore"}

// apiColumns are the fields of a service of the API in its units, by their names: there
// are files that have those as headers.
func apiColumns(service exporter.Service) map[string]column {
	all := map[string]column{}
	for _, m := range exporter.Catalog() {
		if m.Service != service || m.Frame || len(m.Labels) > 0 {
			continue
		}
		c := column{key: m.Key, of: plain, metric: m}
		switch {
		case m.Unit == exporter.Seconds && m.Power == 0:
			c.of, c.unit = seconds, "s"
		case m.Unit == exporter.Seconds:
			c.of, c.unit = millis, "ms"
		case m.Unit == exporter.BeatsPerMinute:
			c.of, c.unit = rate, "bpm"
		case m.Unit == exporter.Count:
			c.of = count
		}
		all[m.Key] = c
	}
	return all
}

// byName finds columns by each of their names, their metrics filled in.
func byName(service exporter.Service, columns []column) map[string]column {
	all := map[string]column{}
	for _, c := range columns {
		c.metric = exporter.ByOrigin(service, c.key)
		for _, name := range c.names {
			all[name] = c
		}
	}
	return all
}

// The names of the columns that tell when.
var (
	dateNames  = nameSet("date", "datum", "fecha", "data", "datetime", "date time")
	startNames = nameSet("from", "start", "von", "de", "da", "debut", "desde", "inicio", "inizio", "beginn", "startdate")
	endNames   = nameSet("to", "end", "bis", "a", "fin", "hasta", "fine", "ende", "enddate")
)

// silent are columns that are known and hold no reading.
var silent = nameSet(
	"comments", "comment", "kommentare", "kommentar", "commentaires", "commentaire", "comentarios", "commenti",
	"notes", "note", "notizen", "category", "night events", "gps", "modified", "timezone", "zeitzone",
	"from manual", "to manual", "von manuell", "bis manuell", "de manual", "a manual",
)

func nameSet(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}
