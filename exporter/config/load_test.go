package config_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
)

func TestLoadRefusesWithFileLineAndFix(t *testing.T) {
	const syntax = "; check the indentation, and put text with special characters in quotes"
	cases := []struct{ name, file, want string }{
		{"tab", "withings:\n\tclient_id: a\n", `withings.yaml:2: a tab is used as indentation; use spaces`},
		{"bad indentation", "withings:\n  client_id: a\n client_secret: b\n", `withings.yaml:3: is not valid YAML: did not find expected key while parsing a block mapping that begins on line 1` + syntax},
		{"open bracket", "client_id: a\nprofiles: [a, b\npoll_interval: 5m\n", `withings.yaml:2: is not valid YAML: a "[" that begins here is not closed, or lacks a comma; write "]" at the end of it, and put text with special characters in quotes`},
		{"open brace", "influx: {url: a,\n  bucket: b\nprofiles: [a, b]\n", `withings.yaml:1: is not valid YAML: a "{" that begins here is not closed, or lacks a comma; write "}" at the end of it, and put text with special characters in quotes`},
		{"first line", "client_id: a: b\n", `withings.yaml:1: is not valid YAML: here is a colon too many, or an indentation that does not fit` + syntax},
		{"two colons", "client_id: a\nclient_secret: a: b\n", `withings.yaml:2: is not valid YAML: here is a colon too many, or an indentation that does not fit` + syntax},
		{"not UTF-8", "a: \xff\n", `withings.yaml:1: is not UTF-8 text; save it as UTF-8; editors have that in the dialogue Save As`},
		{"open quote", "client_id: a\nclient_secret: 'b\n", `withings.yaml:2: is not valid YAML: found unexpected end of stream` + syntax},
		{"a star", "client_id: a\nclient_secret: *b\n", `withings.yaml:2: a value that begins with a star refers to an anchor that does not exist; put the value in quotes if the star is part of it`},
		{"two documents", "client_id: a\n---\nclient_id: b\n", `withings.yaml:2: a second document starts here; remove the line "---" or "..." and keep one document`},
		{"an end in the middle", "client_id: a\n...\nclient_id: b\n", `withings.yaml:3: a second document starts here; remove the line "---" or "..." and keep one document`},
		{"list of settings", "- client_id: a\n", `withings.yaml:1: is not a map of settings; write one setting per line, such as "client_id: abc", with a space after the colon`},
		{"a word", "client_id:abc\n", `withings.yaml:1: is not a map of settings; write one setting per line, such as "client_id: abc", with a space after the colon`},
		{"same key twice", "client_id: a\npoll_interval: 5m\nclient_id: a\n", `withings.yaml:3: key "client_id" is already set on line 1; keep one of the two`},
		{"same key, other spelling", "client_id: a\nclient-id: a\n", `withings.yaml:2: key "client-id" is already set on line 1; keep one of the two`},
		{"same map twice", "web: {route-prefix: /a}\nclient_id: a\nweb: {config.file: b}\n", `withings.yaml:3: key "web" is already set on line 1; write the settings of both below one of them`},
		{"flat and nested differ", "influx:\n  url: a\ninflux.url: b\n", `withings.yaml:3: key "influx.url" has another value on line 2; keep one of the two`},
		{"block and ours differ", "client_id: a\nwithings:\n  client_id: b\n", `withings.yaml:3: key "client_id" has another value on line 1; keep one of the two`},
		{"profiles differ", "profiles: [a, b]\nwithings:\n  profiles: [a]\n", `withings.yaml:3: key "profiles" has another value on line 1; keep one of the two`},
		{"empty secret", "withings:\n  client_id: a\n  client_secret: \"\"\n", `withings.yaml:3: key "client_secret" is empty; put the secret here, or remove the line and name a file with client_secret_file`},
		{"empty secret with dashes", "client-secret: ''\n", `withings.yaml:1: key "client-secret" is empty; put the secret here, or remove the line and name a file with client-secret-file`},
		{"no secret", "client_secret:\n", `withings.yaml:1: key "client_secret" is empty; put the secret here, or remove the line and name a file with client_secret_file`},
		{"empty token", "influx: {token: ' '}\n", `withings.yaml:1: key "influx.token" is empty; put the secret here, or remove the line and name a file with influx.token_file`},
		{"double profile", "withings:\n  profiles:\n    - Anna\n    - Ben\n    - Anna\n", `withings.yaml:2: key "profiles": profile "Anna" is named twice; remove one`},
		{"double after trimming", "profiles: Anna, Anna\n", `withings.yaml:1: key "profiles": profile "Anna" is named twice; remove one`},
		{"double but for case", "profiles: [Änne, änne]\n", `withings.yaml:1: key "profiles": profiles "Änne" and "änne" differ only in letter case; rename or remove one`},
		{"empty profile", "profiles: [Anna, '']\n", `withings.yaml:1: key "profiles": a profile name is empty; remove the extra comma or list item`},
		{"empty profile text", "profiles: ''\n", `withings.yaml:1: key "profiles" has no profile; write a list of names, such as [Anna, Ben]`},
		{"no profiles", "withings:\n  profiles:\n", `withings.yaml:2: key "profiles" has no profile; write a list of names, such as [Anna, Ben]`},
		{"no profile in a list", "profiles: []\n", `withings.yaml:1: key "profiles" has no profile; write a list of names, such as [Anna, Ben]`},
		{"no profile in a map", "withings:\n  profiles: {}\n", `withings.yaml:2: key "profiles" has no profile; write a list of names, such as [Anna, Ben]`},
		{"comma in a name", "profiles:\n  - Ben\n  - Müller, Anna\n", `withings.yaml:1: key "profiles": profile "Müller, Anna" contains a comma; write one name, without a comma, per item of the list`},
		{"comma in a name of a map", "profiles: {'Müller, Anna': }\n", `withings.yaml:1: key "profiles": profile "Müller, Anna" contains a comma; write one name, without a comma, per item of the list`},
		{"profiles as map", "profiles:\n  Anna: x\n", `withings.yaml:2: key "profiles": profile "Anna" has settings of its own; remove what is after its name: all settings are for everybody`},
		{"profiles as map, one twice", "profiles:\n  Zo\u00eb:\n  Zoe\u0308:\n", "withings.yaml:3: key \"Zoe\u0308\" is already set on line 2; keep one of the two"},
		{"null item", "profiles:\n  - Anna\n  -\n", `withings.yaml:3: key "profiles" has no value; give it one or remove it`},
		{"list in list", "profiles:\n  - [Anna]\n", `withings.yaml:2: key "profiles" is not a single value; write one value, in quotes if it holds special characters`},
		{"block as text", "withings: x\n", `withings.yaml:1: key "withings" is not a map; write client_id, client_secret and profiles below it, indented`},
		{"file names itself", "config:\n  file: x\n", `withings.yaml:2: key "config.file" cannot be set in the file that it names; use the flag --config.file or WITHINGS_CONFIG_FILE`},
		{"merge of text", "influx:\n  <<: x\n", `withings.yaml:2: key "<<" does not refer to a map; write <<: *name, where &name marks a map, or <<: [*one, *other]`},
		{"merge of a text in a list", "influx:\n  <<: [{url: a},\n    x]\n", `withings.yaml:3: key "<<" does not refer to a map; write <<: *name, where &name marks a map, or <<: [*one, *other]`},
		{"empty key", "'': x\n", `withings.yaml:1: a key is empty or not a word; write the name of a setting before the colon`},
		{"loop of aliases", "a: &a\n  b: *a\n", `withings.yaml:1: settings are nested too deeply; no setting has more than three levels`},
		{"aliases that multiply", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b {a: *a, b: *a, c: *a, d: *a, e: *a, f: *a, g: *a, h: *a, i: *a}\n" +
			"c: &c {a: *b, b: *b, c: *b, d: *b, e: *b, f: *b, g: *b, h: *b, i: *b}\nd: &d {a: *c, b: *c, c: *c, d: *c, e: *c, f: *c, g: *c, h: *c}\n" +
			"e: {a: *d, b: *d, c: *d, d: *d}\n",
			`withings.yaml:1: has more than 20000 settings and values; check that it is the right file, and its aliases`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, c.file)
			f, err := config.Load(path)
			if got := text(err, path); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if f != nil {
				t.Error("got a file beside the error")
			}
		})
	}
}

