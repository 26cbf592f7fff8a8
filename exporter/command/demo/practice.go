package demo

import (
	"fmt"
	"strconv"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/simulator"
)

// practiceAddress is where the exporter of somebody who practises listens, beside the
// demo's own at the default address.
const practiceAddress = "localhost:10064"

// practice says how to sign a person in at the simulated Withings, which listens at an
// address. It is to be pasted into a shell as it is, in any folder: a configuration of
// its own keeps simulated people out of the state directory and database of real ones.
func practice(address, person string, kept bool) string {
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
Use that address where the documentation has http://localhost:10054: there,
this demo shows its own people. To sign in others of them, write their names
into profiles.
%[8]s

`, address, simulator.DefaultClientID, simulator.DefaultClientSecret, practiceAddress, strconv.Quote(person), shell.Auth(person), person, after)
}
