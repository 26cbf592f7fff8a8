package web

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/hint"
)

// maxConfig is the largest web configuration and the largest certificate or key
// in it that is read, in bytes; a bundle of all public authorities has 250 kB.
const maxConfig = 1 << 20

// ReadConfig returns what is in a web configuration, "" for none. The toolkit
// reads the file itself, again and again, and would wait for a named pipe: so it
// is checked here that it and the files it names are ordinary ones.
func ReadConfig(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	if err := ordinary(path); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Clean(path))
}

// checkConfig refuses a web configuration that the toolkit cannot use.
func checkConfig(path string) error {
	data, err := ReadConfig(path)
	if err != nil {
		return err
	}
	var named struct {
		TLS struct {
			Cert string `yaml:"cert_file"`
			Key  string `yaml:"key_file"`
			CAs  string `yaml:"client_ca_file"`
		} `yaml:"tls_server_config"`
	}
	if yaml.Unmarshal(data, &named) == nil { // else the toolkit says what is wrong
		for _, file := range []string{named.TLS.Cert, named.TLS.Key, named.TLS.CAs} {
			if file == "" {
				continue
			}
			if !filepath.IsAbs(file) {
				file = filepath.Join(filepath.Dir(path), file)
			}
			if err := ordinary(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return toolkit.Validate(path)
}

// ordinary is an error for what is not a regular file of a size that can be.
func ordinary(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return hint.Wrap(fmt.Errorf("%s is not a regular file", path), "give one that is")
	case info.Size() > maxConfig:
		return hint.Wrap(fmt.Errorf("%s is larger than 1 MiB", path), "check that it is the right file")
	}
	return nil
}
