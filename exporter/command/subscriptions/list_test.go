package subscriptions

import (
	"testing"

	"withings-exporter/exporter/withings"
)

// TestTheDemoIsNamedToWhoPractisesAgainstIt: it has the same people, and nobody has ever given its address.
func TestTheDemoIsNamedToWhoPractisesAgainstIt(t *testing.T) {
	for callback, want := range map[string]string{
		"http://demo.invalid/notify/s3cret":      "the demo, which shows these people, too",
		"http://demo.invalid.example/notify/s3":  "this exporter, at another address",
		"https://home.example/withings/notify/s": "this exporter, at another address",
	} {
		if got := (&manager{}).whose(withings.Subscription{Callback: callback, Comment: withings.Comment}); got != want {
			t.Errorf("%s is of %q, want %q", callback, got, want)
		}
	}
}
