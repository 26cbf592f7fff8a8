package command

import (
	"errors"
	"log/slog"
	"os"

	"withings-exporter/exporter/config"
)

// clientSecret is the client secret, given itself or by a file.
func clientSecret(value, file string) (string, error) {
	secret, err := config.Secret(value, file, "client-secret")
	if err != nil {
		return "", err
	}
	given := "--client-secret"
	if file != "" {
		given = config.SecretPlace(file, "client-secret")
	}
	return config.Pasted(secret, given)
}

// influxToken is the token of InfluxDB, given itself or by a file.
func influxToken(value, file string) (string, error) {
	return config.Secret(value, file, "influx.token")
}

// SecretsAgain reads the files again that secrets were read from, which people correct and Kubernetes replaces while the program
// runs. It returns the settings with the secrets as they are now, and the files that have another one than before. What cannot be read is an error,
// and the secret before stays. A pipe gives its secret once and is left alone.
func (s Settings) SecretsAgain() (next Settings, changed []string, err error) {
	next = s
	var failed []error
	for _, of := range []struct {
		file string
		has  *string
		read func(value, file string) (string, error)
	}{
		{s.SecretFile, &next.ClientSecret, clientSecret},
		{s.Influx.TokenFile, &next.Influx.Token, influxToken},
	} {
		if of.file == "" {
			continue
		}
		if info, err := os.Stat(of.file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			continue
		}
		secret, err := of.read("", of.file)
		switch {
		case err != nil:
			failed = append(failed, err)
		case secret != *of.has:
			*of.has = secret
			changed = append(changed, of.file)
		}
	}
	return next, changed, errors.Join(failed...)
}

// WarnExposed warns of a secret's file that others can read. Without a log, or without a file, there is nothing to say.
func WarnExposed(log *slog.Logger, file, what string) {
	if file == "" || log == nil {
		return
	}
	if line := config.Exposed(file, what); line != "" {
		log.Warn("configuration", "err", line)
	}
}
