package config

import (
	"testing"

	"withings-exporter/exporter/hint"
)

func TestSlipsOfAFileAreNamedWithTheirLine(t *testing.T) {
	for _, c := range []struct{ name, file, problem, advice string }{
		{"the letters of Windows", "client_id: a\nprofiles:\n  - Anna M\xfcller\n", "withings.yaml:3: is not UTF-8 text", "save it as UTF-8; editors have that in the dialogue Save As"},
		{"a space of a web page", "client_id:\u00a0a\nclient_secret: b\n", "withings.yaml:1: a no-break space is in this line",
			"replace it by an ordinary space; pages on the web often have them"},
		{"only such a line", "client_id:\u00a0a\n", "withings.yaml:1: a no-break space is in this line", "replace it by an ordinary space; pages on the web often have them"},
		{"a file of variables", "# mine\nWITHINGS_CLIENT_ID=a\n", "withings.yaml:2: an equals sign follows a key", `write a colon and a space, such as "client_id: abc"`},
		{"TOML", "[withings]\nclient_id = \"a\"\n", "withings.yaml:2: an equals sign follows a key", `write a colon and a space, such as "client_id: abc"`},
		{"no colon", "client-id: a\nclient-secret hunter2\nprofiles: [Anna]\n", "withings.yaml:2: a key has no colon", `write a colon and a space behind it, such as "client_id: abc"`},
		{"nothing but a line without a colon", "influx.token hunter2\n", "withings.yaml:1: a key has no colon", `write a colon and a space behind it, such as "client_id: abc"`},
		{"Home Assistant's own", "default_config:\nwithings:\n  client_id: a\n", `withings.yaml:1: key "default_config" belongs to Home Assistant`,
			`copy the block "withings:" alone into a file of its own`},
		{"no slip", "client_id: a=b\nnote: 'a\u00a0b'\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, err := parse("withings.yaml", []byte(c.file))
			if err == nil {
				err = wholeHome("withings.yaml", root)
			}
			if hint.Text(err) != c.problem || hint.Of(err) != c.advice {
				t.Errorf("got %v", err)
			}
		})
	}
}
