// Package reach says why a server could not be reached, and what a person can do
// about it. Errors of net/http name the method and the address, which may hold a
// password, and say little of what is wrong: a certificate of a private authority
// and a server that is switched off need different advice.
package reach
