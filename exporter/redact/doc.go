// Package redact makes text of another system fit to be shown. A server that
// refuses a request may repeat it, the Authorization header included: in its
// error text, in a page, in the Location of a redirect. Such a text ends up in
// the log, on the status page and in the output of check, so it goes through
// [Text] first.
//
// Two nets catch what must not be shown. The first knows the secrets of the call
// and finds them in every encoding a server is likely to repeat them in. The
// second knows none and hides what looks like a credential, since the secret may
// be one that this call did not have: the token before the renewal, the password
// that a proxy added.
package redact
