package hint

import "fmt"

// Newer is the error about a file of a newer version of this program, by the version of its content and the latest that is
// known.
func Newer(version, known int) error {
	return Wrap(fmt.Errorf("a newer version of withings-exporter wrote it (format %d, and this one reads up to %d)", version, known), "upgrade withings-exporter")
}
