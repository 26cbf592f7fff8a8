package withings

import (
	"strconv"
	"testing"

	"withings-exporter/exporter"
)

func TestEveryServiceHasAnEndpointThatReadsItsAnswers(t *testing.T) {
	for _, service := range exporter.Asked() {
		switch at := endpoints[service]; {
		case at == nil:
			t.Errorf("%s has no endpoint", service)
		case at.path == "" || at.action == "" || at.list == "" || ways(at) != 1:
			t.Errorf("the endpoint of %s lacks an address, a list, or one way to read it", service)
		}
	}
	for service := range endpoints {
		if service.Row().Name != service {
			t.Errorf("there is an endpoint of %s, which is not in the table of services", service)
		}
	}
}

// ways is in how many ways an answer can be read.
func ways(at *endpoint) (n int) {
	for _, has := range []bool{at.row != nil, at.object != nil, at.all != nil} {
		if has {
			n++
		}
	}
	return n
}

// TestRowsOfTheCatalogueFitTheirService wants of every row a key that its service
// can have: a number where types are numbers, and a field where there are fields.
func TestRowsOfTheCatalogueFitTheirService(t *testing.T) {
	for _, m := range exporter.Catalog() {
		at := endpoints[m.Service]
		if at == nil || m.Frame {
			continue // the first is for the test above, the second for the recordings
		}
		if _, err := strconv.Atoi(m.Key); (err == nil) != (at.action == "getmeas") {
			t.Errorf("%s has key %q, which an answer of %s cannot have", m.Name, m.Key, m.Service)
		}
	}
}
