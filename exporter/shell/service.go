package shell

import (
	"os"
	"path/filepath"
	"strings"
)

// Where a package puts its configuration, and the script that runs a command as its service.
const (
	serviceFolder = "/etc/withings-exporter"
	serviceScript = "/usr/sbin/withings-exporter-service"
)

// AsService is the command that does the same as one with these arguments, with the configuration, secret and state of the service that
// is installed on this machine. It is "" where none is, and for a command that was given another configuration file or is
// run as the service.
func AsService(configFile string, arguments []string) string {
	_, missing := os.Stat(serviceScript)
	return asService(missing == nil, configFile, arguments)
}

func asService(installed bool, configFile string, arguments []string) string {
	if !installed || IsService() || configFile != "" && filepath.Dir(configFile) != serviceFolder {
		return ""
	}
	if len(arguments) == 0 || arguments[0] == "serve" || strings.HasPrefix(arguments[0], "-") {
		return startUnit
	}
	words := []string{"sudo", filepath.Base(serviceScript)}
	for _, word := range arguments {
		if strings.HasPrefix(word, "--c") || strings.HasPrefix(word, "--influx") {
			break // the service is configured, and a secret is not said again
		}
		words = append(words, Quote(word))
	}
	return strings.Join(words, " ")
}
