package bundle

import (
	"slices"
	"testing"
	"time"
)

func TestAPodIsToldToBeAContainer(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	p := Running(time.Now())
	if !p.Container || !slices.Contains(p.Set, "KUBERNETES_SERVICE_HOST") {
		t.Errorf("it tells %+v", p)
	}
}
