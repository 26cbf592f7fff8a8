package boards

import (
	"strings"
	"testing"
)

func TestARowAboutSomethingIsThereForThoseWhoHaveIt(t *testing.T) {
	want := map[Source]string{
		Prometheus: `label_values({__name__=~"withings_spo2_ratio|withings_vo2_max_milliliters_per_minute_per_kilogram",profile=~"$profile",instance=~"$instance"}, profile)`,
		InfluxDB: `SELECT "profile", "known" FROM (SELECT last("spo2_ratio") AS "known" FROM "withings_heart" WHERE "profile" =~ /^${profile:regex}$/ GROUP BY "profile"), ` +
			`(SELECT last("vo2_max_milliliters_per_minute_per_kilogram") AS "known" FROM "withings_body" WHERE "profile" =~ /^${profile:regex}$/ GROUP BY "profile") WHERE ` + shown,
	}
	for _, source := range Sources() {
		b := standard(source)
		asked := tile(panel{title: "Oxygen of $profile", asks: []ask{b.newest("Oxygen", "spo2_ratio")}})
		page := board{slug: "x", rows: []row{{title: "Oxygen · $profile", whose: []string{"spo2_ratio", "vo2_max_milliliters_per_minute_per_kilogram"},
			panels: []panel{titled(linked(asked, "More", b.to("heart")), "More", b.to("heart"))}}}}
		d := page.render(source, Default())
		last := d.Templating.List[len(d.Templating.List)-1]
		if last.Name != "has_spo2_ratio" || *last.Query.String != want[source] || *last.Hide != 2 {
			t.Errorf("%s: the people are found by %s: %s, want %s", source, last.Name, *last.Query.String, want[source])
		}
		if heading := d.Panels[0].RowPanel; *heading.Repeat != last.Name || *heading.Title != "Oxygen\u2003${has_spo2_ratio:csv}" {
			t.Errorf("%s: the row %q stands for each of $%s", source, *heading.Title, *heading.Repeat)
		}
		whole, err := generic(d)
		if err != nil {
			t.Fatal(err)
		}
		p := whole["panels"].([]any)[1].(map[string]any)
		for what, text := range map[string]any{
			"title":  p["title"],
			"query":  p["targets"].([]any)[0].(map[string]any)[map[Source]string{Prometheus: "expr", InfluxDB: "query"}[source]],
			"link":   p["links"].([]any)[0].(map[string]any)["url"],
			"clicks": p["fieldConfig"].(map[string]any)["defaults"].(map[string]any)["links"].([]any)[0].(map[string]any)["url"],
		} {
			if s, _ := text.(string); !strings.Contains(s, "has_spo2_ratio") || strings.Contains(s, "{profile:") || strings.Contains(s, "$profile") {
				t.Errorf("%s: the %s is about other people: %v", source, what, text)
			}
		}
	}
}
