package ecg

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestASoundIsAFileOfALawSamples(t *testing.T) {
	got, err := WAV(Sound{Samples: []byte{213, 212, 85}, Frequency: 4000})
	if err != nil {
		t.Fatal(err)
	}
	want := "RIFF" + "\x36\x00\x00\x00" + "WAVE" +
		"fmt " + "\x12\x00\x00\x00" + "\x06\x00" + "\x01\x00" + "\xa0\x0f\x00\x00" + "\xa0\x0f\x00\x00" + "\x01\x00" + "\x08\x00" + "\x00\x00" +
		"fact" + "\x04\x00\x00\x00" + "\x03\x00\x00\x00" +
		"data" + "\x03\x00\x00\x00" + "\xd5\xd4\x55" + "\x00"
	if string(got) != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if size := binary.LittleEndian.Uint32(got[4:]); int(size) != len(got)-8 {
		t.Errorf("the file says it has %d bytes after its head, but has %d", size, len(got)-8)
	}
}

func TestASoundThatCannotBeWrittenSaysWhy(t *testing.T) {
	for _, c := range []struct {
		sound Sound
		want  string
	}{
		{Sound{Frequency: 4000}, "no samples"},
		{Sound{Samples: make([]byte, MostSound+1), Frequency: 4000}, "400001 samples; at most 400000"},
		{Sound{Samples: []byte{1}}, "0 samples a second"},
		{Sound{Samples: []byte{1}, Frequency: 1 << 30}, "1073741824 samples a second"},
	} {
		if got, err := WAV(c.sound); err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
