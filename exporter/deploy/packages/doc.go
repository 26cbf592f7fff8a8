// Package packages has no code: its tests check what the Debian and RPM packages
// install. nfpm.yaml says what that is.
package packages
