package testrun

import "flag"

// Update has tests of generated files write them, instead of comparing them: go test ./grafana/... -run Generated -update.
// Every package knows the flag whose tests import this one.
var Update = flag.Bool("update", false, "write generated files, instead of comparing them")
