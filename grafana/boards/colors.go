package boards

// The palette. Each colour has a contrast of at least 3:1 against the panels of
// Grafana's dark and light theme, and colours that stand side by side differ also
// for people who do not see red or green: the tests compute both. It began with
// that of Okabe and Ito, whose light colours are lost on white.
const (
	green  = "#02865f"
	amber  = "#d08201"
	red    = "#b3431c"
	pink   = "#d82fb4"
	blue   = "#3d6fd6"
	sky    = "#1f7fc0"
	violet = "#5a5fd6"
	purple = "#b582ba"
	teal   = "#2b98a3"
	ocean  = "#3b717d"
	rose   = "#c23b6a"
	brown  = "#a8741a"
	grey   = "#888892"

	// ink is that of the theme's words: black on white, white on black.
	ink = "text"
)

// What is good or bad has these colours, and nothing else has them.
const (
	good    = green
	warning = amber
	bad     = red
	severe  = pink // where bad is not the worst
	unknown = grey // neither good nor bad
)

// A goal, a day that met it and one that did not, which is not bad.
const (
	goalColor   = good
	metColor    = good
	missedColor = unknown
)

// readingColor is that of dots around a line, which has the colour of the thing.
const readingColor = grey

// meanColor is that of a mean that is drawn over bars.
const meanColor = ink

// A thing has the same colour on every dashboard.
const (
	weightColor = blue
	fatColor    = brown
	muscleColor = rose
	boneColor   = grey
	waterColor  = sky

	heartColor       = rose
	upperColor       = rose
	lowerColor       = sky
	variabilityColor = violet
	breathColor      = teal
	temperatureColor = brown
	oxygenColor      = sky
	morningColor     = brown
	eveningColor     = violet
	lowMorningColor  = rose // of the diastolic pressure
	lowEveningColor  = teal

	deepColor  = "#2d62cc"
	remColor   = purple
	lightColor = ocean
	awakeColor = brown

	stepColor     = sky
	distanceColor = blue
	climbColor    = brown
	energyColor   = brown
	restColor     = grey
	moderateColor = sky // activity, and zones of the heart rate
	intenseColor  = brown
	maximalColor  = rose
)
