package daemon

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
)

func TestAWebConfigurationThatCannotBeUsedAnyMoreIsLoggedOnce(t *testing.T) {
	file, log := filepath.Join(t.TempDir(), "web.yml"), &stage.LogBook{}
	var s command.Settings
	s.WebConfigFile, s.Log = file, slog.New(slog.NewTextHandler(log, nil))
	r := &reloader{settings: s}
	for _, step := range []struct{ text, want string }{
		{"{}", ""},
		{"tls_server_config: {cert_file: gone.pem, key_file: gone.pem}", "its cert_file, " + filepath.Join(filepath.Dir(file), "gone.pem") + ", does not exist; correct that path"},
		{"unheard: of", "unknown key"},
		{"{}", "the web configuration can be used again"},
	} {
		put(t, file, step.text+"\n")
		before := len(log.String())
		for range 3 {
			r.lookAtWeb()
		}
		told := log.String()[before:]
		if !strings.Contains(told, step.want) || (told == "") != (step.want == "") || strings.Count(told, "\n") > 1 {
			t.Errorf("%s: logged is %q, want once %q", step.text, told, step.want)
		}
	}
}
