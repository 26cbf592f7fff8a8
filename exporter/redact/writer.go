package redact

import (
	"fmt"
	"io"
)

// Writer returns a writer that redacts each text written to it and passes it on as
// one line with a prefix. It is for the log of the standard library: the client of
// net/http logs unsolicited data from a server, which may be the end of an answer
// that repeats the request.
func Writer(to io.Writer, prefix string, secrets ...string) io.Writer {
	return &writer{to: to, prefix: prefix, secrets: secrets}
}

type writer struct {
	to      io.Writer
	prefix  string
	secrets []string
}

// Write never writes part of a text.
func (w *writer) Write(text []byte) (int, error) {
	if _, err := fmt.Fprintln(w.to, w.prefix+Text(string(text), w.secrets...)); err != nil {
		return 0, fmt.Errorf("write a line of the log: %w", err)
	}
	return len(text), nil
}
