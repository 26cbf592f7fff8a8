package prom

import (
	"bytes"
	"os"
	"syscall"
)

// kernel asks the system.
type kernel struct {
	told
	stat, traffic *reading
}

// reading is a file of the system that stays open, since opening it takes longer than reading it.
type reading struct {
	file *os.File
	text []byte // what was read last
}

// open opens a file of the system.
func open(name string) *reading {
	file, err := os.Open(name)
	if err != nil {
		return &reading{}
	}
	return &reading{file: file, text: make([]byte, 16<<10)}
}

// again reads the file from its beginning; nothing if it cannot be read as a whole.
func (r *reading) again() []byte {
	n, err := r.file.ReadAt(r.text, 0) // the file may be nil, which is an error
	if err == nil {
		return nil // there is more
	}
	return r.text[:n]
}

// ticksPerSecond are those in which Linux counts the time of a process, on every architecture that Go knows.
const ticksPerSecond = 100

// read reads the numbers again. It reports whether the system told all of them.
func (k *kernel) read() bool {
	if k.stat == nil {
		k.stat, k.traffic = open("/proc/self/stat"), open("/proc/self/net/netstat")
	}
	return k.readStat(k.stat.again()) && k.readTraffic(k.traffic.again()) && k.readFiles() && k.readLimits()
}

// readStat reads proc_pid_stat(5): the fields after the name of the program in brackets, which may have any characters.
func (k *told) readStat(text []byte) bool {
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 22 {
		return false
	}
	k.cpu = (natural(fields[11]) + natural(fields[12])) / ticksPerSecond
	k.virtual = natural(fields[20])
	k.resident = natural(fields[21]) * float64(os.Getpagesize())
	return true
}

// readTraffic reads the line of proc_pid_net(5) with the bytes that came and went: names in one line, numbers in the next.
func (k *told) readTraffic(text []byte) bool {
	_, text, found := bytes.Cut(text, []byte("\nIpExt: "))
	names, text, _ := bytes.Cut(text, []byte("\nIpExt: "))
	numbers, _, _ := bytes.Cut(text, []byte("\n"))
	if !found {
		return false
	}
	for found {
		var name, number []byte
		name, names, found = bytes.Cut(names, []byte(" "))
		number, numbers, _ = bytes.Cut(numbers, []byte(" "))
		switch string(name) {
		case "InOctets":
			k.received = natural(number)
		case "OutOctets":
			k.sent = natural(number)
		}
	}
	return true
}

// readFiles counts the open files. Since Linux 6.2 the size of the folder is their number.
func (k *told) readFiles() bool {
	is, err := os.Stat("/proc/self/fd")
	if err != nil {
		return false
	}
	k.files = float64(is.Size())
	if k.files == 0 {
		names, err := os.ReadDir("/proc/self/fd")
		k.files = float64(len(names))
		return err == nil
	}
	return true
}

func (k *told) readLimits() bool {
	var files, virtual syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil || syscall.Getrlimit(syscall.RLIMIT_AS, &virtual) != nil {
		return false
	}
	k.maxFiles, k.maxVirtual = float64(files.Cur), float64(virtual.Cur)
	return true
}

// natural is a number without sign and point.
func natural(text []byte) float64 {
	var n uint64
	for _, c := range text {
		n = n*10 + uint64(c-'0')
	}
	return float64(n)
}
