package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"withings-exporter/exporter/hint"
)

// What an archive may be at most. The largest that was described held 70 files;
// of those read here the largest are sleep and workouts, a few MB after ten years.
const (
	maxEntries   = 10_000    // files in the archive
	maxDirectory = 4 << 20   // bytes of its directory
	maxEntry     = 256 << 20 // bytes of one file, unpacked
	maxArchive   = 1 << 30   // bytes of all files that are read, unpacked
	maxRow       = 1 << 20   // bytes of one row
)

// refusal is why a file was not read, or not to its end. It stops the file and
// nothing else.
type refusal string

func (r refusal) Error() string { return string(r) }

// asSent is what to do about an archive that cannot be read.
const asSent = "give the ZIP file as Withings sent it, or download it again"

// directory lists the entries of a ZIP.
func directory(r io.ReaderAt, size int64) ([]*zip.File, error) {
	if err := checkDirectory(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written anywhere, so no path is insecure
		return nil, hint.Wrap(fmt.Errorf("read the archive: %w", err), asSent)
	}
	return z.File, nil
}

// checkDirectory refuses a directory that would take memory beyond reason. It
// is read whole when a ZIP is opened, and how large it is stands at the end.
func checkDirectory(r io.ReaderAt, size int64) error {
	const endLength, longestComment = 22, 1<<16 - 1
	tail := make([]byte, min(max(size, 0), endLength+longestComment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return fmt.Errorf("read the archive: %w", err)
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endLength {
		return hint.Wrap(errors.New("this is not a complete ZIP archive"), asSent)
	}
	entries := binary.LittleEndian.Uint16(tail[at+10:])
	length := binary.LittleEndian.Uint32(tail[at+12:])
	if entries > maxEntries || length > maxDirectory {
		return hint.Wrap(fmt.Errorf("the archive lists more than %d files, so it is not from Withings", maxEntries), asSent)
	}
	return nil
}

// baseName is the name of an entry without its folders; "" for a folder and for
// what macOS adds to archives.
func baseName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	base := path.Base(name)
	if strings.HasSuffix(name, "/") || strings.Contains(name, "__MACOSX/") || strings.HasPrefix(base, ".") {
		return ""
	}
	return printable(base)
}

// bounded reads an entry up to what a row, a file and an archive may be.
type bounded struct {
	from    io.ReadCloser
	row     int64  // bytes left for this row
	entry   int64  // for the file
	archive *int64 // for all of them
}

// unpack opens an entry.
func unpack(entry *zip.File, left *int64) (*bounded, error) {
	if entry.Flags&1 != 0 {
		return nil, refusal("encrypted; unpack the archive and pack it again without a password")
	}
	from, err := entry.Open()
	if err != nil {
		return nil, refusal("damaged: " + err.Error())
	}
	return &bounded{from: from, row: maxRow, entry: maxEntry, archive: left}, nil
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.row <= 0:
		return 0, refusal(fmt.Sprintf("a row is longer than %d bytes", maxRow))
	case b.entry <= 0:
		return 0, refusal(fmt.Sprintf("larger than %d MB", maxEntry>>20))
	case *b.archive <= 0:
		return 0, refusal(fmt.Sprintf("the archive is larger than %d MB", maxArchive>>20))
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.row, b.entry, *b.archive)])
	b.row -= int64(n)
	b.entry -= int64(n)
	*b.archive -= int64(n)
	if err != nil && err != io.EOF {
		err = refusal("damaged: " + err.Error())
	}
	return n, err
}
