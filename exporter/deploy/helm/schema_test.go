package helm

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/testrun"
)

// A schema as JSON has it.
type schema = map[string]any

const (
	definitions = "#/definitions/"
	machinery   = "io.k8s.apimachinery.pkg."
	objectMeta  = machinery + "apis.meta.v1.ObjectMeta"
)

// schemas writes what kubeconform checks against, a file for each kind, and returns
// the pattern of their names. Nothing that a schema does not name is allowed.
func schemas(t *testing.T) string {
	t.Helper()
	testrun.Schemas.Of(t)
	var swagger struct{ Definitions map[string]schema }
	text, err := os.ReadFile(filepath.Join(testrun.SchemasFolder(), "swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &swagger); err != nil {
		t.Fatal(err)
	}
	known := swagger.Definitions
	// These two are texts or numbers, which Swagger cannot say.
	known[machinery+"util.intstr.IntOrString"] = schema{"type": []string{"string", "integer"}}
	known[machinery+"api.resource.Quantity"] = schema{"type": []string{"string", "number"}}

	dir := t.TempDir()
	write := func(file, root string) {
		all := map[string]schema{}
		gather(known, root, all)
		text, err := json.Marshal(schema{"$ref": definitions + root, "definitions": all})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file+".json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, root := range map[string]string{
		"configmap-v1":                "io.k8s.api.core.v1.ConfigMap",
		"deployment-apps-v1":          "io.k8s.api.apps.v1.Deployment",
		"networkpolicy-networking-v1": "io.k8s.api.networking.v1.NetworkPolicy",
		"persistentvolumeclaim-v1":    "io.k8s.api.core.v1.PersistentVolumeClaim",
		"secret-v1":                   "io.k8s.api.core.v1.Secret",
		"service-v1":                  "io.k8s.api.core.v1.Service",
		"serviceaccount-v1":           "io.k8s.api.core.v1.ServiceAccount",
	} {
		write(file, root)
	}
	for _, kind := range []string{"podmonitor", "prometheusrule", "servicemonitor"} {
		known[kind] = operated(t, kind)
		write(kind+"-monitoring-v1", kind)
	}
	return filepath.Join(dir, "{{.ResourceKind}}{{.KindSuffix}}.json")
}

// operated returns the schema of a kind of the Prometheus operator.
func operated(t *testing.T, kind string) schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testrun.SchemasFolder(), "monitoring.coreos.com_"+kind+"s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPIV3Schema schema `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	for _, version := range definition.Spec.Versions {
		if version.Name == "v1" {
			root := version.Schema.OpenAPIV3Schema
			root["properties"].(schema)["metadata"] = schema{"$ref": definitions + objectMeta}
			return root
		}
	}
	t.Fatalf("%s has no version v1", kind)
	return nil
}

// gather collects a definition and those that it refers to, each made strict.
func gather(known map[string]schema, name string, into map[string]schema) {
	if _, done := into[name]; done {
		return
	}
	into[name] = nil // it may refer to itself
	into[name] = strict(known[name], func(other string) { gather(known, other, into) }).(schema)
}

// strict returns a part of a schema in which an object has only properties that are named.
func strict(part any, refers func(string)) any {
	switch part := part.(type) {
	case []any:
		all := make([]any, len(part))
		for i := range part {
			all[i] = strict(part[i], refers)
		}
		return all
	case schema:
		if part["x-kubernetes-int-or-string"] == true {
			return schema{"type": []string{"string", "integer"}}
		}
		made := schema{}
		for key, value := range part {
			if name, is := value.(string); is && key == "$ref" {
				refers(strings.TrimPrefix(name, definitions))
			}
			made[key] = strict(value, refers)
		}
		_, named := part["properties"].(schema)
		if _, open := part["additionalProperties"]; named && !open && part["x-kubernetes-preserve-unknown-fields"] != true {
			made["additionalProperties"] = false
		}
		return made
	}
	return part
}