func TestLoadNamesAFileItCannotUse(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.yaml")
	put(t, huge, "a: "+strings.Repeat("x", 1<<20), 0o600)
	full := filepath.Join(dir, "full.yaml")
	put(t, full, "client_id: a\n#"+strings.Repeat("x", 1<<20-14), 0o600)
	missing := filepath.Join(dir, "missing.yaml")

	cases := []struct{ name, path, want string }{
		{"missing", missing, "does not exist"},
		{"directory", dir, "is a directory"},
		{"huge", huge, "is larger than 1 MiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.Load(c.path)
			if err == nil || !strings.HasPrefix(err.Error(), c.path+": "+c.want) {
				t.Errorf("got %v, want %s: %s", err, c.path, c.want)
			}
		})
	}
	if _, err := config.Load(full); err != nil {
		t.Errorf("a file of just 1 MiB: got %v, want no error", err)
	}
	_, err := config.Load(missing)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want an error that is fs.ErrNotExist", err)
	}
	if got, want := hint.Of(err), "check the path given by --config.file or WITHINGS_CONFIG_FILE"; got != want {
		t.Errorf("the hint is %q, want %q", got, want)
	}
}

// However a secret is mistyped, whatever YAML makes of it: it must not come out again in a message.
func TestNoErrorShowsASecret(t *testing.T) {
	for _, value := range []string{
		"*hunter2", "&hunter2", "!hunter2", "!!hunter2", "@hunter2", "%hunter2", "`hunter2", "{hunter2}", "{hunter2: x}", "[hunter2]",
		"[a, hunter2", "hunter2: x", "\"hunter2", "'hunter2", "\"hunter2\\q\"", "|hunter2", ">hunter2", "- hunter2", "? hunter2",
		"!secret [hunter2]", "hunter2\nclient_secret: other", "hunter2\n\tx: y", "hunter2\nclient_idd: x", "\n  hunter2: x", "\n  - hunter2",
		"hunter2\nwithings: {client_secret: hunter3}",
	} {
		for _, key := range []string{"client_secret: ", "influx.token: ", "client_secret:", "withings:\n  client_secret: "} {
			path := write(t, "client_id: a\n"+key+value+"\n")
			_, err := run(t, path)
			if err != nil && strings.Contains(err.Error(), "hunter") {
				t.Errorf("%q: the error shows the secret: %v", key+value, err)
			}
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"withings:\n  client_id: a\n  client_secret: b\n  profiles:\n    - Anna\n", "a: &a {b: *a}\n", "<<: {a: b}\n", "profiles: !secret x\n",
		"a: *b\n", "\ta: b\n", "---\n---\n", "? [a]\n: b\n", "{a: [b, {c: d}]}", "\xff\xfea\x00", "a: !!int x\n", "a: !!merge x\n? \n",
	} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "withings.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		put(t, path, string(data), 0o600)
		_, err := run(t, path, "serve")
		var e *config.Error
		if err != nil && (!errors.As(err, &e) || !strings.Contains(err.Error(), path)) {
			t.Errorf("got %v, want an *Error that names the file", err)
		}
	})
}
