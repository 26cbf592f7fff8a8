//go:build unix

package web

import (
	"net"
	"syscall"
)

// listens reports whether a socket takes connections: with Accept=yes in its unit, systemd passes a connection, which Go
// takes for a listener that fails at once.
func listens(l net.Listener) bool {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true // using it tells why
	}
	accepts := 1
	_ = raw.Control(func(fd uintptr) {
		if is, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN); err == nil {
			accepts = is
		}
	})
	return accepts != 0
}
