package simulator

import (
	"os"
	"strings"
)

// documentedIn lists the fields under a heading of the list of what Withings documents, with which the exporter is
// compared, too: those that it documents, and those that are only known from answers. A value that the list explains
// instead of naming a field is in neither.
func documentedIn(heading string) (documented, seen []string) {
	text, err := os.ReadFile("../withings/testdata/reference.txt")
	if err != nil {
		panic(err)
	}
	here := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			here = strings.HasPrefix(line, "# "+heading+" ") || strings.HasPrefix(line, "# "+heading+":")
			continue
		}
		key, rest, ok := strings.Cut(line, " | ")
		switch {
		case !here || !ok || strings.Contains(rest, " | "):
		case strings.HasSuffix(key, "?"):
			seen = append(seen, strings.TrimSuffix(key, "?"))
		default:
			documented = append(documented, key)
		}
	}
	if documented == nil {
		panic("nothing is documented in " + heading)
	}
	return documented, seen
}
