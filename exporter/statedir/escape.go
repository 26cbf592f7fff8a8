package statedir

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// maxEscaped is the longest escaped name, in bytes. File systems allow 255
	// for a whole file name; the rest is for kind, extension and the endings of
	// temporary and damaged files.
	maxEscaped = 120
	// keptOfLong is how many bytes of a longer name stay readable before the hash.
	keptOfLong = 64
	// hashMark separates a long name from its hash; no other escaped name contains it.
	hashMark = "~"
)

const hexDigits = "0123456789abcdef"

// Escape turns a profile name into a file name: a–z, 0–9, "-" and "_" stay,
// a capital letter becomes "+" and its small one, any other byte "%" and two
// hexadecimal digits, and so does the first of a name that is taken. Names that are too long end in a hash instead.
func Escape(profile string) string {
	var b strings.Builder
	for i := range len(profile) {
		switch c := profile[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			b.WriteByte('+')
			b.WriteByte(c - 'A' + 'a')
		default:
			hexByte(&b, c)
		}
	}
	name := b.String()
	if isDevice(name) || isOwn(name) {
		b.Reset()
		hexByte(&b, name[0])
		name = b.String() + name[1:]
	}
	if len(name) > maxEscaped {
		sum := sha256.Sum256([]byte(profile))
		name = name[:keptOfLong] + hashMark + hex.EncodeToString(sum[:16])
	}
	return name
}

// Unescape returns the profile name. It fails for names that Escape does not produce,
// and for those with a hash, whose profile is only in the file.
func Unescape(name string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '+' && i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z':
			b.WriteByte(name[i+1] - 'a' + 'A')
			i++
		case c == '%' && i+2 < len(name):
			raw, err := hex.DecodeString(name[i+1 : i+3])
			if err != nil {
				return "", false
			}
			b.WriteByte(raw[0])
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	profile := b.String()
	return profile, Escape(profile) == name && !strings.Contains(name, hashMark)
}

func hexByte(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(hexDigits[c>>4])
	b.WriteByte(hexDigits[c&15])
}

// isDevice reports whether Windows would open a device instead of a file of
// this name, whatever its extension.
func isDevice(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	if len(name) != 4 || name[3] < '0' || name[3] > '9' {
		return false
	}
	return name[:3] == "com" || name[:3] == "lpt"
}

// isOwn reports whether the program has files of its own of this name, whatever their ending.
func isOwn(name string) bool {
	switch name {
	case "influx", "openmetrics", "rate", "serve", "simulator":
		return true
	}
	return false
}
