// Package helm tests the Helm chart, and the manifests for those who have no Helm,
// which are made of it. It has no other code.
package helm
