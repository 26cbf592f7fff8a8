package boards

import "testing"

// TestABarThatIsAloneHasItsName has Grafana's condition for a name: one for all bars. It hides each from overrides by name.
func TestABarThatIsAloneHasItsName(t *testing.T) {
	p := gauges(panel{asks: []ask{{name: "Steps", color: "red"}, {name: "Sleep"}}})
	if is := p.defaults().DisplayName; is == nil || *is == "" {
		t.Error("there is no name for all, so that Grafana leaves out the name of a bar that is alone")
	}
	overrides := p.overriding()
	for i, name := range []string{"Steps", "Sleep"} {
		if i >= len(overrides) || overrides[i].Matcher.Id != "byFrameRefID" || overrides[i].Matcher.Options != refID(i) {
			t.Fatalf("the look of %s is not by its ask: %v", name, overrides)
		}
		named := false
		for _, property := range overrides[i].Properties {
			named = named || property.Id == "displayName" && property.Value == name
		}
		if !named {
			t.Errorf("%s has no name: %v", name, overrides[i].Properties)
		}
	}
	if is := gauges(panel{asks: []ask{{}}}).defaults().DisplayName; is != nil {
		t.Errorf("bars that are named by a label have the name %s", *is)
	}
}
