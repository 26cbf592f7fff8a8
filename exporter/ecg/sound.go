package ecg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Sound is a recording of a stethoscope, compressed by the A-law of ITU-T G.711: a
// byte for each sample.
type Sound struct {
	Samples   []byte
	Frequency int // samples a second; 4000 is usual
}

// Limits of a sound. Stethoscopes record 20 seconds at 4000 samples a second.
const (
	MostSound     = 400_000
	MostSoundRate = 48_000
)

// WAV is the sound as a file that players understand. The samples stay as they are:
// WAVE has a format for the A-law.
func WAV(s Sound) ([]byte, error) {
	n := len(s.Samples)
	switch {
	case n == 0:
		return nil, errors.New("the recording has no samples")
	case n > MostSound:
		return nil, fmt.Errorf("the recording has %d samples; at most %d can be written", n, MostSound)
	case s.Frequency < 1 || s.Frequency > MostSoundRate:
		return nil, fmt.Errorf("the recording has %d samples a second; from 1 to %d can be written", s.Frequency, MostSoundRate)
	}
	const aLaw, mono, bits = 6, 1, 8
	padded := append(bytes.Clone(s.Samples), make([]byte, n%2)...) // chunks have an even length
	format := struct {
		Format, Channels     uint16
		Rate, BytesPerSecond uint32
		Align, Bits, Extra   uint16
	}{aLaw, mono, uint32(s.Frequency), uint32(s.Frequency), 1, bits, 0}
	var out bytes.Buffer
	chunk := func(name string, length int, content any) {
		out.WriteString(name)
		_ = binary.Write(&out, binary.LittleEndian, uint32(length)) // a Buffer does not fail
		_ = binary.Write(&out, binary.LittleEndian, content)
	}
	head := 4 + 8 + binary.Size(format) + 8 + 4 + 8
	chunk("RIFF", head+len(padded), []byte("WAVE"))
	chunk("fmt ", binary.Size(format), format)
	chunk("fact", 4, uint32(n))
	chunk("data", n, padded)
	return out.Bytes(), nil
}
