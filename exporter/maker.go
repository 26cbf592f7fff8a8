package exporter

import "hash/fnv"

// Maker says which device made a record: a number that follows from the device's id, so
// that a record need not keep the id. It is told by an answer of Withings and not saved.
type Maker uint32

// The makers that are no device with an id.
const (
	Unnamed Maker = iota // a device that Withings does not name, or it is not known
	ByHand               // nobody: a person typed it in, or Withings filled a gap
)

// MakerOf is the maker of a device with an id, by its FNV-1a hash; Unnamed for an empty one.
func MakerOf(device string) Maker {
	if device == "" {
		return Unnamed
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(device))
	return max(Maker(hash.Sum32()), ByHand+1)
}
