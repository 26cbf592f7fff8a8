package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/testserver"
)

func TestAPasswordInPlaceOfItsHashIsNamedAndNotShown(t *testing.T) {
	const hash = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
	for name, c := range map[string]struct {
		users string
		wrong string // whose password is no hash; "" if all are
	}{
		"a hash":                       {"{anna: " + hash + "}", ""},
		"of an older prefix":           {"{anna: $2a$" + strings.TrimPrefix(hash, "$2y$") + "}", ""},
		"a password":                   {"{anna: hunter2-secret}", "anna"},
		"an MD5 hash":                  {"{anna: $apr1$hunter2-secret$aBc}", "anna"},
		"the whole line":               {"{anna: 'anna:" + hash + "'}", "anna"},
		"a hash cut short":             {"{anna: " + hash[:59] + "}", "anna"},
		"nothing":                      {"{anna: }", "anna"},
		"a name with a dollar":         {"{a$2: hunter2-secret}", "a$2"},
		"the first of two by its name": {"{ben: hunter2-secret, 'anna b': hunter2-secret}", "anna b"},
	} {
		path := filepath.Join(t.TempDir(), "web.yml")
		if err := os.WriteFile(path, []byte("basic_auth_users: "+c.users+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := checkConfig(path)
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: got %v, want it taken", name, err)
		case c.wrong == "":
		case err == nil || hint.Text(err) != `the password of user "`+c.wrong+`" is not a bcrypt hash` || !strings.Contains(hint.Of(err), "htpasswd -nB "):
			t.Errorf("%s: got %v, want the user and how to make a hash", name, err)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the password is shown: %v", name, err)
		}
	}
}

func TestACertificateThatCannotBeUsedIsToldWithWhatToDo(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"", "other-"} {
		certificate, key := testserver.Certificate(t, "localhost")
		for from, to := range map[string]string{certificate: "c.pem", key: "k.pem"} {
			if err := os.Rename(from, filepath.Join(folder, name+to)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("text.pem", "nothing of use\n")
	for config, want := range map[string]string{
		"{cert_file: c.pem, key_file: k.pem}":                       "",
		"{cert_file: c.pem, key_file: gone.pem}":                    "its key_file, " + filepath.Join(folder, "gone.pem") + ", does not exist; correct that path",
		"{cert_file: gone.pem, key_file: k.pem}":                    "its cert_file, ",
		"{cert_file: c.pem, key_file: k.pem, client_ca_file: gone}": "its client_ca_file, ",
		"{cert_file: c.pem, key_file: other-k.pem}":                 "give key_file the key that the certificate in cert_file was made for",
		"{cert_file: c.pem, key_file: text.pem}":                    "in PEM format, in which a file begins with -----BEGIN",
		"{cert_file: text.pem, key_file: k.pem}":                    "in PEM format, in which a file begins with -----BEGIN",
		"{cert_file: c.pem}":                                        "give both cert_file and key_file",
		"{cert_file: c.pem, key_file: k.pem, unheard: of}":          `unknown key "unheard"; its format is that of the Prometheus exporter-toolkit`,
	} {
		put("web.yml", "tls_server_config: "+config+"\n")
		err := CheckConfig(filepath.Join(folder, "web.yml"))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: got %v", config, err)
		case want == "":
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("%s: got %v, want %q", config, err, want)
		case strings.Contains(err.Error(), "toolkit") != strings.Contains(want, "toolkit"):
			t.Errorf("%s: got %v, want no word of the format", config, err)
		}
	}
}

func TestTheLineOfHtpasswdIsAskedToHaveASpace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.yml")
	line := "basic_auth_users:\n  anna:$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkConfig(path); err == nil || !strings.Contains(hint.Of(err), "a space after the colon") || strings.Contains(err.Error(), "mDwo") {
		t.Errorf("got %v, hint %q", err, hint.Of(err))
	}
}

func TestWhatIsWrongWithAWebConfigurationIsSaidWithoutItsValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.yml")
	for _, text := range []string{"basic_auth_users: hunter2\n", "basic_auth_users: [hunter2]\n", "basic_auth_users: x`hunter\n", "hunter2\n", "tls_server_config: hunter2\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkConfig(path); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// TestAPasswordInPlaceOfANameIsNotShown leaves out the space or the colon after a name.
func TestAPasswordInPlaceOfANameIsNotShown(t *testing.T) {
	const hash = "$2y$05$T1yYvSO9r5Dm3xVPmMj0i.8lqAXMQ7wUfFqTBcZVkz1zFJx3Rr2yS"
	for users, name := range map[string]string{
		"{anna:" + hash + "}":                      "anna",
		"{anna:hunter2}":                           "anna",
		"{anna:hunter2: }":                         "anna",
		"{anna " + hash + "}":                      "anna",
		"{a$b " + hash + ": x}":                    "a$b",
		"{" + hash + "}":                           "",
		"{ben: " + hash + ", anna:" + hash + "}":   "anna",
		"\n  'anna:" + hash + "': x":               "anna",
		"\n  anna b:" + hash + ":\n  ben: hunter2": "anna b",
	} {
		path := filepath.Join(t.TempDir(), "web.yml")
		if err := os.WriteFile(path, []byte("basic_auth_users: "+users+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := checkConfig(path)
		if err == nil || hint.Text(err) != `the name and the password of user "`+name+`" are not apart` || hint.Of(err) != toSpace {
			t.Errorf("%s: got %v", users, err)
		}
	}
}
