package notify

import (
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter"
)

func noonClock() time.Time { return noon }

func TestEveryCategoryOfAServiceIsKnown(t *testing.T) {
	for _, service := range exporter.Services() {
		for _, category := range service.Row().Announced {
			if Words(category) == "" {
				t.Errorf("%s names category %d, which is not in the list", service, category)
			}
		}
	}
	// Section 7.2 of the reference, written down a second time.
	if got, want := Categories(), []int{1, 2, 4, 16, 44, 46, 50, 51, 52, 53, 54, 55, 58, 61, 62, 63}; !slices.Equal(got, want) {
		t.Errorf("known are %v, want %v", got, want)
	}
}

func TestWantedAreTheCategoriesOfTheServicesAndOfTheAccount(t *testing.T) {
	for _, c := range []struct {
		services []exporter.Service
		want     []int
	}{
		{nil, nil},
		{[]exporter.Service{exporter.Sleep, exporter.Measure}, []int{1, 2, 4, 44, 58, 63}},
		{[]exporter.Service{exporter.Workout, exporter.Activity}, []int{16}},
		{[]exporter.Service{exporter.Goal, exporter.Device, exporter.Objective}, []int{46}},
	} {
		if got := Wanted(c.services); !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v, want %v", c.services, got, c.want)
		}
	}
}

func TestAServiceIsAnnouncedWhenAllItsCertainCategoriesAre(t *testing.T) {
	for _, c := range []struct {
		confirmed []int
		want      []exporter.Service
	}{
		{nil, nil},
		{[]int{1, 2, 4, 58}, []exporter.Service{exporter.Measure}},
		{[]int{1, 2, 4, 58, 63}, []exporter.Service{exporter.Measure}},
		{[]int{1, 2, 4, 63}, nil},
		{[]int{63}, nil},
		{[]int{16}, []exporter.Service{exporter.Activity, exporter.Workout}},
		{[]int{46}, nil},
	} {
		confirmed := map[int]bool{}
		for _, category := range c.confirmed {
			confirmed[category] = true
		}
		services := []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep, exporter.Device, exporter.Workout}
		if got := announced(services, confirmed); !slices.Equal(got, c.want) {
			t.Errorf("with %v: %v, want %v", c.confirmed, got, c.want)
		}
	}
}
