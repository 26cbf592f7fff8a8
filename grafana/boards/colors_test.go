package boards

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Backgrounds of Grafana's panels.
const (
	darkPanel  = "#181b1f"
	lightPanel = "#ffffff"
)

// palette is every colour that a dashboard may name.
var palette = []string{green, amber, red, pink, blue, sky, violet, purple, teal, ocean, rose, brown, grey, deepColor}

func TestColoursAreReadableInBothThemes(t *testing.T) {
	for _, color := range palette {
		for _, panel := range []string{darkPanel, lightPanel} {
			if got := contrast(color, panel); got < 3 {
				t.Errorf("%s on %s has a contrast of %.2f, want 3", color, panel, got)
			}
		}
	}
}

func TestColoursSideBySideDifferForEverybody(t *testing.T) {
	const enough = 14 // of CIEDE2000; 2 is seen by looking closely, 7 is mistaken in passing
	for name, group := range map[string][]string{
		"good and bad":        {good, warning, bad, unknown},
		"classes of pressure": {good, warning, bad, severe},
		"goals":               {metColor, missedColor, bad},
		"steps":               {stepColor, goalColor, missedColor},
		"weight":              {weightColor, goalColor},
		"stages of sleep":     {deepColor, remColor, lightColor, awakeColor},
		"in bed":              {awakeColor, deepColor, goalColor},
		"what a body is of":   {muscleColor, fatColor, boneColor},
		"muscle and water":    {muscleColor, waterColor, fatColor, boneColor},
		"pressures":           {upperColor, lowerColor},
		"halves of the day":   {morningColor, eveningColor, lowMorningColor, lowEveningColor},
		"signals of the body": {heartColor, variabilityColor, breathColor, temperatureColor},
		"intensity":           {moderateColor, intenseColor, maximalColor},
		"energy":              {energyColor, restColor},
		"years":               yearColors[1:],
	} {
		for i, a := range group {
			for _, b := range group[:i] {
				for eyes, seen := range visions {
					if got := difference(seen(linear(a)), seen(linear(b))); got < enough {
						t.Errorf("%s: %s and %s differ by %.1f with %s, want %d", name, b, a, got, eyes, enough)
					}
				}
			}
		}
	}
}

func TestGoodAndBadHaveColoursOfTheirOwn(t *testing.T) {
	for _, of := range []string{weightColor, fatColor, muscleColor, waterColor, heartColor, upperColor, lowerColor, variabilityColor, breathColor,
		temperatureColor, oxygenColor, morningColor, eveningColor, deepColor, remColor, lightColor, awakeColor, stepColor, distanceColor, climbColor,
		energyColor, moderateColor, intenseColor, maximalColor} {
		if slices.Contains([]string{good, warning, bad, severe}, of) {
			t.Errorf("%s says good or bad, and stands for something else", of)
		}
	}
}

// themed are colours that are not of the palette and need not be: the theme's, and hints.
var themed = []string{ink, "transparent", "rgba(142, 142, 154, 0.15)"}

func TestDashboardsKeepToThePalette(t *testing.T) {
	everyBoard(t, func(t *testing.T, b build, page board) {
		for _, p := range page.panels() {
			var used []string
			for _, a := range p.asks {
				used = append(used, a.color)
			}
			for _, step := range p.thresholds {
				used = append(used, step.Color)
			}
			for _, m := range p.mappings {
				if m.ValueMap != nil {
					for _, result := range m.ValueMap.Options {
						if result.Color != nil {
							used = append(used, *result.Color)
						}
					}
				}
			}
			for _, o := range p.overrides {
				if c, ok := o.properties["color"].(dashboard.FieldColor); ok && c.FixedColor != nil {
					used = append(used, *c.FixedColor)
				}
			}
			for _, color := range append(used, p.fixed) {
				if color != "" && !slices.Contains(palette, color) && !slices.Contains(themed, color) {
					t.Errorf("%q has the colour %s, which is not of the palette", p.title, color)
				}
			}
		}
	})
}

// light is red, green and blue as they add up, 0 to 1.
type light [3]float64

