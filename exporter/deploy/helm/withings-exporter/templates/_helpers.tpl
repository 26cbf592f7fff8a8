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

{{/* What withings.yaml holds; a change of it restarts the pod. What is empty by default may be set under another spelling. */}}
{{- define "withings.config" -}}
{{- $config := deepCopy .Values.config }}
{{- range $key := list "client-id" "profiles" }}
{{- if not (index $config $key) }}{{ $_ := unset $config $key }}{{ end }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* What is below config by the names of the flags, however it is spelt there: influx.token-file for influx: {token_file: …},
     client-id for that of Home Assistant's block. */}}
{{- define "withings.flags" -}}
{{- $flags := dict }}
{{- include "withings.gather" (dict "into" $flags "group" "" "below" .Values.config) }}
{{- toYaml $flags }}
{{- end }}
{{- define "withings.gather" -}}
{{- $in := . }}
{{- range $key, $value := .below }}
{{- $name := print $in.group $key | replace "_" "-" }}
{{- if kindIs "map" $value }}{{ include "withings.gather" (dict "into" $in.into "group" (print $name ".") "below" $value) }}
{{- else if or $value (not (hasKey $in.into (trimPrefix "withings." $name))) }}{{ $_ := set $in.into (trimPrefix "withings." $name) $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* Refuses values that are possible each by itself. */}}
{{- define "withings.check" -}}
{{- $v := .Values }}{{ $flags := include "withings.flags" . | fromYaml }}
{{- if not $v.demo }}
{{- if not (index $flags "client-id") }}
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
{{- if hasKey $flags "client-secret" }}
{{- fail "config has client-secret, and everybody who may read ConfigMaps would see it: move it to secret.clientSecret, or to a Secret named by secret.existingSecret" }}
{{- end }}
{{- if hasKey $flags "influx.token" }}
{{- fail "config has influx.token, and everybody who may read ConfigMaps would see it: move it to secret.influxToken, or to the Secret, with its key in secret.influxTokenKey" }}
{{- end }}
{{- if and $v.notify.enabled (not (index $flags "web.external-url")) }}
{{- fail "notify.enabled needs config.web.external-url: give the https address that leads to port notify of the Service" }}
{{- end }}
{{- if index $flags "state.dir" }}
{{- fail "config has state.dir, which would have no effect: state is in /data/state, on the volume that persistence describes; leave it out" }}
{{- end }}
{{- if index $flags "web.listen-address" }}
{{- fail "config has web.listen-address, which would have no effect: the pod listens on port 10054, and service.port is the one that others see; leave it out" }}
{{- end }}
{{- if index $flags "web.config.file" }}
{{- fail "config has web.config.file, and the probes and monitors of this chart know neither certificates nor passwords: leave it out, and have an Ingress or a service mesh do TLS and sign-in" }}
{{- end }}
{{- end }}

{{/* What comes before every path: nothing, or a route prefix. */}}
{{- define "withings.prefix" -}}
{{- with index (include "withings.flags" . | fromYaml) "web.route-prefix" | default "" | trimAll "/" }}/{{ . }}{{ end }}
{{- end }}

{{- define "withings.metrics" -}}
{{- include "withings.prefix" . }}/{{ index (include "withings.flags" . | fromYaml) "web.telemetry-path" | default "metrics" | trimPrefix "/" }}
{{- end }}

{{/* The names of profiles, which may be one text. */}}
{{- define "withings.profiles" -}}
{{- $names := index (include "withings.flags" . | fromYaml) "profiles" | default "Anna" }}
{{- if kindIs "string" $names }}{{ $names = splitList "," $names }}{{ end }}
{{- toYaml $names }}
{{- end }}

{{/* A profile, as a shell takes it. */}}
{{- define "withings.profile" -}}
{{- if regexMatch "^[A-Za-z0-9_.-]+$" . }}{{ . }}{{ else }}'{{ replace "'" "'\\''" . }}'{{ end }}
{{- end }}
