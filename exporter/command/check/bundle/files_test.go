package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

var now = time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC)

func TestFilesAreToldWithoutWhatIsSecretInThem(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"+anna.token.json": `{"version":1,"profile":"Anna","client_id":"c1ient","user_id":"31415926","scope":"user.info,user.heart","access_token":"acc3ss",
			"refresh_token":"r3fresh","issued":"2026-07-15T08:00:00Z","expiry":"2026-07-15T11:00:00Z","more":"s3cret"}`,
		"+anna.state.json": `{"version":1,"profile":"Anna","user":"31415926","catalog":"` + exporter.CatalogID() + `","timezone":"Europe/Vienna","services":{
			"measure":{"success":"2026-07-15T08:30:00Z","records":[
				{"id":"1","end":"2026-07-14T06:00:00Z","readings":[{"metric":"weight_grams","value":"72345"}]},
				{"id":"2","end":"2026-07-15T06:00:00Z","readings":[{"metric":"weight_grams","value":"72346"},{"metric":"Annas","value":"1"}]}]},
			"heart_of_anna":null}}`,
		"+anna.influx.json": `{"version":1,"profile":"Anna","services":{"measure":{"covered":[{"from":"2026-01-01T00:00:00Z","to":"2026-07-01T00:00:00Z"}],
			"written":{"1":{},"2":{}},"pending":[{}],"refused":[{},{},{}]}}}`,
		"+ben.withdrawn.json":                      `{"version":1,"profile":"Ben","withdrawn":"2026-07-15T08:00:00Z"}`,
		"+ben.ended.json":                          `{"version":1,"profile":"Ben","ended":"2026-07-15T08:00:00Z","reason":"Ben","token":"5ecret"}`,
		"+ben.state.json.damaged-20260101T000000Z": "Ben",
		"notes of Anna.txt":                        "x",
		"rate":                                     "1",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Files(dir, &Hider{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"name":"profile 1.token.json","mode":"-rw-------"`, `"user_id":"user 1","scope":"user.info,[other]","access_token":"[secret]"`, `"expiry":"2026-07-15T11:00:00Z"`,
		`"catalog":"` + exporter.CatalogID(), `"success":"2026-07-15T08:30:00Z"`, `"record_count":2`,
		`"weight_grams":{"readings":2,"oldest":"2026-07-14T06:00:00Z","newest":"2026-07-15T06:00:00Z"}`, `"[unknown metric]":{"readings":1`,
		`"[unknown service]":null`, `"covered":[{"from":"2026-01-01T00:00:00Z","to":"2026-07-01T00:00:00Z"}],"written":2,"pending":1,"refused":3`,
		`"name":"profile 2.state.json.damaged-20260101T000000Z"`, `"name":"profile 2.withdrawn.json"`, `"name":"profile 2.ended.json"`, `"name":"[other file`, `"name":"rate"`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the facts have no %s:\n%s", want, data)
		}
	}
	for _, secret := range []string{"Anna", "anna", "acc3ss", "r3fresh", "c1ient", "s3cret", "5ecret", "31415926", "7234", "heart", "ben."} {
		if strings.Contains(string(data), secret) {
			t.Errorf("the facts have %q:\n%s", secret, data)
		}
	}
}
