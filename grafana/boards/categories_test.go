package boards

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestWorkoutsTheExporterKnowsHaveNames(t *testing.T) {
	source, err := os.ReadFile("../../exporter/withings/categories.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\s+(\d+):\s+"`).FindAllSubmatch(source, -1)
	if len(found) < 100 {
		t.Fatalf("only %d categories found", len(found))
	}
	for _, match := range found {
		number, err := strconv.Atoi(string(match[1]))
		if err != nil {
			t.Fatal(err)
		}
		if workoutNames[number] == "" {
			t.Errorf("category %d has no name", number)
		}
	}
}
