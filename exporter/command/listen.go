package command

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// listenLike is advice on flags with an address to listen on that is unlike that of the pages.
var listenLike = map[string]string{"listen": "localhost:8019 or :8019"}

// ListenAddress splits the value of a flag that is an address to listen on: a host, which may be empty, and a port by its number or
// the name of its service. Whether this machine has the host, and the port is free, is seen when it is opened.
func ListenAddress(flag, address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	problem := ""
	switch number, notNumber := strconv.Atoi(port); {
	case err != nil:
		problem = "is not an address to listen on"
	case port == "":
		problem = "has no port"
	case notNumber == nil && (number < 0 || number > 65535):
		problem = "has a port outside 0 to 65535"
	case notNumber != nil && !isService(port):
		problem = fmt.Sprintf("has the port %q, which is neither a number nor a known service", port)
	case !isHost(host):
		return "", "", Usagef("give an address of this machine, or leave it out to listen on all of them, such as :10054", "--%s %q has the host %q, which is neither a name nor an address", flag, address, host)
	default:
		return host, port, nil
	}
	return "", "", Usagef("give host:port, such as "+cmp.Or(listenLike[flag], "localhost:10054 or :10054"), "--%s %q %s", flag, address, problem)
}

// isService reports whether this machine knows a port by a name.
func isService(port string) bool {
	_, err := net.LookupPort("tcp", port)
	return err == nil
}

// isHost reports whether a host to listen on can be one: none, an address, or a name that is not made of numbers alone.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return true
	}
	return !strings.ContainsAny(host, " \t*/@,;") && strings.Trim(host, "0123456789.") != ""
}
