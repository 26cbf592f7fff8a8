package boards

import (
	"encoding/json"
	"testing"
)

func TestNotesAreWrittenAsEachDataSourceReadsThem(t *testing.T) {
	note := annotation{name: "Fever", color: bad, query: "Q", title: "{{profile}}", every: "1d", titleColumn: "what", endColumn: "until"}
	want := map[Source]string{
		Prometheus: `{"datasource":{"type":"prometheus","uid":"${datasource}"},"enable":true,"expr":"Q","iconColor":"#b3431c","name":"Fever","step":"1d","titleFormat":"{{profile}}","useValueForTime":false}`,
		InfluxDB: `{"datasource":{"type":"influxdb","uid":"${datasource}"},"enable":true,"iconColor":"#b3431c","name":"Fever","target":{"fromAnnotations":true,"name":"Fever","query":"Q","queryType":"tags",` +
			`"rawQuery":true,"refId":"Annotation","tagsColumn":"","textColumn":"","timeEndColumn":"until","titleColumn":"what"}}`,
	}
	for _, source := range Sources() {
		all := annotations(source, []annotation{note})
		got, err := json.Marshal(all[len(all)-1])
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want[source] {
			t.Errorf("%s reads %s, want %s", source, got, want[source])
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
