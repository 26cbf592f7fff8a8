package exporter

import (
	"fmt"
	"time"
)

// Unfinished is the error of an Upkeep that has more to do after a while. It is not a failure.
type Unfinished struct{ After time.Duration }

func (u Unfinished) Error() string { return fmt.Sprintf("more is to be done after %s", u.After) }
