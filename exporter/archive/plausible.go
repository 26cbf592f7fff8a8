package archive

// limits are the least and the most that something can be.
type limits struct{ least, most float64 }

// plausible are the limits of what a column counts, by its key and in the unit of the
// API. They are far wider than what is healthy, from an infant to the heaviest person
// known, since they only tell 1.356 from 1356: no number is left out for them.
var plausible = map[string]limits{
	"1":   {0.5, 700}, // kg
	"4":   {0.3, 2.8}, // m
	"5":   {0.3, 500}, // kg
	"8":   {0.05, 500},
	"9":   {10, 250}, // mmHg
	"10":  {20, 350},
	"11":  {15, 350},  // bpm
	"54":  {20, 100},  // %
	"71":  {20, 50},   // °C
	"73":  {5, 50},    // °C
	"76":  {0.3, 500}, // kg
	"77":  {0.2, 500}, // kg
	"88":  {0.05, 50}, // kg
	"91":  {1, 50},    // m/s
	"123": {3, 120},   // ml/min/kg
	"130": {0, 13},    // class
	"135": {10, 2000}, // ms
	"136": {10, 2000}, // ms
	"137": {10, 2000}, // ms
	"138": {10, 2000}, // ms
	"139": {0, 13},    // class
	"147": {0, 14},    // pH
	"148": {0.9, 1.1},
	"151": {0, 1000},   // µmol/L
	"155": {1, 150},    // years
	"158": {0, 100},    // score
	"159": {0, 100},    // score
	"167": {0, 100},    // score
	"168": {0.1, 300},  // kg
	"169": {0.1, 300},  // kg
	"170": {0, 100},    // index
	"173": {0.01, 300}, // kg
	"174": {0.01, 300}, // kg
	"175": {0.01, 300}, // kg
	"196": {0, 100},    // score
	"197": {0, 100},
	"198": {0, 100},
	"204": {0, 100},      // mmol/L
	"205": {0, 100},      // mmol/L
	"226": {100, 20_000}, // kcal a day
	"227": {1, 150},      // years
	"229": {0, 300},      // µS
	"248": {0, 100},      // mmol/L
	"249": {0, 100},      // mmol/L
	"251": {0, 20},       // mmol/mmol

	"lightsleepduration":  {0, 200_000}, // s, as the next ones
	"deepsleepduration":   {0, 200_000},
	"remsleepduration":    {0, 200_000},
	"wakeupduration":      {0, 200_000},
	"durationtosleep":     {0, 200_000},
	"durationtowakeup":    {0, 200_000},
	"snoring":             {0, 200_000},
	"wakeupcount":         {0, 500},
	"snoringepisodecount": {0, 5000},
	"hr_average":          {15, 350}, // bpm
	"hr_min":              {15, 350},
	"hr_max":              {15, 350},

	"steps":     {0, 300_000},
	"distance":  {0, 500_000}, // m
	"elevation": {0, 20_000},  // m
	"calories":  {0, 30_000},  // kcal
	passiveKey:  {0, 30_000},
}
