package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

// mark is the comment of every bundle, by which one is recognised.
const mark = "withings-exporter bundle"

// Archive is a bundle while its parts are gathered.
type Archive struct {
	Hider
	parts []part
}

// part is one file of a bundle.
type part struct{ name, what, text string }

// Add adds a part; what describes it in a few words. Facts are encoded as JSON, a
// string is added as it is. If gathering them fails, even by a panic, the part says so.
func (a *Archive) Add(name, what string, gather func() (any, error)) {
	facts, err := safely(gather)
	if err != nil {
		problem := a.Text(pathless(err).Error())
		facts = incomplete{Problem: problem, Facts: facts}
		what += "; missing: " + problem
	}
	text, plain := facts.(string)
	if !plain {
		data, err := json.MarshalIndent(facts, "", "  ")
		if err != nil {
			data, _ = json.Marshal(incomplete{Problem: a.Text(err.Error())})
		}
		text = string(data) + "\n"
	}
	a.parts = append(a.parts, part{name: name, what: what, text: text})
}

// incomplete is a part that could not be gathered, or not all of it.
type incomplete struct {
	Problem string `json:"problem"`
	Facts   any    `json:"facts,omitempty"`
}

// safely turns a panic into an error.
func safely(gather func() (any, error)) (facts any, err error) {
	defer func() {
		if v := recover(); v != nil {
			facts, err = nil, fmt.Errorf("gathering this failed: %v", v)
		}
	}()
	return gather()
}

// Contents lists the parts, one per line.
func (a *Archive) Contents() string {
	var b strings.Builder
	for _, p := range a.parts {
		fmt.Fprintf(&b, "  %-20s %s\n", p.name, p.what)
	}
	return b.String()
}

// Free reports whether a bundle may be written to a path: where there is nothing,
// or an earlier bundle. The error says what is in the way.
func Free(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return hint.Wrap(fmt.Errorf("write the bundle: there is no folder %q", filepath.Dir(path)), "create it, or choose another --bundle FILE")
		}
		return nil
	case err != nil:
		return hint.Wrap(fmt.Errorf("look at --bundle %q: %w", path, err), "choose another file")
	case info.Mode().IsRegular():
		if r, err := zip.OpenReader(path); err == nil {
			defer r.Close()
			if r.Comment == mark {
				return nil
			}
		}
	}
	return hint.Wrap(fmt.Errorf("%q exists and is not a bundle, so it is left alone", path), "choose another --bundle FILE")
}

// Save writes the bundle with mode 0600. It replaces an earlier bundle and nothing
// else. All parts get the given time.
func (a *Archive) Save(path string, now time.Time) error {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	errs := []error{z.SetComment(mark)}
	hidden, _ := a.known()
	for _, p := range a.parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: now.UTC()})
		if err == nil {
			_, err = io.WriteString(w, hidden.Hide(p.text))
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, z.Close())...); err != nil {
		return fmt.Errorf("pack the bundle: %w", err)
	}
	if err := Free(path); err != nil {
		return err
	}
	if err := statedir.Replace(path, packed.Bytes()); err != nil {
		return statedir.Elsewhere(err, "the bundle", path, "choose a --bundle FILE in a folder that can be written")
	}
	return nil
}