// verdict is what kubeconform says of objects: the faults of each that has some, by
// its kind and name.
func verdict(t *testing.T, schemas, manifests string) map[string]string {
	t.Helper()
	command := exec.CommandContext(t.Context(), testrun.Kubeconform.Path(t), "-strict", "-schema-location", schemas, "-output", "json", "-verbose")
	command.Stdin = strings.NewReader(manifests)
	out, err := command.Output()
	var said struct {
		Resources []struct{ Kind, Name, Status, Msg string }
	}
	if json.Unmarshal(out, &said) != nil {
		t.Fatalf("kubeconform: %v\n%s", err, out)
	}
	faults, seen := map[string]string{}, 0
	for _, r := range said.Resources {
		if r.Status == "" && r.Kind == "" { // nothing but comments
			continue
		}
		seen++
		if r.Status != "statusValid" {
			faults[r.Kind+"/"+r.Name] = r.Status + ": " + r.Msg
		}
	}
	if want := len(objects(t, manifests)); seen != want {
		t.Fatalf("kubeconform has seen %d objects of %d", seen, want)
	}
	return faults
}

func TestEveryManifestIsValid(t *testing.T) {
	location := schemas(t)
	for _, file := range valuesFiles(t) {
		manifests := render(t, "-f", file)
		for name, fault := range verdict(t, location, manifests) {
			t.Errorf("%s: %s: %s", file, name, fault)
		}
	}
}

// TestMistakesInTemplatesAreFound breaks the chart in ways that Helm does not see.
func TestMistakesInTemplatesAreFound(t *testing.T) {
	location := schemas(t)
	for _, mistake := range []struct{ file, from, to, kind, says string }{
		{"deployment", "readOnlyRootFilesystem", "readOnlyRootFileSystem", "Deployment", "readOnlyRootFileSystem"},
		{"deployment", "replicas: 1", `replicas: "1"`, "Deployment", "replicas"},
		{"deployment", "containerPort: 10054", "containerPort: http", "Deployment", "containerPort"},
		{"deployment", "volumeMounts:", "volumeMount:", "Deployment", "volumeMount"},
		{"deployment", "name: withings-exporter\n          image:", "image:", "Deployment", "name"},
		{"service", "targetPort", "target", "Service", "target"},
		{"persistentvolumeclaim", "accessModes", "accessMode", "PersistentVolumeClaim", "accessMode"},
		{"secret", "data:", "datas:", "Secret", "datas"},
		{"configmap", "namespace:", "nameSpace:", "ConfigMap", "nameSpace"},
		{"serviceaccount", "automountServiceAccountToken", "automountServiceaccountToken", "ServiceAccount", "automountServiceaccountToken"},
		{"networkpolicy", "policyTypes", "policies", "NetworkPolicy", "policies"},
		{"servicemonitor", "scrapeTimeout", "scrape_timeout", "ServiceMonitor", "scrape_timeout"},
		{"prometheusrule", "groups:", "group:", "PrometheusRule", "group"},
		{"prometheusrule", "monitoring.coreos.com/v1", "monitoring.coreos.com/v2", "PrometheusRule", "schema"},
	} {
		broken := copyChart(t)
		change(t, filepath.Join(broken, "templates", mistake.file+".yaml"), mistake.from, mistake.to)
		manifests, talk, err := helm(t, append([]string{"template", "home", broken}, with("all")...)...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", mistake.to, err, talk)
		}
		faults := verdict(t, location, manifests)
		names := slices.Collect(maps.Keys(faults))
		if len(names) != 1 || !strings.HasPrefix(names[0], mistake.kind+"/") || !strings.Contains(faults[names[0]], mistake.says) {
			t.Errorf("%s with %s: %q", mistake.file, mistake.to, faults)
		}
	}
}

// TestAPodMonitorIsCheckedToo is for the one kind that cannot be there with all others.
func TestAPodMonitorIsCheckedToo(t *testing.T) {
	broken := copyChart(t)
	change(t, filepath.Join(broken, "templates", "podmonitor.yaml"), "podMetricsEndpoints", "podMetricEndpoints")
	manifests, talk, err := helm(t, append([]string{"template", "home", broken}, with("off")...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, talk)
	}
	if fault := verdict(t, schemas(t), manifests)["PodMonitor/home-health"]; !strings.Contains(fault, "podMetricEndpoints") {
		t.Errorf("kubeconform says %q", fault)
	}
}

// TestAKeyThatIsThereTwiceIsFound is what -strict adds.
func TestAKeyThatIsThereTwiceIsFound(t *testing.T) {
	var twice bytes.Buffer
	twice.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"1\"}\ndata: {b: \"2\"}\n")
	command := exec.CommandContext(t.Context(), testrun.Kubeconform.Path(t), "-strict", "-schema-location", schemas(t))
	command.Stdin = &twice
	if out, err := command.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("data")) {
		t.Errorf("kubeconform: %v\n%s", err, out)
	}
}
