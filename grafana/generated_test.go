package grafana

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"withings-exporter/exporter/testrun"
	"withings-exporter/grafana/boards"
	"withings-exporter/grafana/rules"
)

const rewrite = "run: go test ./grafana -run Generated -update"

// TestGeneratedArchiveIsWhatTheDescriptionsSay keeps boards.json.gz, which the
// program contains.
func TestGeneratedArchiveIsWhatTheDescriptionsSay(t *testing.T) {
	want := pack(t)
	if *testrun.Update {
		var file bytes.Buffer
		w, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(want); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("boards.json.gz", file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		packed = file.Bytes() // for the tests after this one
	}
	a, err := unpack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("boards.json.gz is not what the descriptions say; %s", rewrite)
	}
}

// TestGeneratedFilesAreTheBoards keeps the folder dashboards.
func TestGeneratedFilesAreTheBoards(t *testing.T) {
	all, err := Boards(Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{}
	for _, b := range all {
		shared, err := b.shared()
		if err != nil {
			t.Fatal(err)
		}
		for dir, b := range map[string]Board{"dashboards": b, "dashboards/grafana.com": shared} {
			text, err := b.Encode()
			if err != nil {
				t.Fatal(err)
			}
			want[filepath.Join(dir, b.Source, b.Name+".json")] = text
		}
	}
	if *testrun.Update {
		for name, text := range want {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range want {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v; %s", err, rewrite)
		} else if !bytes.Equal(got, text) {
			t.Errorf("%s is not what the descriptions say; %s", name, rewrite)
		}
	}
	for _, pattern := range []string{"dashboards/*/*.json", "dashboards/grafana.com/*/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if want[name] == nil {
				t.Errorf("%s is no board any more; delete it", name)
			}
		}
	}
}

// TestGeneratedRulesAreWhatTheDescriptionsSay keeps the rules and the mixin.
func TestGeneratedRulesAreWhatTheDescriptionsSay(t *testing.T) {
	var slugs []string
	for _, p := range pages(t, boards.Prometheus, boards.Default()) {
		slugs = append(slugs, p.Slug)
	}
	slices.Sort(slugs)
	for name, text := range rules.Files(slugs) {
		if *testrun.Update {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v; %s", err, rewrite)
		} else if string(got) != text {
			t.Errorf("%s is not what the descriptions say; %s", name, rewrite)
		}
	}
}

func TestChoicesCombineToWhatIsDescribedForThem(t *testing.T) {
	for _, units := range []string{"metric", "imperial", "uk"} {
		for _, scheme := range []string{"esc2024", "esc2024-office", "accaha", "accaha-office"} {
			for _, week := range []string{"monday", "sunday"} {
				t.Run(units+" "+scheme+" "+week, func(t *testing.T) {
					got, err := Boards(Options{Units: units, Scheme: scheme, WeekStart: week})
					if err != nil {
						t.Fatal(err)
					}
					want := map[string]map[string]any{}
					for _, source := range boards.Sources() {
						for _, p := range pages(t, source, boards.Choice{Units: units, Scheme: scheme, WeekStart: week}) {
							want[string(source)+p.Slug] = p.JSON
						}
					}
					if len(got) != len(want) {
						t.Errorf("%d boards, want %d", len(got), len(want))
					}
					for _, b := range got {
						if !reflect.DeepEqual(b.JSON, want[b.Source+b.Name]) {
							t.Errorf("%s for %s is not as described", b.Name, b.Source)
						}
					}
				})
			}
		}
	}
}

// pages are the boards as they are described.
func pages(t *testing.T, source boards.Source, c boards.Choice) []boards.Page {
	t.Helper()
	all, err := boards.Pages(source, c)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pack is the archive of what is described.
func pack(t *testing.T) []byte {
	t.Helper()
	a := archive{Boards: map[string]map[string]any{}, Choices: map[string]map[string]map[string]map[string][]difference{}}
	for _, source := range boards.Sources() {
		a.Boards[string(source)] = map[string]any{}
		for _, p := range pages(t, source, boards.Default()) {
			a.Boards[string(source)][p.Slug] = p.JSON
		}
	}
	for part, values := range boards.Choices() {
		a.Choices[part] = map[string]map[string]map[string][]difference{}
		for _, value := range values {
			a.Choices[part][value] = map[string]map[string][]difference{}
			for _, source := range boards.Sources() {
				by := map[string][]difference{}
				for _, p := range pages(t, source, boards.Default().With(part, value)) {
					if d := differences(nil, a.Boards[string(source)][p.Slug], p.JSON); d != nil {
						by[p.Slug] = d
					}
				}
				a.Choices[part][value][string(source)] = by
			}
		}
	}
	for i, one := range parts {
		for _, other := range parts[i+1:] {
			for _, x := range boards.Choices()[one] {
				for _, y := range boards.Choices()[other] {
					packPair(t, a, [][2]string{{one, x}, {other, y}})
				}
			}
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parts are those of a choice, in the order in which they are applied.
var parts = []string{"units", "scheme", "weekstart"}

// packPair adds what two choices change together beside what each does.
func packPair(t *testing.T, a archive, two [][2]string) {
	t.Helper()
	c := boards.Default().With(two[0][0], two[0][1]).With(two[1][0], two[1][1])
	pair := withPairs(two)[2]
	for _, source := range boards.Sources() {
		by := map[string][]difference{}
		for _, p := range pages(t, source, c) {
			page := stored(t, a.Boards[string(source)][p.Slug]).(map[string]any)
			for _, chosen := range two {
				for _, d := range a.Choices[chosen[0]][chosen[1]][string(source)][p.Slug] {
					d.At = stored(t, d.At).([]any)
					if err := d.apply(page); err != nil {
						t.Fatal(err)
					}
				}
			}
			if d := differences(nil, page, p.JSON); d != nil {
				by[p.Slug] = d
			}
		}
		if len(by) == 0 {
			continue
		}
		if a.Choices[pair[0]] == nil {
			a.Choices[pair[0]] = map[string]map[string]map[string][]difference{}
		}
		if a.Choices[pair[0]][pair[1]] == nil {
			a.Choices[pair[0]][pair[1]] = map[string]map[string][]difference{}
		}
		a.Choices[pair[0]][pair[1]][string(source)] = by
	}
}

// stored is a copy of something as the archive has it.
func stored(t *testing.T, v any) (copied any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// differences finds the innermost places where two boards differ.
func differences(at []any, a, b any) []difference {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || !reflect.DeepEqual(keys(x), keys(y)) {
			return []difference{{at, b}}
		}
		var all []difference
		for _, key := range keys(x) {
			all = append(all, differences(append(slices.Clip(at), key), x[key], y[key])...)
		}
		return all
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return []difference{{at, b}}
		}
		var all []difference
		for i := range x {
			all = append(all, differences(append(slices.Clip(at), i), x[i], y[i])...)
		}
		return all
	}
	if reflect.DeepEqual(a, b) {
		return nil
	}
	return []difference{{at, b}}
}
