package helm

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

const (
	plainFolder = "../kubernetes"
	rewrite     = "go test ./exporter/deploy/helm -run Generated -update"
)

// intros is what each file of plain manifests says first.
var intros = map[string]string{
	"withings-exporter.yaml": `# Everything that the exporter needs in a cluster, but for its secret:
#
#   kubectl create secret generic withings --from-file=client-secret=secret.txt
#
# Put in your image, client id and profiles, and apply it in the same namespace. After a
# change of the ConfigMap: kubectl rollout restart deployment/withings-exporter
`,
	"service-monitor.yaml": `# Has a Prometheus of the Prometheus operator scrape the exporter. Add the labels by which
# yours selects monitors.
`,
	"network-policy.yaml": `# Who may connect, and to what. Put in the namespace of your Prometheus; add your InfluxDB
# to egress.
`,
}

// fileOf is the file in which a kind is.
func fileOf(kind string) string {
	switch kind {
	case "ServiceMonitor":
		return "service-monitor.yaml"
	case "NetworkPolicy":
		return "network-policy.yaml"
	}
	return "withings-exporter.yaml"
}

// plainManifests is the chart as files for those who have no Helm, by name.
func plainManifests(t *testing.T) map[string]string {
	t.Helper()
	text, talk, err := helm(t, "template", "withings", chart, "-f", filepath.Join(plainFolder, "values.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, talk)
	}
	files := map[string]string{}
	for name, intro := range intros {
		files[name] = intro + "# Made of the Helm chart by: " + rewrite + "\n"
	}
	kind := regexp.MustCompile(`(?m)^kind: (\w+)$`)
	for _, document := range strings.Split(text, "---\n")[1:] {
		files[fileOf(kind.FindStringSubmatch(document)[1])] += "---\n" + withoutHelm(document)
	}
	return files
}

// helms are the lines that mean nothing without Helm, or that people choose when they
// apply the files.
var helms = regexp.MustCompile(`^# Source: |^ *(namespace|helm\.sh/\S+|app\.kubernetes\.io/(managed-by|version|instance)|checksum/\S+): |^ *# (A change of either|It has the tokens)`)

func withoutHelm(document string) string {
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(document)), helms.MatchString)
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	var kept []string
	for i, line := range lines {
		if strings.TrimSpace(line) == "annotations:" && (i+1 == len(lines) || indent(lines[i+1]) <= indent(line)) {
			continue // nothing is left of them
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "")
}

func TestGeneratedManifestsAreTheChart(t *testing.T) {
	for name, want := range plainManifests(t) {
		path := filepath.Join(plainFolder, name)
		if *testrun.Update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the chart says; run: %s", name, rewrite)
		}
	}
}

// TestPlainManifestsAreWholeAndValid reads the files as they are.
func TestPlainManifestsAreWholeAndValid(t *testing.T) {
	var all string
	for name := range intros {
		text, err := os.ReadFile(filepath.Join(plainFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		all += string(text) + "---\n"
	}
	for name, fault := range verdict(t, schemas(t), all) {
		t.Errorf("%s: %s", name, fault)
	}
	var got []string
	for _, o := range objects(t, all) {
		got = append(got, o.named())
	}
	slices.Sort(got)
	const name = "/withings-exporter"
	want := []string{"ConfigMap" + name, "Deployment" + name, "NetworkPolicy" + name, "PersistentVolumeClaim" + name, "Service" + name,
		"ServiceAccount" + name, "ServiceMonitor" + name}
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	for _, leftover := range []string{"helm.sh", "Helm\"", "managed-by", "checksum", "namespace: default"} {
		if strings.Contains(all, leftover) {
			t.Errorf("%s is left", leftover)
		}
	}
}
