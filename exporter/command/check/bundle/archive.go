package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"withings-exporter/exporter/statedir"
)

// mark is the comment of every bundle, by which one is known again.
const mark = "withings-exporter bundle"

// maxPart is the size in bytes above which a part is cut off.
const maxPart = 4 << 20

// Archive is a bundle while its parts are gathered.
type Archive struct {
	mask  *Mask
	parts []part
}

type part struct {
	name, what string
	text       bytes.Buffer
}

// New returns an empty bundle. What the mask learns until Save counts for every
// part.
func New(mask *Mask) *Archive { return &Archive{mask: mask} }

// Add makes a part; what says in a few words what it is. If that fails, and be
// it by a panic, the part ends in a line saying so.
func (a *Archive) Add(name, what string, write func(io.Writer) error) {
	a.parts = append(a.parts, part{name: name, what: what})
	p := &a.parts[len(a.parts)-1]
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(&p.text, "this part broke off: %v\n", v)
		}
	}()
	if err := write(&p.text); err != nil {
		fmt.Fprintf(&p.text, "this part is not complete: %v\n", err)
	}
}

// Contents lists the parts, a line each.
func (a *Archive) Contents() string {
	var b strings.Builder
	for _, p := range a.parts {
		fmt.Fprintf(&b, "  %-24s %s\n", p.name, p.what)
	}
	return b.String()
}

// Free reports whether a bundle may be written to a path: there is nothing, or
// an earlier bundle. The error says what else is there.
func Free(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir, err := os.Stat(filepath.Dir(path))
		if err != nil || !dir.IsDir() {
			return fmt.Errorf("there is no folder %q to write the bundle to; make it, or give another --bundle FILE", filepath.Dir(path))
		}
		return nil
	case err != nil:
		return fmt.Errorf("look at --bundle %q: %w; give another file", path, err)
	case info.Mode().IsRegular():
		if r, err := zip.OpenReader(path); err == nil {
			ours := r.Comment == mark
			if err := r.Close(); err == nil && ours {
				return nil
			}
		}
	}
	return fmt.Errorf("%q is there already and is no bundle; it is left alone: give another --bundle FILE", path)
}

// Save writes the bundle, mode 0600, in place of an earlier one but of nothing
// else. Its moment is that of all parts.
func (a *Archive) Save(path string, now time.Time) error {
	data, err := a.zip(now)
	if err != nil {
		return fmt.Errorf("pack the bundle: %w", err)
	}
	if err := Free(path); err != nil {
		return err
	}
	if err := statedir.Replace(path, data); err != nil {
		return fmt.Errorf("write the bundle: %w; give a --bundle FILE in a folder that can be written", err)
	}
	return nil
}

func (a *Archive) zip(now time.Time) ([]byte, error) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i := range a.parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: a.parts[i].name, Method: zip.Deflate, Modified: now.UTC()})
		if err != nil {
			return nil, err
		}
		text := a.parts[i].text.String()
		if len(text) > maxPart {
			text = text[:maxPart] + "\n[cut off here]\n"
		}
		if _, err := io.WriteString(w, a.mask.Text(text)); err != nil {
			return nil, err
		}
	}
	if err := z.SetComment(mark); err != nil {
		return nil, err
	}
	err := z.Close()
	return packed.Bytes(), err
}
