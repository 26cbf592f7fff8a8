package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/simulator"
)

// practiceAddress is where the exporter of somebody who practises is to listen, beside a demo that has these addresses.
func practiceAddress(taken []string) string {
	port := 10064
	for slices.ContainsFunc(taken, func(address string) bool { return strings.HasSuffix(address, ":"+strconv.Itoa(port)) }) {
		port++
	}
	return "localhost:" + strconv.Itoa(port)
}

// practice says how to sign a person in at the simulated Withings, which listens at the address api, and have them shown at listen,
// beside the pages of the demo. It is to be pasted into a shell as it is, in any folder: a configuration of
// its own keeps simulated people out of the state directory and database of real ones.
func practice(api, pages, listen, person string, kept bool) string {
	after := "When this demo ends, so do the sign-ins: the next one knows none,\nunless both are started with the same --state.dir=DIR."
	if kept {
		after = "The next demo with this --state.dir knows the sign-ins."
	}
	return fmt.Sprintf(`
The simulated Withings is at http://%[1]s. Its client id is
%[2]s, its client secret %[3]s.
To practise signing in, paste this into another terminal:

mkdir -p practice && cd practice
cat >withings.yaml <<'END'
client-id: %[2]s
client-secret: %[3]s
api: {url: "http://%[1]s"}
account: {url: "http://%[1]s"}
state: {dir: state}
web: {listen-address: "%[4]s"}
profiles: [%[5]s]
END
chmod 600 withings.yaml
%[6]s

Then run withings-exporter there; it shows %[7]s on http://%[4]s/
Use that address where the documentation has http://localhost:10054.
This demo shows its own people on %[9]s
To sign in others of them, write their names into profiles.
%[8]s

`, api, simulator.DefaultClientID, simulator.DefaultClientSecret, listen, strconv.Quote(person), shell.Auth(person), person, after, pages)
}
