// Package redact removes secrets from text that another system sent. A server that
// refuses a request may repeat it, including the Authorization header: in its error
// text, in a page, in the Location of a redirect. Such text ends up in the log, on
// the status page and in the output of check, so it goes through [Text] first.
//
// There are two filters. The first knows the secrets of the call and finds them in
// every encoding a server is likely to use. The second hides whatever looks like a
// credential or an e-mail address, because the secret may be one that this call
// did not have: the token before the renewal, or a password that a proxy added.
package redact
