package boards

import (
	"encoding/json"
	"testing"
)

func TestNotesAreWrittenAsEachDataSourceReadsThem(t *testing.T) {
	for name, c := range map[string]struct {
		note annotation
		want map[Source]string
	}{
		"stretches of days": {
			annotation{name: "Fever", color: bad, query: "Q", title: "{{profile}}", every: "1d", titleColumn: "what", endColumn: "until"},
			map[Source]string{
				Prometheus: `{"datasource":{"type":"prometheus","uid":"${datasource}"},"enable":true,"expr":"Q","iconColor":"#b3431c","name":"Fever","step":"1d","titleFormat":"{{profile}}","useValueForTime":false}`,
				InfluxDB: `{"datasource":{"type":"influxdb","uid":"${datasource}"},"enable":true,"iconColor":"#b3431c","name":"Fever","target":{"fromAnnotations":true,"name":"Fever","query":"Q","queryType":"tags",` +
					`"rawQuery":true,"refId":"Annotation","tagsColumn":"","textColumn":"","timeEndColumn":"until","titleColumn":"what"}}`,
			},
		},
		"moments, on request": {
			annotation{name: "Workout", color: bad, query: "Q", atIt: true, off: true, textColumn: "text", tagsColumn: "tags"},
			map[Source]string{
				Prometheus: `{"datasource":{"type":"prometheus","uid":"${datasource}"},"enable":false,"expr":"Q","iconColor":"#b3431c","name":"Workout","step":"60s","titleFormat":"","useValueForTime":true}`,
				InfluxDB: `{"datasource":{"type":"influxdb","uid":"${datasource}"},"enable":false,"iconColor":"#b3431c","name":"Workout","target":{"fromAnnotations":true,"name":"Workout","query":"Q","queryType":"tags",` +
					`"rawQuery":true,"refId":"Annotation","tagsColumn":"tags","textColumn":"text","timeEndColumn":"","titleColumn":""}}`,
			},
		},
	} {
		for _, source := range Sources() {
			all := annotations(source, []annotation{c.note})
			got, err := json.Marshal(all[len(all)-1])
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want[source] {
				t.Errorf("%s: %s reads %s, want %s", name, source, got, c.want[source])
			}
		}
	}
}

func TestEveryDashboardShowsWhatPeopleNote(t *testing.T) {
	for _, source := range Sources() {
		pages, err := Pages(source, Default())
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			list := page.JSON["annotations"].(map[string]any)["list"].([]any)
			target, _ := list[1].(map[string]any)["target"].(map[string]any)
			if tags, _ := target["tags"].([]any); len(tags) != 1 || tags[0] != "withings" {
				t.Errorf("%s %s shows notes with the tags %v", source, page.Slug, tags)
			}
		}
	}
}
