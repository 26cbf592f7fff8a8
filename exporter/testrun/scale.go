package testrun

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// ScaleVar names the variable that says how long the tests run which could go on
// for ever, such as those that kill processes: from 1, which is the default, to
// FullScale, which the gate sets.
const ScaleVar = "WITHINGS_TEST_SCALE"

// Bench is a size of a benchmark: full, but with -short small, at which the benchmark
// shows that it runs, and not how fast. The gate runs them so.
func Bench(full, small int) int {
	if testing.Short() {
		return small
	}
	return full
}

// FullScale is the scale at which nothing is saved.
const FullScale = 10

// Scale is few at scale 1, many at FullScale, and in proportion between them.
func Scale(few, many int) int {
	scale := 1
	if text := os.Getenv(ScaleVar); text != "" {
		var err error
		if scale, err = strconv.Atoi(text); err != nil || scale < 1 || scale > FullScale {
			panic(fmt.Sprintf("%s is %q, want a number from 1 to %d", ScaleVar, text, FullScale))
		}
	}
	return few + (many-few)*(scale-1)/(FullScale-1)
}
