package importer

import (
	"io"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
)

func TestAnArchiveOfNobodyIsToldOfTheService(t *testing.T) {
	const run = "sudo withings-exporter-service import data.zip"
	err := Import(t.Context(), command.Settings{Service: run}, Options{File: "data.zip"}, io.Discard, io.Discard)
	if err == nil || !strings.HasSuffix(err.Error(), "give --profile NAME; for the service of this machine, run: "+run) {
		t.Error(err)
	}
}
