//go:build unix

package readme

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/testserver"
)

// TestOnePersonIsDeletedFromInfluxDB2 types the command of forget.md; the others of that page are typed with the rest.
func TestOnePersonIsDeletedFromInfluxDB2(t *testing.T) {
	influx := testserver.Influx2(t)
	ask := func(method, path, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, influx.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Token "+influx.Token)
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode >= 300 {
			t.Fatalf("%s %s: %s, %v, %s", method, path, answer.Status, err, said)
		}
		return string(said)
	}
	ask(http.MethodPost, fmt.Sprintf("/api/v2/write?org=%s&bucket=%s&precision=s", influx.Org, influx.Bucket),
		"withings_body,profile=Ben weight_grams=80000 1200000000\nwithings_body,profile=Anna weight_grams=70000 1200000000\nwithings_sleep,profile=Ben score=80 1700000000\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "influx-token.txt"), []byte(influx.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	typed := 0
	for _, b := range blocks(t, docs+"/forget.md") {
		if !strings.Contains(b.text, "/api/v2/delete") {
			continue
		}
		typed++
		command := strings.NewReplacer("http://localhost:8086", influx.URL, "org=home", "org="+influx.Org, "bucket=health", "bucket="+influx.Bucket).Replace(b.text)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	left := ask(http.MethodGet, "/query?db="+influx.Bucket+"&q="+url.QueryEscape("SELECT * FROM /.*/"), "")
	if typed != 1 || strings.Contains(left, "Ben") || !strings.Contains(left, "Anna") {
		t.Errorf("after %d commands it has %s", typed, left)
	}
}
