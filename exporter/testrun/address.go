package testrun

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// FreeAddress finds a free loopback port below those of outgoing connections, one of
// which could otherwise take the port while a server restarts.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000))); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}
