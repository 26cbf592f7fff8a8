// Package reach explains why a server could not be reached, and what to do about
// it. Errors of net/http contain the method and the address, which may hold a
// password, and say little about the cause: a certificate of a private authority
// and a server that is switched off need different advice.
package reach
