package helm

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestPodMeetsTheRestrictedStandard has what the Pod Security Standard "restricted"
// wants, and what the exporter can do without on top of it.
func TestPodMeetsTheRestrictedStandard(t *testing.T) {
	for _, file := range valuesFiles(t) {
		all := objects(t, render(t, "-f", file))
		pod := at(pick(t, all, "Deployment"), "spec", "template", "spec")
		for _, want := range []struct {
			value any
			path  []any
		}{
			{true, []any{"securityContext", "runAsNonRoot"}},
			{65532, []any{"securityContext", "runAsUser"}},
			{65532, []any{"securityContext", "runAsGroup"}},
			{65532, []any{"securityContext", "fsGroup"}},
			{"OnRootMismatch", []any{"securityContext", "fsGroupChangePolicy"}},
			{"RuntimeDefault", []any{"securityContext", "seccompProfile", "type"}},
			{false, []any{"containers", 0, "securityContext", "allowPrivilegeEscalation"}},
			{true, []any{"containers", 0, "securityContext", "readOnlyRootFilesystem"}},
			{[]any{"ALL"}, []any{"containers", 0, "securityContext", "capabilities", "drop"}},
			{false, []any{"automountServiceAccountToken"}},
			{false, []any{"enableServiceLinks"}},
			{nil, []any{"containers", 1}},
			{nil, []any{"initContainers"}},
			{nil, []any{"hostNetwork"}},
			{nil, []any{"hostPID"}},
		} {
			if got := at(pod, want.path...); !reflect.DeepEqual(got, want.value) {
				t.Errorf("%s: %v is %v, want %v", file, want.path, got, want.value)
			}
		}
		for _, volume := range at(pod, "volumes").([]any) {
			if at(volume, "hostPath") != nil {
				t.Errorf("%s: volume %v is a folder of the node", file, at(volume, "name"))
			}
		}
	}
}

// TestThereIsNeverASecondPod is what keeps tokens from being renewed by two at once.
func TestThereIsNeverASecondPod(t *testing.T) {
	for _, file := range valuesFiles(t) {
		spec := at(pick(t, objects(t, render(t, "-f", file)), "Deployment"), "spec")
		if at(spec, "replicas") != 1 || at(spec, "strategy", "type") != "Recreate" {
			t.Errorf("%s: %v replicas, %v", file, at(spec, "replicas"), at(spec, "strategy"))
		}
	}
}

// TestEverythingFindsThePod follows each selector, port and claim to what it means.
func TestEverythingFindsThePod(t *testing.T) {
	for _, file := range valuesFiles(t) {
		all := objects(t, render(t, "-f", file))
		template := at(pick(t, all, "Deployment"), "spec", "template")
		labels, _ := at(template, "metadata", "labels").(map[string]any)
		made := map[string]bool{}
		for _, o := range all {
			made[o.named()] = true
		}
		finds := func(what string, selector any) {
			t.Helper()
			wanted, _ := selector.(map[string]any)
			if len(wanted) < 2 {
				t.Errorf("%s: %s selects by %v", file, what, selector)
			}
			for name, value := range wanted {
				if labels[name] != value {
					t.Errorf("%s: %s wants %s to be %v, it is %v", file, what, name, value, labels[name])
				}
			}
		}
		finds("the Deployment", at(pick(t, all, "Deployment"), "spec", "selector", "matchLabels"))
		service := pick(t, all, "Service")
		finds("the Service", at(service, "spec", "selector"))

		var open, offered []any
		for _, port := range at(template, "spec", "containers", 0, "ports").([]any) {
			open = append(open, at(port, "name"))
		}
		for _, port := range at(service, "spec", "ports").([]any) {
			offered = append(offered, at(port, "name"))
			if !slices.Contains(open, at(port, "targetPort")) {
				t.Errorf("%s: the Service leads to %v, open are %v", file, at(port, "targetPort"), open)
			}
		}
		for _, o := range all {
			switch o["kind"] {
			case "ServiceMonitor":
				finds("the ServiceMonitor", at(o, "spec", "selector", "matchLabels"))
				serviceLabels, _ := at(service, "metadata", "labels").(map[string]any)
				for name, value := range at(o, "spec", "selector", "matchLabels").(map[string]any) {
					if serviceLabels[name] != value {
						t.Errorf("%s: the Service has %s %v, the ServiceMonitor wants %v", file, name, serviceLabels[name], value)
					}
				}
				if port := at(o, "spec", "endpoints", 0, "port"); !slices.Contains(offered, port) {
					t.Errorf("%s: the ServiceMonitor scrapes %v of %v", file, port, offered)
				}
			case "PodMonitor":
				finds("the PodMonitor", at(o, "spec", "selector", "matchLabels"))
				if port := at(o, "spec", "podMetricsEndpoints", 0, "port"); !slices.Contains(open, port) {
					t.Errorf("%s: the PodMonitor scrapes %v of %v", file, port, open)
				}
			case "NetworkPolicy":
				finds("the NetworkPolicy", at(o, "spec", "podSelector", "matchLabels"))
			}
		}
		for _, volume := range at(template, "spec", "volumes").([]any) {
			for _, of := range []struct {
				kind string
				path []any
			}{
				{"ConfigMap", []any{"configMap", "name"}},
				{"Secret", []any{"secret", "secretName"}},
				{"PersistentVolumeClaim", []any{"persistentVolumeClaim", "claimName"}},
			} {
				name, is := at(volume, of.path...).(string)
				outside := slices.Contains([]string{"withings", "kept", "authorities"}, name) && !made[of.kind+"/"+name]
				if is && !outside && !made[of.kind+"/"+name] {
					t.Errorf("%s: nobody makes %s %s", file, of.kind, name)
				}
			}
		}
		if account := at(template, "spec", "serviceAccountName"); account != "default" && account != "shared" && !made["ServiceAccount/"+account.(string)] {
			t.Errorf("%s: nobody makes the service account %v", file, account)
		}
	}
}

