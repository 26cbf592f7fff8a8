package manual

// Handbook is what the man page says beyond the command line.
func Handbook() []Section {
	return []Section{
		{Title: "Environment", Text: `
Every flag has a variable: WITHINGS_ and the name of the flag in upper case, with _ for . and -.
The variable of --influx.token-file is WITHINGS_INFLUX_TOKEN_FILE.
A flag wins over its variable, a variable over the configuration file.
A variable that is empty is not set.

HTTPS_PROXY, HTTP_PROXY and NO_PROXY say which proxy is used for whom.
SSL_CERT_FILE names a PEM file, SSL_CERT_DIR a folder, with the authorities whose certificates are trusted in place of the system's.

The flags --to and --state.dir of demo have none: the variables of these names are about real people.`},
		{Title: "Files", Text: `
withings.yaml or withings.yml in the working directory, or else in
~/.config/withings-exporter, is the configuration file.
Its keys are the names of the flags; a part before a dot may stand on a line of its own:

  client-id: ID
  client-secret-file: secret.txt
  profiles: [Anna, Ben]

The state directory, by default $XDG_STATE_HOME/withings-exporter or ~/.local/state/withings-exporter, has the tokens and the latest readings of each profile.
They are keys to people's health: keep the folder yours.`},
		{Title: "Exit status", Text: `
0 done; 1 failed; 2 usage or configuration; 3 a profile must be authorised, with the command auth; 130 interrupted.`},
		{Title: "Examples", Text: `
Look at simulated people on http://localhost:10054/:

  withings-exporter demo

Authorise a person, on a server without a browser, and serve:

  withings-exporter auth Anna --paste
  withings-exporter

Import the history of everybody into a file for Prometheus:

  withings-exporter backfill --to=openmetrics=history.om`},
		{Title: "See also", Text: `
prometheus(1), promtool(1)`},
	}
}
