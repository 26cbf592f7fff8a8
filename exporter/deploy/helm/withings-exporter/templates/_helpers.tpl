{{/* The name of all objects: at most 50 characters, so that dashboards can add theirs. */}}
{{- define "withings.name" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $chart := .Values.nameOverride | default .Chart.Name }}
{{- if contains $chart .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $chart | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- end }}

{{- define "withings.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "withings.labels" -}}
{{ include "withings.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "withings.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "withings.name" .) }}
{{- else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "withings.secret" -}}
{{ .Values.secret.existingSecret | default (include "withings.name" .) }}
{{- end }}

{{/* The key of InfluxDB's token in the Secret, or nothing. */}}
{{- define "withings.influxTokenKey" -}}
{{- if .Values.secret.existingSecret }}{{ .Values.secret.influxTokenKey }}
{{- else if .Values.secret.influxToken }}influx-token{{ end }}
{{- end }}

{{- define "withings.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What withings.yaml and the Secret hold; a change of either restarts the pod. */}}
{{- define "withings.config" -}}
{{ toYaml .Values.config }}
{{- end }}

{{/* Refuses values that are possible each by itself. */}}
{{- define "withings.check" -}}
{{- $v := .Values }}
{{- if not $v.demo }}
{{- if not (or (index $v.config "client-id") $v.config.withings) }}
{{- fail "config.client-id is missing: give the client id of your Withings application, or set demo=true to try the exporter with simulated people" }}
{{- end }}
{{- if not (or $v.secret.existingSecret $v.secret.clientSecret) }}
{{- fail "the client secret is missing: name a Secret that has it with secret.existingSecret, or give it as secret.clientSecret" }}
{{- end }}
{{- end }}
{{- if and $v.secret.existingSecret (or $v.secret.clientSecret $v.secret.influxToken) }}
{{- fail "secret.existingSecret names a Secret, and secret.clientSecret or secret.influxToken would make one: leave one of them out" }}
{{- end }}
{{- if and $v.serviceMonitor.enabled $v.podMonitor.enabled }}
{{- fail "serviceMonitor and podMonitor would have everything scraped twice: enable one of them" }}
{{- end }}
{{- if hasKey $v.config "client-secret" }}
{{- fail "config has client-secret, and everybody who may read ConfigMaps would see it: move it to secret.clientSecret, or to a Secret named by secret.existingSecret" }}
{{- end }}
{{- if hasKey ($v.config.influx | default dict) "token" }}
{{- fail "config.influx has token, and everybody who may read ConfigMaps would see it: move it to secret.influxToken, or to the Secret, with its key in secret.influxTokenKey" }}
{{- end }}
{{- if hasKey ($v.config.withings | default dict) "client_secret" }}
{{- fail "config.withings has client_secret, and everybody who may read ConfigMaps would see it: move it to secret.clientSecret, or to a Secret named by secret.existingSecret" }}
{{- end }}
{{- if and $v.notify.enabled (not (include "withings.web" (list $v.config "external-url"))) }}
{{- fail "notify.enabled needs config.web.external-url: give the https address that leads to port notify of the Service" }}
{{- end }}
{{- if or (index $v.config "state.dir") (dig "dir" "" ($v.config.state | default dict)) }}
{{- fail "config has state.dir, which would have no effect: state is in /data/state, on the volume that persistence describes; leave it out" }}
{{- end }}
{{- if include "withings.web" (list $v.config "listen-address") }}
{{- fail "config has web.listen-address, which would have no effect: the pod listens on port 10054, and service.port is the one that others see; leave it out" }}
{{- end }}
{{- if or (index $v.config "web.config.file") (dig "config" "file" "" ($v.config.web | default dict)) (dig "config.file" "" ($v.config.web | default dict)) }}
{{- fail "config has web.config.file, and the probes and monitors of this chart know neither certificates nor passwords: leave it out, and have an Ingress or a service mesh do TLS and sign-in" }}
{{- end }}
{{- end }}

{{/* A flag of the group web in withings.yaml, which may be there as web: {name: …} or as web.name. */}}
{{- define "withings.web" -}}
{{- $config := index . 0 }}{{ $name := index . 1 }}
{{- index $config (printf "web.%s" $name) | default (dig $name "" ($config.web | default dict)) }}
{{- end }}

{{/* What comes before every path: nothing, or a route prefix. */}}
{{- define "withings.prefix" -}}
{{- with include "withings.web" (list .Values.config "route-prefix") | trimAll "/" }}/{{ . }}{{ end }}
{{- end }}

{{- define "withings.metrics" -}}
{{- include "withings.prefix" . }}/{{ include "withings.web" (list .Values.config "telemetry-path") | default "metrics" | trimPrefix "/" }}
{{- end }}

{{/* A profile, as a shell takes it. */}}
{{- define "withings.profile" -}}
{{- if regexMatch "^[A-Za-z0-9_.-]+$" . }}{{ . }}{{ else }}'{{ replace "'" "'\\''" . }}'{{ end }}
{{- end }}
