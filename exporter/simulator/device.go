package simulator

import "strings"

import "fmt"

// Device is one thing a person owns.
type Device struct {
	ID      string // 40 hexadecimal characters
	Type    string // Scale, Activity Tracker …
	Model   string // as getdevice names it; empty for the sleep mat
	ModelID int    // the table of section 6.4
}

// devices are what a person owns, by use; nil means not owned.
type devices struct {
	scale, watch, cuff, core, mat, thermo, uscan, phone *Device
}

// own makes a device of a person; its id follows from the person and the model.
func (p *person) own(kind, model string, modelID int) *Device {
	var id strings.Builder
	for i := range uint64(5) {
		id.WriteString(fmt.Sprintf("%08x", uint32(hash(p.key, uint64(topicDevice), uint64(modelID), i))))
	}
	d := &Device{ID: id.String(), Type: kind, Model: model, ModelID: modelID}
	p.Devices = append(p.Devices, *d)
	return d
}

// id returns the device id as it appears in answers: null for entries without a device.
func (d *Device) id() any {
	if d == nil {
		return nil
	}
	return d.ID
}

// modelID returns the model number as it appears in answers.
func (d *Device) modelID() any {
	if d == nil {
		return nil
	}
	return d.ModelID
}

// modelName returns the model name as it appears beside values; the mat has a name there.
func (d *Device) modelName() any {
	switch {
	case d == nil:
		return nil
	case d.ModelID == modelMat:
		return "Aura Sensor V2"
	}
	return d.Model
}

// The models that people have, from the table of section 6.4.
const (
	modelBodyScan   = 10
	modelBodyPlus   = 13
	modelBodyScan2  = 19
	modelBodyFit    = 20
	modelBPMCore    = 44
	modelBPMConnect = 45
	modelMat        = 63
	modelThermo     = 70
	modelUScan      = 72 // seen beside its measures; the table does not have it
	modelScanWatch2 = 94
	modelPhone      = 1054
	modelHealthKit  = 1059
	modelConnect    = 1060
	modelNone       = -1
)

// The device classes that sleep rows carry as model.
const (
	classTracker = 16
	classMat     = 32
)