// linear reads #rrggbb.
func linear(hex string) light {
	if !regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(hex) {
		panic(fmt.Sprintf("%q is no colour", hex))
	}
	var l light
	for i := range l {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if l[i] = c / 12.92; c > 0.04045 {
			l[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return l
}

// contrast is that of WCAG 2, section 1.4.3.
func contrast(a, b string) float64 {
	luminance := func(l light) float64 { return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2] }
	x, y := luminance(linear(a))+0.05, luminance(linear(b))+0.05
	return max(x, y) / min(x, y)
}

// visions are ways to see: all colours, and without red or green, as Machado,
// Oliveira and Fernandes model it (2009, severity 1).
var visions = map[string]func(light) light{
	"all colours":  func(l light) light { return l },
	"deuteranopia": matrixed([3]light{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}),
	"protanopia":   matrixed([3]light{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}),
}

func matrixed(m [3]light) func(light) light {
	return func(l light) (seen light) {
		for i, row := range m {
			seen[i] = min(1, max(0, row[0]*l[0]+row[1]*l[1]+row[2]*l[2]))
		}
		return seen
	}
}

// lab is a colour in CIELAB under daylight (D65).
func lab(l light) (lightness, a, b float64) {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124564*l[0] + 0.3575761*l[1] + 0.1804375*l[2]) / 0.95047)
	y := f(0.2126729*l[0] + 0.7151522*l[1] + 0.0721750*l[2])
	z := f((0.0193339*l[0] + 0.1191920*l[1] + 0.9503041*l[2]) / 1.08883)
	return 116*y - 16, 500 * (x - y), 200 * (y - z)
}

// difference is CIEDE2000.
func difference(p, q light) float64 {
	l1, a1, b1 := lab(p)
	l2, a2, b2 := lab(q)
	seventh := func(c float64) float64 { return math.Sqrt(math.Pow(c, 7) / (math.Pow(c, 7) + math.Pow(25, 7))) }
	g := 1 + 0.5*(1-seventh((math.Hypot(a1, b1)+math.Hypot(a2, b2))/2))
	c1, c2 := math.Hypot(a1*g, b1), math.Hypot(a2*g, b2)
	hue := func(a, b float64) float64 { return math.Mod(math.Atan2(b, a*g)*180/math.Pi+360, 360) }
	h1, h2 := hue(a1, b1), hue(a2, b2)
	turn := math.Mod(h2-h1+540, 360) - 180
	middle := math.Mod(h1+turn/2+360, 360)
	cosine := func(degrees float64) float64 { return math.Cos(degrees * math.Pi / 180) }
	lm, cm := (l1+l2)/2, (c1+c2)/2
	t := 1 - 0.17*cosine(middle-30) + 0.24*cosine(2*middle) + 0.32*cosine(3*middle+6) - 0.20*cosine(4*middle-63)
	dl := (l2 - l1) / (1 + 0.015*(lm-50)*(lm-50)/math.Sqrt(20+(lm-50)*(lm-50)))
	dc := (c2 - c1) / (1 + 0.045*cm)
	dh := 2 * math.Sqrt(c1*c2) * math.Sin(turn/2*math.Pi/180) / (1 + 0.015*cm*t)
	rotated := -math.Sin(60*math.Exp(-math.Pow((middle-275)/25, 2))*math.Pi/180) * 2 * seventh(cm)
	return math.Sqrt(dl*dl + dc*dc + dh*dh + rotated*dc*dh)
}

func TestDifferenceIsCIEDE2000(t *testing.T) {
	if got := difference(linear("#02865f"), linear("#02865f")); got != 0 {
		t.Errorf("a colour differs from itself by %v", got)
	}
	// Worked out with another program.
	if got := difference(linear("#d55e00"), linear("#009e73")); math.Abs(got-54.4) > 0.1 {
		t.Errorf("vermillion and bluish green differ by %.1f, want 54.4", got)
	}
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 0.001 {
		t.Errorf("black on white has a contrast of %v, want 21", got)
	}
}
