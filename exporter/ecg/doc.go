// Package ecg knows how an ECG is written down: as a table of numbers, and as a
// curve on millimetre paper, on which a second is 25 mm wide and a millivolt 10 mm
// high, as doctors are used to. It also knows how the sound of a stethoscope becomes
// a file that can be played. It asks nobody and reads no files.
package ecg
