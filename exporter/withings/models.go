package withings

// modelName is what a device is called: as its row does, or else by its model id. Withings calls the mat of a Sleep Analyzer by
// another name, or by none, in the list of devices and beside its minutes; here it has one.
func modelName(sent string, id int64) string {
	switch sent {
	case "":
		return models[id]
	case "Aura Sensor V2":
		return models[mat]
	}
	return sent
}

// mat is the model id of the sleep mat.
const mat = 63

// models names devices whose row leaves the name empty, by model id.
var models = map[int64]string{
	1:    "WBS01",
	2:    "WS30",
	3:    "Kid Scale",
	4:    "Smart Body Analyzer",
	5:    "Body+",
	6:    "Body Cardio",
	7:    "Body",
	9:    "Body Pro",
	10:   "Body Scan",
	11:   "WBS10",
	12:   "WBS11",
	13:   "Body+",
	14:   "Body",
	15:   "Body Comp 2",
	16:   "Body Smart",
	17:   "Body Pro 2",
	18:   "Body Comp",
	19:   "Body Scan 2",
	20:   "Body Fit",
	21:   "Smart Baby Monitor",
	22:   "Withings Home",
	41:   "Blood Pressure Monitor V1",
	42:   "Blood Pressure Monitor V2",
	43:   "Blood Pressure Monitor V3",
	44:   "BPM Core",
	45:   "BPM Connect",
	46:   "BPM Connect Pro",
	47:   "BPM Pro 2",
	48:   "BPM Vision",
	51:   "Pulse",
	52:   "Activité",
	53:   "Activité Pop",
	54:   "Withings Go",
	55:   "Steel HR",
	58:   "Pulse HR",
	59:   "Steel HR Sport",
	60:   "Aura Dock",
	61:   "Aura Sensor",
	62:   "Aura Dock",
	mat:  "Sleep Analyzer",
	70:   "Thermo",
	71:   "BeamO",
	90:   "Move",
	91:   "Move ECG",
	92:   "Move ECG",
	93:   "ScanWatch",
	94:   "ScanWatch 2",
	95:   "ScanWatch Light",
	100:  "Gateway",
	1051: "iOS step tracker",
	1052: "iOS step tracker",
	1053: "Android step tracker",
	1054: "Android step tracker",
	1055: "Google Fit tracker",
	1056: "Samsung Health tracker",
	1057: "HealthKit iPhone",
	1058: "HealthKit Apple Watch",
	1059: "HealthKit other",
	1060: "Google Health Connect",
	1061: "iGlucose glucometer",
	1062: "Huawei tracker",
	1063: "Lingo sensor",
}