// TestPathsFollowTheConfiguration has probes and monitors ask where the exporter answers.
func TestPathsFollowTheConfiguration(t *testing.T) {
	for set, want := range map[string][2]string{
		"config.poll-interval=5m":                                                 {"/-/ready", "/metrics"},
		"config.web.route-prefix=/health/":                                        {"/health/-/ready", "/health/metrics"},
		`config.web\.route-prefix=health`:                                         {"/health/-/ready", "/health/metrics"},
		"config.web.route-prefix=/":                                               {"/-/ready", "/metrics"},
		"config.web.telemetry-path=/m":                                            {"/-/ready", "/m"},
		`config.web\.telemetry-path=/m,config.web.route-prefix=/a/b`:              {"/a/b/-/ready", "/a/b/m"},
		"config.web.external-url=https://home.example/health,notify.enabled=true": {"/-/ready", "/metrics"},
	} {
		all := objects(t, render(t, append(with("least"), "--set", "serviceMonitor.enabled=true,"+set)...))
		pod := at(pick(t, all, "Deployment"), "spec", "template", "spec", "containers", 0)
		got := [2]string{
			at(pod, "readinessProbe", "httpGet", "path").(string),
			at(pick(t, all, "ServiceMonitor"), "spec", "endpoints", 0, "path").(string),
		}
		if got != want || at(pod, "startupProbe", "httpGet", "path") != want[0] ||
			at(pod, "livenessProbe", "httpGet", "path") != strings.Replace(want[0], "ready", "healthy", 1) {
			t.Errorf("with %s: %v", set, at(pod))
		}
	}
}

// TestAChangeOfConfigurationOrSecretIsARestart compares the pod's template.
func TestAChangeOfConfigurationOrSecretIsARestart(t *testing.T) {
	template := func(more ...string) any {
		args := append([]string{"--set", "config.client-id=ID,secret.clientSecret=s"}, more...)
		return at(pick(t, objects(t, render(t, args...)), "Deployment"), "spec", "template")
	}
	before := template()
	if !reflect.DeepEqual(template("--set", "service.port=80"), before) {
		t.Error("a port of the Service restarts the pod")
	}
	for _, set := range []string{"config.poll-interval=10m", "secret.clientSecret=t", "secret.influxToken=t"} {
		if reflect.DeepEqual(template("--set", set), before) {
			t.Errorf("--set %s changes nothing of the pod", set)
		}
	}
}

// TestNobodyIsLetInByAnEmptyList is about a rule of network policies: without peers it
// is for everybody.
func TestNobodyIsLetInByAnEmptyList(t *testing.T) {
	for set, want := range map[string][]any{
		"config.poll-interval=5m": {"http"},
		"networkPolicy.from=null": nil,
		"networkPolicy.from=null,notify.enabled=true,config.web.external-url=https://home.example,networkPolicy.notifyFrom[0].ipBlock.cidr=10.0.0.0/8": {"notify"},
		"notify.enabled=true,config.web.external-url=https://home.example":                                                                             {"http"},
		"networkPolicy.notifyFrom[0].ipBlock.cidr=10.0.0.0/8":                                                                                          {"http"},
	} {
		policy := pick(t, objects(t, render(t, append(with("least"), "--set", "networkPolicy.enabled=true,"+set)...)), "NetworkPolicy")
		if types := at(policy, "spec", "policyTypes"); !reflect.DeepEqual(types, []any{"Ingress", "Egress"}) {
			t.Errorf("with %s: %v", set, types)
		}
		var got []any
		for _, rule := range at(policy, "spec", "ingress").([]any) {
			got = append(got, at(rule, "ports", 0, "port"))
			if from, _ := at(rule, "from").([]any); len(from) == 0 {
				t.Errorf("with %s, everybody reaches %v", set, at(rule, "ports", 0, "port"))
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("with %s, rules are for %v, want %v", set, got, want)
		}
	}
}
