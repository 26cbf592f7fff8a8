package redact

import (
	"bytes"
	"errors"
	"io"
	"log"
	"testing"
)

func TestAWriterHidesWhatItPassesOn(t *testing.T) {
	var out bytes.Buffer
	l := log.New(Writer(&out, "note: ", "s3cret"), "", 0)
	l.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", "Authorization: Bearer abc-1\r\ns3cret", io.EOF)
	l.Printf("two\nlines")
	const want = "note: Unsolicited response received on idle HTTP channel starting with " +
		"\"Authorization: Bearer [hidden]\\r\\n[hidden]\"; err=EOF\nnote: two lines\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAWriterSaysThatItCannotWrite(t *testing.T) {
	if n, err := Writer(closed{}, "").Write([]byte("x")); n != 0 || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %d, %v", n, err)
	}
}
