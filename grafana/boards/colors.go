package boards

// The palette. A thing has the same colour on every board; the names are
// Grafana's own, which fit a dark and a light theme.
const (
	green  = "semi-dark-green"
	yellow = "semi-dark-yellow"
	orange = "semi-dark-orange"
	red    = "semi-dark-red"
	blue   = "semi-dark-blue"
	purple = "semi-dark-purple"
	grey   = "#8e8e9a"

	weightColor  = blue
	fatColor     = orange
	muscleColor  = "dark-red"
	boneColor    = grey
	waterColor   = "light-blue"
	heartColor   = red
	upperColor   = "dark-red"
	lowerColor   = blue
	breathColor  = "#3fa7a0"
	deepColor    = "dark-blue"
	remColor     = purple
	lightColor   = "light-blue"
	awakeColor   = yellow
	stepColor    = green
	goalColor    = "dark-green"
	energyColor  = orange
	morningColor = yellow
	eveningColor = "dark-blue"
)
