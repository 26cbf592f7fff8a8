package manual

// Handbook is the sections of the man page beyond the command line.
func Handbook() []Section {
	return []Section{
		{Title: "Environment", Text: `
Every flag has an environment variable: WITHINGS_ and the name of the flag in upper case, with _ instead of . and -.
For example, that of --influx.token-file is WITHINGS_INFLUX_TOKEN_FILE.
A flag takes precedence over its variable, and a variable over the configuration file.
An empty variable counts as not set.

HTTPS_PROXY, HTTP_PROXY and NO_PROXY choose the proxy.
SSL_CERT_FILE (a PEM file) and SSL_CERT_DIR (a folder) replace the system's certificate authorities.

The flags --to and --state.dir of demo have no variable: those of the same names are about real people.`},
		{Title: "Files", Text: `
The configuration file is withings.yaml or withings.yml in the working directory, or else in ~/.config/withings-exporter.
Names of files in it are relative to its folder.
Its keys are the names of the flags, which may be nested at a dot:

  client-id: ID
  client-secret-file: secret.txt
  profiles: [Anna, Ben]

The state directory, by default $XDG_STATE_HOME/withings-exporter or ~/.local/state/withings-exporter, holds the tokens and the latest readings of each profile.
They give access to health data: keep the folder private.

Where a package has installed the program as a service, these are its files:

  /etc/withings-exporter/withings.yaml: the configuration
  /etc/withings-exporter/client-secret: the secret, for root alone
  /etc/default/withings-exporter: variables
  /var/lib/withings-exporter: the state directory

A command runs with them, and as the user of the service, through withings-exporter-service:

  sudo withings-exporter-service auth Anna --paste`},
		{Title: "Exit status", Text: `
0 done; 1 failed; 2 usage or configuration; 3 a profile must be authorised, with the command auth; 130 interrupted.`},
		{Title: "Examples", Text: `
Try it with simulated people, on http://localhost:10054/:

  withings-exporter demo

Authorise a person on a server without a browser, then serve:

  withings-exporter auth Anna --paste
  withings-exporter

Import the history of all profiles into a file for Prometheus:

  withings-exporter backfill --to=openmetrics=history.om`},
		{Title: "See also", Text: `
prometheus(1), promtool(1)`},
	}
}
